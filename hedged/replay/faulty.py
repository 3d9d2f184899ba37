"""The in-process venue with a workload's faults: outages, lost answers, part fills, old reads."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random

from hedged.core.types import Depth, Instrument, MarginAccount, Quote
from hedged.ports import (
    Clock,
    Fill,
    Order,
    OrderReport,
    Outcome,
    Refused,
    Unknown,
    VenueUnavailable,
)
from hedged.replay.stage import Stage
from hedged.replay.venue import InProcessVenue
from hedged.replay.workload import Faults

_ZERO = Decimal(0)


class FaultyVenue(InProcessVenue):
    """Fails as the workload says. `duplicates` counts orders sent on what was not true any more."""

    def __init__(self, name: str, stage: Stage, clock: Clock) -> None:
        super().__init__(name, stage.exchange, stage.account, clock)
        self.duplicates = 0
        self._stage = stage
        self._started_s = clock.monotonic()
        self._faults = stage.workload.faults or Faults(0, 0, 0, 0, 0, 0)
        self._random = Random(self._faults.seed)  # noqa: S311 - reproducible
        self._past: deque[tuple[int, MarginAccount]] = deque()
        self._shown = stage.position

    def _at_ms(self) -> int:
        return round((self._clock.monotonic() - self._started_s) * 1000)

    def _answer(self) -> None:
        """Nothing is read, and nothing sent, in an outage."""
        at_ms = self._at_ms()
        if any(start <= at_ms < end for start, end in self._stage.workload.outages):
            raise VenueUnavailable("timed out")

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """See `ports.Venue`; now and then it is the account as it was, and says how long ago."""
        self._answer()
        account = await super().account(coins)
        now_ms, faults = self._at_ms(), self._faults
        self._past.append((now_ms, account))
        while self._past[0][0] < now_ms - faults.stale_ms:
            self._past.popleft()
        if self._random.random() < faults.stale:
            then_ms, account = self._past[0]
            account = replace(account, age_s=Decimal(now_ms - then_ms) / 1000)
        self._shown = sum((held.quantity.value for held in account.positions), _ZERO)
        return account

    async def quote(self, symbol: str) -> Quote:
        """See `ports.Venue`."""
        self._answer()
        return await super().quote(symbol)

    async def depth(self, symbol: str) -> Depth:
        """See `ports.Venue`."""
        self._answer()
        return await super().depth(symbol)

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`."""
        self._answer()
        return await super().open_orders(symbols)

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """See `ports.Venue`."""
        self._answer()
        return await super().fills(symbols, since)

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """See `ports.TradingVenue`."""
        self._answer()
        return await super().find_order(instrument, client_id)

    async def submit(self, order: Order) -> Outcome:
        """See `ports.TradingVenue`; answers get lost, orders fill in part."""
        try:
            self._answer()
        except VenueUnavailable as error:
            return Refused(f"not sent: {error}")
        if self._shown != self._stage.position:
            self.duplicates += 1
        random, faults = self._random, self._faults
        if random.random() < faults.timed_out:
            if random.random() < faults.executed:
                self.place(order)
            return Unknown("timed out")
        if random.random() >= faults.partial:
            return self.place(order)
        share = Decimal(f"{random.uniform(faults.least_filled, faults.most_filled):.6f}")
        return self._placed_in_part(order, share)

    def _placed_in_part(self, order: Order, share: Decimal) -> Outcome:
        """The book holds no more than this share of the order."""
        book = self._stage.market.book
        usual = book.depth
        lot = order.instrument.lot
        book.depth = replace(usual, levels=1, level_usd=max(lot, order.contracts * share))
        try:
            return self.place(order)
        finally:
            book.depth = usual
