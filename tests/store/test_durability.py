"""Killed, full, damaged: what was committed is there, what was not is not, and it is said."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hedged.clock import VirtualClock
from hedged.core.events import Intended, Observed, Submitted
from hedged.core.orders import State
from hedged.ports import Selection, StoreError
from hedged.store import SqlJournal, entries_in, rebuild
from hedged.store.failpoints import VARIABLE
from hedged.store.writer import Writer
from tests.core.any_event import START, terms
from tests.store.disk import file_size_limit

ROOT = Path(__file__).parents[2]
ENOUGH = "x" * 4000


@contextmanager
def writer_process(path: Path, failpoint: str = "") -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "tests.store.writer_process", str(path)],
        cwd=ROOT,
        env={**os.environ, VARIABLE: failpoint},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def committed(process: "subprocess.Popen[str]", count: int) -> int:
    """The last order of which the process said that it is on disk, after so many of them."""
    assert process.stdout is not None
    return [int(process.stdout.readline()) for _ in range(count)][-1]


async def whole_orders(path: Path, clock: VirtualClock) -> int:
    """How many orders a journal has, each with both of its events."""
    journal = await SqlJournal.open(path, clock)
    found = await journal.entries(Selection(kinds=("intent", "submit")))
    assert [entry.seq for entry in found] == list(range(2, len(found) + 2))
    states = {order.state for order in journal.ledger.orders.values()}
    await journal.close()
    assert states <= {State.SUBMITTING}
    return len(found) // 2 if len(found) % 2 == 0 else -1


@pytest.mark.asyncio
async def test_fault_27_a_killed_writer_leaves_whole_jobs(path: Path, clock: VirtualClock) -> None:
    said = 0
    for lines in (1, 40):
        with writer_process(path) as process:
            said = committed(process, lines)
            process.send_signal(signal.SIGKILL)
            assert process.wait(30) == -signal.SIGKILL
        assert await whole_orders(path, clock) >= said
    assert said >= 41


@pytest.mark.asyncio
@pytest.mark.parametrize(("failpoint", "orders"), [("journal.before:3", 2), ("journal.after:3", 3)])
async def test_fault_27_killed_at_a_failpoint(
    path: Path, clock: VirtualClock, failpoint: str, orders: int
) -> None:
    with writer_process(path, failpoint) as process:
        said = committed(process, 2)
        assert process.wait(30) == -signal.SIGKILL
    assert said == 2
    assert await whole_orders(path, clock) == orders


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(  # noqa: S603 - our own command
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)],  # noqa: S607 - wherever it is
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small tmpfs cannot be mounted here; RLIMIT_FSIZE stands in for it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - as above


async def fill_up(journal: SqlJournal) -> StoreError:
    """Append until it fails."""
    for number in range(1, 1000):
        try:
            await journal.append(Observed("core", number, ENOUGH), Observed("core", number, ENOUGH))
        except StoreError as error:
            return error
    raise AssertionError("there was room for everything")


@pytest.mark.asyncio
async def test_fault_34_a_full_disk_records_nothing_and_says_so(
    small_disk: Path, clock: VirtualClock
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 200_000)
    journal = await SqlJournal.open(small_disk / "journal.db", clock)
    error = await fill_up(journal)
    assert "cannot be used" in str(error)
    order = terms()
    before = await journal.entries(Selection())
    with pytest.raises(StoreError):
        await journal.append(Intended(order), Submitted(order.client_id), Observed("c", 1, ENOUGH))
    assert journal.ledger.orders == {}
    assert await journal.entries(Selection()) == before
    assert len(before) % 2 == 1, "the epoch, and two for each job"
    ballast.unlink()
    after = await journal.append(Intended(order), Submitted(order.client_id))
    assert after[0].seq == before[-1].seq + 1
    await journal.close()


@pytest.mark.asyncio
async def test_fault_34_a_write_that_fails_records_nothing(path: Path, clock: VirtualClock) -> None:
    journal = await SqlJournal.open(path, clock)
    with file_size_limit(200_000):
        await fill_up(journal)
        before = await journal.entries(Selection())
    order = terms()
    after = await journal.append(Intended(order), Submitted(order.client_id))
    assert after[0].seq == before[-1].seq + 1
    assert len(before) % 2 == 1
    await journal.close()
    reopened = await SqlJournal.open(path, clock)
    assert reopened.ledger == journal.ledger
    await reopened.close()


@pytest.mark.asyncio
async def test_an_append_whose_caller_goes_away_is_finished(
    path: Path, clock: VirtualClock
) -> None:
    journal = await SqlJournal.open(path, clock)
    order = terms()
    waiting = asyncio.create_task(journal.append(Intended(order), Submitted(order.client_id)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await journal.append()
    assert order.client_id in journal.ledger.orders
    await journal.close()


@pytest.mark.asyncio
async def test_appends_at_once_are_done_one_after_the_other(
    path: Path, clock: VirtualClock
) -> None:
    journal = await SqlJournal.open(path, clock)
    jobs = [Intended(terms(number)) for number in range(1, 21)]
    done = await asyncio.gather(*(journal.append(job) for job in jobs))
    assert [entries[0].seq for entries in done] == list(range(2, 22))
    await journal.close()


@pytest.mark.asyncio
async def test_a_start_after_a_crash_folds_what_the_checkpoint_lacks(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedged.store.journal.CHECKPOINT_EVERY", 7)
    journal = await SqlJournal.open(path, clock)
    for number in range(1, 11):
        await journal.append(Intended(terms(number)), Submitted(terms(number).client_id))
    another = Writer(path)
    assert another.open(START) == journal.ledger
    assert another.checkpointed == 15
    another.close()
    await journal.close()


def damage(path: Path, how: str) -> bytes:
    """Damage a file, and return what it is then."""
    whole = path.read_bytes()
    if how == "half of it":
        whole = whole[: len(whole) // 2]
    else:
        begin = {"its header": 0, "its tree": 4096 + 8}[how]
        whole = whole[:begin] + b"\xff" * 600 + whole[begin + 600 :]
    path.write_bytes(whole)
    return whole


def contents(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.asyncio
@pytest.mark.parametrize("how", ["its header", "its tree", "half of it"])
async def test_fault_35_a_damaged_file_is_refused_until_it_is_put_aside(
    path: Path, clock: VirtualClock, how: str
) -> None:
    journal = await SqlJournal.open(path, clock)
    for number in range(30):
        await journal.append(Observed("core", number, ENOUGH))
    await journal.close()
    found = damage(path, how)
    with pytest.raises(StoreError, match=r"is damaged .*`hedged journal rebuild`") as refused:
        await SqlJournal.open(path, clock)
    assert "\n" not in str(refused.value)
    aside = rebuild(path, START)
    assert aside.name == f"{path.name}.damaged-20260101T000000Z"
    assert contents(aside) == found, "it is put aside as it was"
    await clock.advance(1)
    fresh = await SqlJournal.open(path, clock)
    assert fresh.ledger.epoch_ms == journal.ledger.epoch_ms + 1000
    assert len(await fresh.entries(Selection())) == 1
    await fresh.close()


@pytest.mark.asyncio
async def test_fault_35_a_row_that_makes_no_sense_is_damage(
    path: Path, clock: VirtualClock
) -> None:
    journal = await SqlJournal.open(path, clock)
    await journal.append(Observed("core", 1, "digest"))
    await journal.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM checkpoints")
        db.execute("UPDATE events SET payload = '{}' WHERE seq = 2")
    with pytest.raises(StoreError, match=r"is damaged .*entry 2"):
        await SqlJournal.open(path, clock)
    with pytest.raises(StoreError, match="entry 2"):
        list(entries_in(path, Selection()))


def test_a_second_writer_that_went_past_the_lock_records_nothing(path: Path) -> None:
    one, two = Writer(path), Writer(path)
    one.open(START)
    two.open(START)
    one.write([Observed("core", 1, "one")], START)
    with pytest.raises(StoreError, match="cannot be used"):
        two.write([Observed("core", 1, "two")], START)
    for writer in (one, two):
        writer.close()
    assert [entry.event.kind for entry in entries_in(path, Selection())] == ["created", "snapshot"]


@pytest.mark.parametrize("what", ["missing", "folder", "no journal"])
def test_reading_what_is_no_journal_says_so(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x.db"
    if what == "folder":
        path.mkdir()
    if what == "no journal":
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE notes (text)")
    with pytest.raises(StoreError, match=r"x\.db"):
        list(entries_in(path, Selection()))
    if what == "no journal":
        with pytest.raises(StoreError, match="not a journal of hedged"):
            Writer(path).open(START)


def test_commits_are_flushed_to_the_disk(path: Path) -> None:
    writer = Writer(path)
    writer.open(START)
    connection = writer._open
    assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"
    writer.close()
