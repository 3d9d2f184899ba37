"""`hedged init` writes a file that is read, is safe, and never takes the place of another."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from hedged.cli import init as module
from hedged.cli.commands import app
from hedged.config import load
from hedged.core.types import Environment, Execution
from hedged.venue.overview import About, venues


def init(path: Path, *options: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["init", "-c", str(path), *options], input=typed)


def test_the_defaults_are_safe_and_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    done = init(path, "--yes")
    assert done.exit_code == 0
    written = load(path, env={})
    assert (written.environment, written.execution) == (Environment.TESTNET, Execution.DRY_RUN)
    assert [hedge.asset for hedge in written.books["core"].hedges] == ["BTC"]
    assert written.web.bind == "127.0.0.1:8430"
    assert "export BYBIT_API_KEY=..." in done.stdout
    assert CliRunner().invoke(app, ["check", "-c", str(path)]).exit_code == 0


def test_options_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    options = ["--environment", "sim", "--asset", "BTC", "--asset", "ETH", "--cold", "ETH=2.5"]
    assert init(path, "--yes", *options, "--ratio", "50%", "--alerts", "env:URL").exit_code == 0
    written = load(path, env={})
    first, second = written.books["core"].hedges
    assert (first.spot, str(second.spot[0].static)) == ((), "2.5")  # type: ignore[union-attr] # a cold wallet
    assert str(first.ratio) == "0.50"
    assert str(written.alerts.to[0]) == "env:URL"


def test_for_the_service_it_says_what_the_service_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SERVICES", tmp_path)
    keys = ("--api-key", "credential:api_key", "--secret", "credential:secret")
    said = init(tmp_path / "main.toml", "--yes", *keys).stdout
    assert "sudo systemctl enable --now hedged@main" in said
    assert "hedged run" not in said


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    done = init(path, "--yes")
    assert (done.exit_code, path.read_text()) == (1, "mine")
    assert "--force" in done.output
    assert init(path, "--yes", "--force").exit_code == 0
    assert load(path, env={}).books


def test_what_would_be_refused_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    done = init(path, "--yes", "--band", "9")
    assert done.exit_code == 78
    assert 'did you mean "9%"?' in done.output
    assert not path.exists()


def test_it_asks_who_can_answer_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    assert init(path).exit_code == 1
    assert not path.exists()
    monkeypatch.setattr(module, "_is_asked", lambda: True)
    answers = [
        "bybit",
        "testnet",
        "inverse",
        "earn",
        "BTC, ETH",
        "1.5",
        "0",
        "env:K",
        "env:S",
        "0.8",
        "1%",
        "",
        "",
    ]
    done = init(path, typed="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    written = load(path, env={})
    assert [hedge.asset for hedge in written.books["core"].hedges] == ["BTC", "ETH"]
    accounts, cold = written.books["core"].hedges[0].spot
    assert accounts.accounts == ("trading", "earn")  # type: ignore[union-attr] # of a venue
    assert str(cold.static) == "1.5"  # type: ignore[union-attr] # a cold wallet


@settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])
@given(
    st.lists(st.sampled_from(["BTC", "ETH", "btc", 'B"C', ""]), min_size=1, max_size=3),
    st.text(max_size=8),
    st.sampled_from(["env:A", "A", 'file:a"b', "file:\\x", "credential:x"]),
    st.text(max_size=8) | st.sampled_from(["1", "0.5", "50%"]),
)
def test_whatever_is_wished_the_file_is_read_or_not_written(
    tmp_path: Path, assets: list[str], amount: str, key: str, ratio: str
) -> None:
    path = tmp_path / "any.toml"
    path.unlink(missing_ok=True)
    wished = [word for asset in assets for word in ("--asset", asset)]
    done = init(
        path, "--yes", *wished, f"--cold=BTC={amount}", f"--api-key={key}", f"--ratio={ratio}"
    )
    assert done.exit_code in {0, 1, 2, 78}, done.output
    assert path.exists() == (done.exit_code == 0)
    if path.exists():
        assert load(path, env={}).execution is Execution.DRY_RUN


def test_a_name_that_no_file_can_have_is_one_line(tmp_path: Path) -> None:
    for name in ("a\x00b", "x" * 400, "no/such/folder"):
        done = CliRunner().invoke(app, ["init", "--yes", "-c", str(tmp_path / name)])
        assert done.exit_code in {1, 2}, name
        assert "Traceback" not in done.output


@pytest.mark.parametrize("about", venues(), ids=lambda about: about.exchange)
@pytest.mark.parametrize("kind", ["", "inverse", "linear"])
def test_every_venue_and_contract_makes_a_file_that_is_read(
    tmp_path: Path, about: About, kind: str
) -> None:
    path = tmp_path / "mine.toml"
    world = "testnet" if about.has_test_environment else "mainnet"
    chosen = [f"--contract={kind}"] if kind else []
    further = [f"--account={name}" for name in about.accounts if name != "sub"]
    done = init(
        path, "--yes", "--exchange", about.exchange, "--environment", world, *chosen, *further
    )
    if kind and kind not in about.kinds:
        assert (done.exit_code, path.exists()) == (78, False)
        assert f"only {about.kinds[0]} contracts" in done.output
        return
    assert done.exit_code == 0, done.output
    settings = load(path, env={})
    (hedge,) = settings.books["core"].hedges
    wanted = kind or about.kinds[0]
    assert hedge.instrument == {"inverse": "BTC/USD:BTC", "linear": "BTC/USDT:USDT"}[wanted]
    assert (settings.venues["main"].passphrase is not None) == about.needs_passphrase
    assert bool(hedge.spot) == bool(further)
    assert f"export {about.exchange.upper()}_API_KEY=..." in done.stdout
    for note in about.notes:
        assert note in done.stdout
    assert CliRunner().invoke(app, ["check", "-c", str(path)]).exit_code == 0


def test_an_exchange_is_known_and_has_what_is_wished(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    for wishes, said in (
        (["--exchange", "bybitt"], "did you mean 'bybit'?"),
        (["--exchange", "nowhere"], "there are: binance"),
        (["--exchange", "mexc"], "no test environment"),
    ):
        done = init(path, "--yes", *wishes)
        assert (done.exit_code, path.exists()) == (78, False)
        assert said in done.output
