"""`hedged certify` as a whole process against the embedded exchange."""

import json
import os
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedged.app import account_locks
from hedged.cli.commands import app
from hedged.config import load
from hedged.store import held
from tests.core.any_event import START
from tests.houses import house
from tests.process import KEYS, Exchange, hedged, process, written


def left(exchange: Exchange) -> list[object]:
    (account,) = exchange.admin("state")["accounts"].values()
    held = {k: p["quantity"] for k, p in account["positions"].items() if p["quantity"] != "0"}
    return [held, account["open_orders"]]


def test_it_certifies_every_contract_that_is_traded(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    done = hedged("certify", "--venue", "main", "-c", config, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert [(t["symbol"], t["passed"]) for t in told["trials"]] == [
        ("BTC/USD:BTC", True),
        ("ETH/USD:ETH", True),
    ]
    assert all(step["mark"] == "good" for t in told["trials"] for step in t["steps"])
    kept = json.loads((tmp_path / "state" / "certificates.json").read_text())["certificates"]
    assert [(c["exchange"], c["symbol"], c["contract_size"]) for c in kept] == [
        (house().name, f"{coin}/USD:{coin}", size) for coin, size in house().sizes.items()
    ]
    assert left(exchange) == [{}, []]


def test_a_venue_that_does_something_else_gets_none(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    exchange.admin("fault", kind="html", path="create", times=1)
    done = hedged("certify", "--venue", "main", "--symbol", "BTC/USD:BTC", "-c", config)
    assert done.returncode == 1
    assert "✗" in done.stdout
    assert "unknown: BadResponse" in done.stdout
    assert "no certificate" in done.stdout
    assert not (tmp_path / "state" / "certificates.json").exists()
    assert left(exchange) == [{}, []]


@pytest.mark.parametrize(
    ("execution", "venue", "told"),
    [
        ("dry-run", "main", "nothing may be sent"),
        ("live", "nope", "venues.nope: is not in the file, which has: main"),
    ],
)
def test_what_cannot_be_tried_is_one_line(
    tmp_path: Path, execution: str, venue: str, told: str
) -> None:
    config = written(tmp_path, "http://127.0.0.1:9", execution=execution)
    done = CliRunner().invoke(app, ["certify", "--venue", venue, "-c", str(config)])
    assert (done.exit_code, done.stdout) == (78, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_account_that_a_daemon_trades_is_refused(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    (lock,) = account_locks(load(config, env=KEYS), KEYS, tmp_path)
    with held(lock, "the account", START):
        done = CliRunner().invoke(app, ["certify", "--venue", "main", "-c", str(config)])
    assert done.exit_code == 1
    assert "the account of venue main is in use by process" in done.stderr


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.proof)]
)
def test_a_signal_leaves_nothing_behind(
    exchange: Exchange, tmp_path: Path, number: signal.Signals
) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    exchange.admin("fault", kind="delay", path="cancel", seconds=1, times=1)
    with process("certify", "--venue", "main", "-c", config) as running:
        while not left(exchange)[1]:  # an order rests: a trial is under way
            assert running.popen.poll() is None
        os.kill(running.popen.pid, number)
        assert running.popen.wait(30) == 130
        running.close()
    assert left(exchange) == [{}, []]
