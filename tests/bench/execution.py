"""From a decision to the bytes of its order, beyond the bare call of ccxt; and a start with 1,000.

Reads come from a venue in memory; orders go out through the real gateway to a local server, which
notes when each arrives. The bare call is the same client's, to the same server, right after each
order: what is left is our own work, the commit with its fsync included.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web

from hedged.core.decide import decide
from hedged.core.decimals import plain
from hedged.core.types import Decision, Environment, Reason, Snapshot
from hedged.engine import hedger as hedgers
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.ops import logging
from hedged.ports import Accepted, Order, Outcome
from hedged.store import SqlJournal
from hedged.venue import LiveVenue
from tests.bench.row import Row
from tests.engine.fake import SYMBOL, FakeVenue, btc
from tests.venue.stand_in import BTCUSD, CREATE, StandIn, healthy, ok, trader

ORDERS = 1000
STARTS = 20
HEDGE = replace(btc(), limits=replace(btc().limits, max_orders_per_hour=None))


@dataclass
class Wired(FakeVenue):
    """Reads from memory; an order is sent for good, and then filled in memory."""

    live: LiveVenue = field(kw_only=True)

    async def submit(self, order: Order) -> Outcome:
        outcome = await self.live.submit(replace(order, instrument=BTCUSD))
        if not isinstance(outcome, Accepted):
            raise TypeError(f"{order.client_id}: {outcome}")
        self.submitted.append(order)
        self.fill(order)
        return outcome

    async def bare(self, number: int) -> None:
        """The call that an order comes down to."""
        order = self.submitted[-1]
        await self.live._client.create_order(
            SYMBOL,
            "limit",
            order.side.value,
            plain(order.contracts),
            plain(order.limit_price),
            {"timeInForce": "IOC", "clientOrderId": f"bare{number}", "reduceOnly": False},
        )


@dataclass
class Arrivals:
    """When the last order arrived, by the performance counter."""

    at_s: float = 0.0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.at_s = time.perf_counter()
        body: dict[str, Any] = await request.json()
        return web.json_response(ok({"orderId": "id", "orderLinkId": body["orderLinkId"]}))


def hedger_on(venue: FakeVenue, journal: SqlJournal) -> Hedger:
    """A book of one hedge without a limit of pace."""
    executor = Executor({"main": venue}, {"main": (SYMBOL,)}, journal, venue.clock)
    observer = Observer((HEDGE,), {"main": venue}, {}, venue.clock)
    book = Book("core", Environment.SIM, (HEDGE,))
    return Hedger(book, observer, venue.clock, executor=executor)


async def delays_ms(path: Path) -> tuple[list[float], list[float], FakeVenue]:
    """Of each order: from the decision to its arrival, and from the bare call to its own.

    With them the venue as the orders left it.
    """
    arrivals, decided_s = Arrivals(), 0.0

    def stamped(snapshot: Snapshot) -> Decision:
        nonlocal decided_s
        decision = decide(snapshot)
        decided_s = time.perf_counter()
        return decision

    ours: list[float] = []
    bare: list[float] = []
    async with StandIn() as server:
        healthy(server).answer(CREATE, arrivals.answer)
        venue = Wired(live=trader(server.url))
        await venue.live.open()
        journal = await SqlJournal.open(path, venue.clock)
        hedger = hedger_on(venue, journal)
        hedgers.decide = stamped  # type: ignore[attr-defined] # a stopwatch
        try:
            while len(ours) < ORDERS:
                sent = len(venue.submitted)
                venue.wallet = Decimal(5 + len(ours) % 2)
                await venue.clock.advance(1)
                await hedger.run_cycle()
                if len(venue.submitted) == sent:
                    continue
                ours.append((arrivals.at_s - decided_s) * 1000)
                began_s = time.perf_counter()
                await venue.bare(len(ours))
                bare.append((arrivals.at_s - began_s) * 1000)
        finally:
            hedgers.decide = decide  # type: ignore[attr-defined] # as it was
            await journal.close()
            await venue.live.close()
    return ours[10:], bare[10:], venue


async def starts_s(path: Path, venue: FakeVenue) -> list[float]:
    """From opening the journal to the end of the first cycle, which has reconciled."""
    starts = []
    for _ in range(STARTS):
        began_s = time.perf_counter()
        journal = await SqlJournal.open(path, venue.clock)
        cycle = asyncio.ensure_future(hedger_on(venue, journal).run_cycle())
        while not cycle.done():  # it looks twice where coins came since it last wrote them down
            await venue.clock.advance(0.5)
        decision = await cycle
        starts.append(time.perf_counter() - began_s)
        if decision.assets[0].reason is not Reason.IN_BAND:
            raise RuntimeError(f"not in the band: {decision.assets[0].why}")
        await journal.close()
    return starts


def execution_rows() -> list[Row]:
    """How long our own part of an order takes, and of a start."""
    logging.configure(style="json", level="error")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        ours, bare, venue = asyncio.run(delays_ms(path))
        starts = asyncio.run(starts_s(path, venue))
    source = "tests/bench/execution.py"
    floor = median(bare)
    return [
        Row("decision to the order's arrival, with the commit on disk, beyond the bare call",
            median(ours) - floor, 5, "ms", floor, "ccxt's create_order, bare", source),
        Row(f"start to reconciled with {ORDERS:,} journalled orders, slowest of {STARTS}",
            max(starts), 30, "s", None, "", source),
    ]  # fmt: skip
