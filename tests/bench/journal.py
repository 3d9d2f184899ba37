"""The journal: a commit against a bare one on the same disk, and a start with a million rows."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

from hedged.clock import SystemClock
from hedged.core.events import (
    Acknowledged,
    Decided,
    Event,
    Fill,
    Intended,
    LookedUp,
    Observed,
    Submitted,
)
from hedged.core.orders import client_id
from hedged.core.terms import Answer, Terms
from hedged.core.types import USD, Reason, Side
from hedged.store import SqlJournal
from hedged.store.codec import dumps, encoded
from hedged.store.schema import metadata
from hedged.store.sqlite import engine_at
from hedged.store.writer import Writer
from tests.bench.row import Row

COMMITS = 400
ROWS = 1_000_000
ROWS_A_JOB = 20_000
STARTS = 3
TIMES = 2.5  # a bare commit
OVER_MS = 1.0
AT = datetime(2026, 1, 1, tzinfo=UTC)
SYMBOL = "BTC/USD:BTC"


def order(number: int) -> Terms:
    """A hedge of BTC."""
    return Terms(
        client_id=client_id("core", "main", SYMBOL, epoch_ms=1, cycle=number, part=0),
        book="core",
        asset="BTC",
        cycle=number,
        part=0,
        venue="main",
        symbol=SYMBOL,
        unit=USD,
        contract_size=Decimal(1),
        side=Side.SELL,
        contracts=Decimal(100),
        limit_price=Decimal("64123.4"),
        reduce_only=False,
    )


class Bare:
    """The least that the same rows cost: the same tables, a statement and a commit."""

    def __init__(self, path: Path) -> None:
        with engine_at(path).begin() as connection:
            metadata.create_all(connection)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA synchronous = FULL")
        self._seq = 0

    def commit(self, intent: Intended, submit: Submitted) -> None:
        """Both events, ready made but for their JSON."""
        rows = []
        for event in (intent, submit):
            self._seq += 1
            once = f"intent|{event.client_id}" if event is intent else None
            payload = dumps(encoded(event))
            rows.append((self._seq, 1, event.kind, event.client_id, once, payload))
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
        self.db.execute("COMMIT")


async def commits_ms(folder: Path) -> tuple[float, float]:
    """Medians of an order's first commit: through the journal, and bare, in turns."""
    journal = await SqlJournal.open(folder / "journal.db", SystemClock())
    bare = Bare(folder / "bare.db")
    ours, floor = [], []
    with closing(bare.db):
        for number in range(1, COMMITS + 1):
            intent = Intended(order(number))
            submit = Submitted(intent.client_id)
            began = time.perf_counter()
            await journal.append(intent, submit)
            done = time.perf_counter()
            bare.commit(intent, submit)
            ours.append((done - began) * 1000)
            floor.append((time.perf_counter() - done) * 1000)
    await journal.close()
    return median(ours), median(floor)


def history() -> Iterator[tuple[Event, ...]]:
    """Cycle after cycle; every tenth sends an order that fills."""
    number = 0
    while True:
        number += 1
        why = "drift -212.43 USD is within the band of ±812.12 USD"
        yield (
            Observed("core", number, f"{number:064x}"),
            Decided("core", number, "BTC", Reason.IN_BAND, why, Decimal("-300000.12")),
        )
        if number % 10 == 0:
            terms = order(number)
            name = terms.client_id
            yield (
                Intended(terms),
                Submitted(name),
                Acknowledged(name, f"venue-order-{number}"),
                LookedUp(name, Answer.DONE, terms.contracts),
                Fill(
                    name,
                    terms.venue,
                    terms.symbol,
                    f"trade-{number}",
                    terms.side,
                    terms.contracts,
                    terms.contract_size,
                    terms.unit,
                    terms.limit_price,
                    AT,
                ),
            )


def grown(path: Path) -> None:
    """A journal of a million rows, with the checkpoint that a daemon would have left."""
    writer = Writer(path)
    ledger = writer.open(AT)
    job: list[Event] = []
    seq = 0
    for events in history():
        job += events
        if len(job) >= ROWS_A_JOB:
            for entry in writer.write(job, AT):
                ledger.apply(entry)
                seq = entry.seq
            job.clear()
            if seq >= ROWS:
                break
            writer.keep(ledger.checkpoint())
    writer.close()


def seconds_to_open(path: Path) -> float:
    """Check, open and fold a journal, as a start after a crash does."""
    began = time.perf_counter()
    writer = Writer(path)
    writer.open(AT)
    taken = time.perf_counter() - began
    writer.close()
    return taken


def seconds_to_check(path: Path) -> float:
    """SQLite's own look at the whole file."""
    began = time.perf_counter()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA quick_check").fetchall()
    return time.perf_counter() - began


def journal_rows() -> list[Row]:
    """The rows of this group."""
    by = "tests/bench/journal.py"
    with tempfile.TemporaryDirectory() as folder:
        ours, floor = asyncio.run(commits_ms(Path(folder)))
        path = Path(folder) / "grown.db"
        grown(path)
        opened = median(seconds_to_open(path) for _ in range(STARTS))
        checked = median(seconds_to_check(path) for _ in range(STARTS))
    return [
        Row(
            what="journal commit of an intent and its submit, on disk",
            median=ours,
            limit=round(min(TIMES * floor, floor + OVER_MS), 2),
            unit="ms",
            floor=floor,
            floor_is="bare SQLite commit with fsync",
            measured_by=by,
        ),
        Row(
            what="start with a journal of 1 million rows: check, open, fold",
            median=opened,
            limit=5,
            unit="s",
            floor=checked,
            floor_is="SQLite's quick_check",
            measured_by=by,
        ),
    ]
