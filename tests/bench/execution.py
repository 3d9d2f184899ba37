"""From a decision to the call of ccxt, with the commit on disk; and a start with 1,000 orders.

The venue is one in memory that fills at once, so that only our own work is measured: everything
between the decision and the moment at which the order is handed to the exchange's client.
"""

import asyncio
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import median

from hedged.core.types import Decision, Environment, Reason, Snapshot
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.ops import logging
from hedged.ports import Accepted, Order, Outcome
from hedged.store import SqlJournal
from tests.bench.row import Row
from tests.engine.fake import SYMBOL, FakeVenue, btc

ORDERS = 1000
STARTS = 20
HEDGE = replace(btc(), limits=replace(btc().limits, max_orders_per_hour=None))


def hedger_on(venue: FakeVenue, journal: SqlJournal) -> Hedger:
    """A book of one hedge without a limit of pace."""
    executor = Executor({"main": venue}, {"main": (SYMBOL,)}, journal, venue.clock)
    observer = Observer((HEDGE,), {"main": venue}, {}, venue.clock)
    book = Book("core", Environment.SIM, (HEDGE,))
    return Hedger(book, observer, venue.clock, executor=executor)


async def measured(path: Path) -> tuple[list[float], list[float]]:
    """Milliseconds from each decision to its order's call; seconds from a start to its cycle."""
    venue, handed = FakeVenue(), 0.0

    def hand_over(order: Order) -> Outcome:
        nonlocal handed
        handed = time.perf_counter()
        venue.fill(order)
        return Accepted("id")

    venue.on_submit = hand_over
    journal = await SqlJournal.open(path, venue.clock)
    hedger = hedger_on(venue, journal)
    decided, act = 0.0, hedger._act

    async def timed(snapshot: Snapshot, decision: Decision) -> None:
        nonlocal decided
        decided = time.perf_counter()
        await act(snapshot, decision)

    hedger._act = timed  # type: ignore[method-assign] # a stopwatch
    delays: list[float] = []
    while len(delays) < ORDERS:
        sent = len(venue.submitted)
        venue.wallet = Decimal(5 + len(delays) % 2)
        await venue.clock.advance(1)
        await hedger.run_cycle()
        if len(venue.submitted) > sent:
            delays.append((handed - decided) * 1000)
    await journal.close()
    starts = []
    for _ in range(STARTS):
        began = time.perf_counter()
        journal = await SqlJournal.open(path, venue.clock)
        again = hedger_on(venue, journal)
        decision = await again.run_cycle()
        starts.append(time.perf_counter() - began)
        if decision.assets[0].reason is Reason.UNRECONCILED:
            raise RuntimeError(f"not reconciled: {decision.assets[0].why}")
        await journal.close()
    return delays[10:], starts


def execution_rows() -> list[Row]:
    """How long our own part of an order takes, and of a start."""
    logging.configure(style="json", level="error")
    with tempfile.TemporaryDirectory() as folder:
        delays, starts = asyncio.run(measured(Path(folder) / "journal.db"))
    source = "tests/bench/execution.py"
    return [
        Row("decision to the call of ccxt, with the commit on disk", median(delays), 5, "ms",
            None, "", source),
        Row(f"start to reconciled with {ORDERS:,} journalled orders, slowest of {STARTS}",
            max(starts), 30, "s", None, "", source),
    ]  # fmt: skip
