"""What the daemon did lately, remembered for those who look: a watcher of every cycle.

All of it is bounded. Verdicts that repeat are one row with a count; orders are marks on the
charts. Whoever listens is told that something changed, never what: a slow listener misses
steps, and never makes a queue.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedged.core.figures import Figures, figures
from hedged.core.types import (
    AssetDecision,
    Decision,
    Execution,
    OrderIntent,
    Reason,
    Side,
    StyleKind,
)
from hedged.engine.cycle import Cycle
from hedged.web.history import CAPACITY, Series

ROWS: Final = 1000
MARKS: Final = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one asset needed, in as many cycles in a row as it needed the same."""

    book: str
    asset: str
    reason: Reason
    why: str
    blocked: tuple[Reason, ...]
    orders: int
    drift_usd: Decimal | None
    band_usd: Decimal | None
    net_delta: Decimal | None
    since: datetime
    at: datetime
    cycle: int
    cycles: int = 1


class Fate(StrEnum):
    """What became of a proposed order."""

    SENT = "sent"
    ASSUMED = "assumed"  # dry-run goes on as if it were filled
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Mark:
    """An order on a chart, and in a dry-run the only record of it."""

    at: datetime
    book: str
    asset: str
    cycle: int
    fate: Fate
    why: str
    venue: str
    instrument: str
    side: Side
    contracts: Decimal
    notional_usd: Decimal
    limit_price: Decimal
    reduce_only: bool
    style: StyleKind
    post_price: Decimal | None


class Recorder:
    """Remembers; `watch` is to be called at the end of each cycle."""

    def __init__(self, points: int = CAPACITY) -> None:
        """`points`: of each asset, for the charts."""
        self.points = points
        self.cycles: dict[str, Cycle] = {}  # the last one of each book
        self.series: dict[tuple[str, str], Series] = {}  # by book and asset
        self.marks: deque[Mark] = deque(maxlen=MARKS)
        self._ended: deque[Verdict] = deque(maxlen=ROWS)
        self._now: dict[tuple[str, str], Verdict] = {}
        self._listeners: set[asyncio.Event] = set()

    def watch(self, cycle: Cycle) -> None:
        """Take in a cycle."""
        decision = cycle.decision
        for asset in decision.assets:
            key = (decision.book, asset.asset)
            self._charted(key).add(decision.at.timestamp(), figures(cycle.snapshot, asset))
            self.marks.extend(self._marks(cycle, asset))
            self._note(decision, asset)
        self.cycles[decision.book] = cycle
        self.tell()

    def recall(self, row: Verdict, point: Figures | None) -> None:
        """Take in a verdict of the past; oldest first, and before the first cycle."""
        key = (row.book, row.asset)
        self._charted(key).add(row.at.timestamp(), point)
        self._keep(key, row)

    def interrupt(self, book: str, asset: str, at: datetime) -> None:
        """Leave a gap in the charts: from then on nobody looked, until the first cycle."""
        self._charted((book, asset)).add(at.timestamp(), None)

    def _charted(self, key: tuple[str, str]) -> Series:
        if key not in self.series:
            self.series[key] = Series(self.points)
        return self.series[key]

    @property
    def verdicts(self) -> list[Verdict]:
        """All that is remembered, newest first."""
        rows = [*self._ended, *self._now.values()]
        return sorted(rows, key=lambda row: (row.at, row.cycle), reverse=True)

    def tell(self) -> None:
        """Something changed: wake every listener."""
        for listener in self._listeners:
            listener.set()

    async def changes(self, patience_s: float) -> AsyncGenerator[bool, None]:
        """True at each change, False when there was none for so long; at once the first time."""
        bell = asyncio.Event()
        bell.set()
        self._listeners.add(bell)
        try:
            while True:
                try:
                    await asyncio.wait_for(bell.wait(), patience_s)
                except TimeoutError:
                    yield False
                else:
                    bell.clear()
                    yield True
        finally:
            self._listeners.discard(bell)

    @property
    def listeners(self) -> int:
        """How many listen just now."""
        return len(self._listeners)

    def _note(self, decision: Decision, asset: AssetDecision) -> None:
        """A row of its own, unless the last one of the asset says the same."""
        key, judged = (decision.book, asset.asset), asset.judged
        row = Verdict(
            book=decision.book,
            asset=asset.asset,
            reason=asset.reason,
            why=asset.why,
            blocked=tuple(dict.fromkeys(finding.reason for finding in asset.blocked)),
            orders=len(asset.orders),
            drift_usd=None if judged is None else judged.drift_usd,
            band_usd=None if judged is None else judged.target.band_usd,
            net_delta=None if judged is None else judged.exposure.net_delta.value,
            since=decision.at,
            at=decision.at,
            cycle=decision.cycle,
        )
        self._keep(key, row)

    def _keep(self, key: tuple[str, str], row: Verdict) -> None:
        last = self._now.get(key)
        if last is not None and _gist(last) == _gist(row):
            row = replace(row, since=last.since, cycles=last.cycles + row.cycles)
        elif last is not None:
            self._ended.append(last)
        self._now[key] = row

    def _marks(self, cycle: Cycle, asset: AssetDecision) -> Iterator[Mark]:
        """The orders of this cycle; a stateless proposal that stands is marked once."""
        decision = cycle.decision
        approved = [one.intent for one in decision.approved]
        assumable = asset.assumable if asset.paper is not None else ()
        last = self._now.get((decision.book, asset.asset))
        for intent in asset.orders:
            if cycle.snapshot.execution is Execution.LIVE:
                fate = Fate.SENT if intent in approved else Fate.PROPOSED
            else:
                fate = Fate.ASSUMED if intent in assumable else Fate.PROPOSED
            if fate is not Fate.PROPOSED or last is None or not last.orders:
                yield _mark(decision.at, fate, intent, asset.why)


def _mark(at: datetime, fate: Fate, intent: OrderIntent, why: str) -> Mark:
    return Mark(
        at=at,
        book=intent.book,
        asset=intent.asset,
        cycle=intent.cycle,
        fate=fate,
        why=why,
        venue=intent.instrument.venue,
        instrument=intent.instrument.symbol,
        side=intent.side,
        contracts=intent.contracts,
        notional_usd=intent.notional_usd,
        limit_price=intent.limit_price,
        reduce_only=intent.reduce_only,
        style=intent.style,
        post_price=intent.post_price,
    )


def _gist(row: Verdict) -> tuple[object, ...]:
    return row.reason, row.blocked, row.orders
