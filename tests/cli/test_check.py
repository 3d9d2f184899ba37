"""`hedged check` without a venue: what it warns of, and how it shows what it read."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from tests.process import KEYS, written

NOWHERE = "http://127.0.0.1:1"


def check(config: Path | str, *options: str, env: dict[str, str] = KEYS) -> str:
    done = CliRunner().invoke(app, ["check", "-c", str(config), *options], env=env)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, NOWHERE)


def test_it_shows_books_as_a_person_would_write_them(config: Path) -> None:
    assert check(config) == (f"{config}: ok, environment sim, dry-run\n  book core: BTC, ETH\n")


def test_the_name_of_the_file_is_shown_as_it_is(config: Path) -> None:
    for name in ("[x].toml", "[/x].toml"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(config.read_text())
        assert check(name).startswith(f"{name}: ok")


def test_secrets_that_cannot_be_read_here_are_warnings(config: Path) -> None:
    text = config.read_text().replace("env:HEDGED_DEMO_SECRET", "file:key")
    config.write_text(text)
    (config.parent / "key").write_text("demo-secret")
    (config.parent / "key").chmod(0o644)
    shown = check(config, env={})
    assert "the environment variable HEDGED_DEMO_KEY is not set" in shown
    assert "can be read by others" in shown
    assert "demo-secret" not in shown
    assert shown.count("warning: ") == 2


def test_the_warnings_are_a_list_in_json(config: Path) -> None:
    first, second = json.loads(check(config, "--json", env={}))["warnings"]
    assert first.startswith(f"{config}:7: venues.main.api_key: ")
    assert second.startswith(f"{config}:8: venues.main.secret: ")
    assert json.loads(check(config, "--json"))["warnings"] == []


def test_an_address_that_others_reach_wants_a_token(config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text() + '\n[web]\nbind = "0.0.0.0:8430"\n')
    env = {**KEYS, "STATE_DIRECTORY": str(tmp_path / "state")}
    assert "warning: web.bind: others than this machine can reach it" in check(config, env=env)
    made = CliRunner().invoke(app, ["token", "new", "anna", "-c", str(config)], env=env)
    assert made.exit_code == 0
    assert "warning" not in check(config, env=env)
    (tmp_path / "state/tokens-sim.json").write_text("torn {")
    assert "warning: the tokens in " in check(config, env=env)


def test_transfers_are_refused_where_hedged_makes_none(config: Path) -> None:
    text = config.read_text().replace('exchange = "bybit"', 'exchange = "deribit"')
    accounts = '[{ venue = "main", accounts = ["sub:savings"] }]'
    moving = f'spot = {accounts}\ntransfers = {{ account = "sub:savings" }}'
    config.write_text(text.replace('spot = ["main"]', moving, 1))
    refused = CliRunner().invoke(app, ["check", "-c", str(config)], env=KEYS)
    assert refused.exit_code == 78
    said = "books.core.hedges[0].transfers.account: hedged moves no collateral at deribit; remove"
    assert said in refused.stderr


def test_bounds_of_collateral_that_are_another_coin_s_are_a_warning(config: Path) -> None:
    far = 'asset = "ETH"\nspot = ["main", { static = 5 }]'
    config.write_text(config.read_text().replace('asset = "ETH"\nspot = ["main"]', far))
    assert "ETH: the bounds of its collateral are BTC's: collateral_low 35%" in check(config)
