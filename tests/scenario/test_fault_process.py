"""Faults of the process and its machine, as an operator meets them: signals, disk, files, keys.

The whole daemon runs as a process against the embedded exchange as another one. What these show of
exit codes and of lines for people, `test_fault_store.py` shows of the journal, in one process.
"""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.houses import house
from tests.process import KEYS, Exchange, embedded_exchange, hedged, process, written

pytestmark = pytest.mark.proof

DIES = """
from hedged.engine.hedger import Hedger
from hedged.cli import main

cycle = Hedger.run_cycle

async def dying(self):
    if self.tally.cycles >= 2:
        raise AttributeError("a bug, as it were")
    return await cycle(self)

Hedger.run_cycle = dying
main()
"""


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with embedded_exchange() as running:
        yield running


def creates(exchange: Exchange) -> int:
    """How many orders there have ever been at the exchange, whoever sent them."""
    events = exchange.admin("events")["events"]
    return len({event["reference"] for event in events if event["kind"] == "order"})


def positions(exchange: Exchange) -> dict[str, Any]:
    held: dict[str, Any] = exchange.admin("state")["accounts"]["demo"]["positions"]
    return held


def opened(exchange: Exchange, folder: Path) -> tuple[Path, Path]:
    """A book that a daemon has hedged before it was stopped: its configuration and its journal."""
    config = written(folder, exchange.url, execution="live")
    with process("run", "-c", config, "--live") as daemon:
        for asset in ("BTC", "ETH"):
            daemon.event("cycle.done", asset=asset, reason="IN_BAND")
        assert daemon.end() == 0
    return config, folder / "state" / "journal-sim.db"


def assert_refused(done: "subprocess.CompletedProcess[str]", code: int, *said: str) -> None:
    """One line that says what and what to do, its exit code, no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("hedged: ")]
    assert len(lines) == 1, done.stderr
    for text in said:
        assert text in done.stderr


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("fault", ["delay", "reply_lost"])
def test_fault_28_sigterm_with_an_order_in_flight_resolves_or_persists_it(
    fault: str, tmp_path: Path
) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url, execution="live")
        home, create = house(), {"path": "create", "containing": "BTCUSD"}
        if fault == "delay":  # the reply is still under way when the signal comes
            exchange.admin("fault", kind="delay", seconds="1.5", accepted=True, **create)
        else:  # whether it exists cannot be found out before the exit
            exchange.admin("fault", kind="reply_lost", **create)
            doubtful = str(home.codes["doubtful"][1])
            exchange.admin(
                "fault", kind="code", code=doubtful, containing=home.client_id, times="0"
            )
        with process("run", "-c", config, "--live") as daemon:
            daemon.event("order.sent", instrument="BTC/USD:BTC")
            assert daemon.end() == (0 if fault == "delay" else 3)
        said = [entry["event"] for entry in daemon.events()]
        assert [event for event in said if event != "alert.told"][-1] == "daemon.stopped"
        before = positions(exchange)
        assert home.perp() in before
        if fault == "reply_lost":
            exchange.admin("lift", number="2")
        with process("run", "-c", config, "--live") as daemon:
            daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
            assert daemon.end() == 0
        assert positions(exchange)[home.perp()] == before[home.perp()]


def test_fault_31_a_task_that_dies_takes_the_process_with_it(
    exchange: Exchange, tmp_path: Path
) -> None:
    config = written(tmp_path, exchange.url)
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", DIES, "run", "-c", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **KEYS},
    )
    assert done.returncode == 1
    assert "a bug, as it were" in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "hedged: a loop failed, see the log; restart to reconcile"
    )


def test_fault_32_a_journal_of_a_newer_hedged_is_refused(
    exchange: Exchange, tmp_path: Path
) -> None:
    config, journal = opened(exchange, tmp_path)
    with closing(sqlite3.connect(journal)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9001'")
    before, kept = creates(exchange), journal.read_bytes()
    exchange.admin("deposit", account="demo", coin="BTC", amount="1")
    assert_refused(hedged("run", "-c", config, "--live"), 1, "newer hedged", "upgrade hedged")
    assert creates(exchange) == before
    assert journal.read_bytes() == kept


@pytest.mark.usefixtures("at_home")
def test_fault_34_on_a_full_disk_nothing_is_sent_until_there_is_room(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        config = written(tmp_path, exchange.url, execution="live")
        with process("run", "-c", config, "--live") as daemon:
            for asset in ("BTC", "ETH"):
                daemon.event("cycle.done", asset=asset, reason="IN_BAND")
            before = creates(exchange)
            resource.prlimit(daemon.popen.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            exchange.admin("deposit", account="demo", coin="BTC", amount="1")
            failed = daemon.event("store.failed")
            assert "cannot be used" in failed["why"]
            for _ in range(3):
                daemon.event("cycle.done", asset="BTC")
            assert creates(exchange) == before
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(daemon.popen.pid, resource.RLIMIT_FSIZE, unlimited)
            daemon.event("order.sent", instrument="BTC/USD:BTC")
            daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
            assert daemon.end() == 0
        assert creates(exchange) == before + 1


@pytest.mark.usefixtures("at_home")
def test_fault_35_a_corrupt_journal_is_refused_and_rebuilt_from_the_venue_on_request(
    tmp_path: Path,
) -> None:
    with embedded_exchange() as exchange:
        config, journal = opened(exchange, tmp_path)
        held, count = positions(exchange), creates(exchange)
        with journal.open("r+b") as file:
            file.seek(4096 + 8)
            file.write(b"\xff" * 600)
        assert_refused(
            hedged("run", "-c", config, "--live"), 1, "damaged", "`hedged journal rebuild`"
        )
        done = hedged("journal", "rebuild", "-c", config, "--yes")
        assert done.returncode == 0, done.stderr
        assert ".damaged-" in done.stdout
        with process("run", "-c", config, "--live") as daemon:
            daemon.event("reconcile.note", topic="opening")
            for asset in ("BTC", "ETH"):
                daemon.event("cycle.done", asset=asset, reason="IN_BAND")
            assert daemon.end() == 0
        assert (positions(exchange), creates(exchange)) == (held, count)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('poll = "0.2s"', 'pol = "0.2s"', ("pol", "did you mean", "poll")),
        ('poll = "0.2s"', 'poll = "0.2"', ("books.core.poll",)),
        ('environment = "sim"', 'environment = "simm"', ("environment", "sim")),
    ],
)
def test_fault_36_a_typo_in_the_configuration_is_answered_with_its_line(
    before: str, after: str, said: tuple[str, ...], exchange: Exchange, tmp_path: Path
) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    lines = config.read_text().replace(before, after)
    config.write_text(lines)
    number = next(n for n, line in enumerate(lines.splitlines(), 1) if after in line)
    assert_refused(hedged("run", "-c", config, "--live"), 78, f"hedged.toml:{number}", *said)


def test_fault_37_a_key_of_another_world_is_refused_before_any_order(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = creates(exchange)
    config = written(tmp_path, exchange.url, execution="live")
    monkeypatch.setitem(KEYS, "HEDGED_DEMO_KEY", "a-key-of-mainnet")
    done = hedged("run", "-c", config, "--live")
    assert_refused(done, 1, "10003")
    assert "a-key-of-mainnet" not in done.stderr
    assert creates(exchange) == before
