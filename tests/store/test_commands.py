"""`hedged journal`: what a person and a spreadsheet get to see."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hedged.cli.journal import journal
from hedged.core.events import Acknowledged, Intended, Rejected, StateChanged, Submitted
from hedged.core.types import TradingState
from hedged.store import held, journal_lock
from hedged.store.writer import Writer
from tests.core.any_event import START, fill, terms

ORDER = terms()
ID = ORDER.client_id


@pytest.fixture
def filled(path: Path) -> Path:
    writer = Writer(path)
    writer.open(START)
    writer.write([Intended(ORDER), Submitted(ID), Acknowledged(ID, "v1"), fill(ORDER, "40")], START)
    two = terms(2).client_id
    writer.write([Intended(terms(2)), Submitted(two), Rejected(two, 'too "small"')], START)
    writer.write([StateChanged(TradingState.HALTED, "anna", "look, here")], START)
    writer.close()
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(journal, [str(argument) for argument in arguments])


def test_show_prints_a_line_an_entry(filled: Path) -> None:
    done = run("show", "--file", filled)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) == 9
    assert lines[-1].split(maxsplit=4)[0::3] == ["9", "state-change"]
    assert "who=anna" in lines[-1]


def test_show_selects(filled: Path) -> None:
    assert len(run("show", "--file", filled, "--last", 2).stdout.splitlines()) == 2
    assert len(run("show", "--file", filled, "--order", ID).stdout.splitlines()) == 4
    by_kind = run("show", "--file", filled, "--kind", "intent", "--kind", "fill").stdout
    assert len(by_kind.splitlines()) == 3
    assert run("show", "--file", filled, "--since", "2026-01-02").stdout == ""
    assert len(run("show", "--file", filled, "--since", "2026-01-01").stdout.splitlines()) == 9


def test_export_as_one_json_object(filled: Path) -> None:
    done = run("export", "--file", filled)
    entries = json.loads(done.stdout)["entries"]
    assert [entry["seq"] for entry in entries] == list(range(1, 10))
    assert entries[4] == {
        "seq": 5,
        "at": "2026-01-01T00:00:00+00:00",
        "kind": "fill",
        "event": {
            "client_id": ID,
            "venue": "main",
            "symbol": "BTC/USD:BTC",
            "trade_id": "t1",
            "side": "sell",
            "contracts": "40",
            "contract_size": "1",
            "unit": "USD",
            "price": "60000",
            "traded_at": "2026-01-01T00:00:00+00:00",
            "fee": None,
            "is_maker": None,
            "cause": "trade",
        },
    }


def test_export_of_nothing_is_an_object_still(filled: Path) -> None:
    done = run("export", "--file", filled, "--kind", "ack")
    assert json.loads(done.stdout) == {"entries": []}


def test_export_as_csv(filled: Path) -> None:
    done = run("export", "--file", filled, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 9
    assert rows[7]["kind"] == "refusal"
    assert json.loads(rows[7]["event"])["detail"] == 'too "small"'
    assert rows[1]["client_id"] == ID


def test_a_running_daemon_does_not_keep_anybody_from_reading(filled: Path) -> None:
    writer = Writer(filled)
    writer.open(START)
    with writer._open.begin():
        assert len(run("show", "--file", filled).stdout.splitlines()) == 9
    writer.close()


def test_rebuild_puts_it_aside_unless_it_is_in_use(filled: Path) -> None:
    with held(journal_lock(filled), "the journal", START):
        refused = run("rebuild", "--file", filled, "--yes")
    assert refused.exit_code == 1
    assert "in use by process" in refused.stderr
    assert run("rebuild", "--file", filled).exit_code == 1, "nobody said yes"
    assert filled.exists()
    done = run("rebuild", "--file", filled, "--yes")
    assert done.exit_code == 0, done.output
    assert not filled.exists()
    assert len(list(filled.parent.glob("*.damaged-*"))) == 1


def test_the_journal_of_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("BYBIT_API_KEY", "k")
    monkeypatch.setenv("BYBIT_SECRET", "s")
    example = Path(__file__).parents[2] / "config/example.toml"
    done = run("show", "-c", example)
    assert done.exit_code == 1
    assert f"there is no journal at {tmp_path}/journal-testnet.db" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show",), 2),
        (("show", "--file", "x", "--kind", "nonsense"), 2),
        (("show", "--file", "/nowhere/x.db"), 1),
        (("show", "-c", "/nowhere/x.toml"), 78),
    ],
)
def test_mistakes(arguments: tuple[str, ...], code: int) -> None:
    done = run(*arguments)
    assert done.exit_code == code
    assert "Traceback" not in done.output
