"""The state of one instrument's market: book, mark, funding, figures of the last day."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from hedged.sim.book import Book
from hedged.sim.decimals import ONE, ZERO, ceiled, floored, product
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Side

HOUR_MS = 3600 * 1000
DEFAULT_FUNDING_RATE = Decimal("0.0001")


class Phase(StrEnum):
    """Whether an instrument can be traded."""

    TRADING = "Trading"
    DELIVERING = "Delivering"
    CLOSED = "Closed"


class Notice(NamedTuple):
    """An announcement of maintenance of the whole exchange."""

    title: str
    begins_ms: int
    ends_ms: int


class FundingStamp(NamedTuple):
    """A funding rate as it was charged (longs pay shorts when > 0)."""

    at_ms: int
    rate: Decimal


@dataclass(slots=True)
class _Hour:
    """Prices of one hour."""

    start_ms: int
    first: Decimal
    high: Decimal
    low: Decimal


class DayStatistics:
    """Prices of the last 24 hours, kept by the hour."""

    def __init__(self) -> None:
        self._hours: deque[_Hour] = deque(maxlen=25)

    def note(self, at_ms: int, price: Decimal) -> None:
        """Take notice of a price."""
        start_ms = at_ms - at_ms % HOUR_MS
        if not self._hours or self._hours[-1].start_ms != start_ms:
            self._hours.append(_Hour(start_ms, price, price, price))
            while self._hours[0].start_ms < start_ms - 24 * HOUR_MS:
                self._hours.popleft()
            return
        hour = self._hours[-1]
        hour.high, hour.low = max(hour.high, price), min(hour.low, price)

    @property
    def day_ago(self) -> Decimal:
        """The oldest price of the last 24 hours."""
        return self._hours[0].first

    @property
    def hour_ago(self) -> Decimal:
        """The first price of the previous hour, or of this one when there is no other."""
        return self._hours[-2 if len(self._hours) > 1 else -1].first

    @property
    def high(self) -> Decimal:
        """The highest price of the last 24 hours."""
        return max(hour.high for hour in self._hours)

    @property
    def low(self) -> Decimal:
        """The lowest price of the last 24 hours."""
        return min(hour.low for hour in self._hours)


@dataclass(slots=True, eq=False)
class Market:
    """One instrument's market."""

    instrument: Instrument
    book: Book
    mark: Decimal
    last: Decimal
    next_funding_ms: int
    funding_rate: Decimal = DEFAULT_FUNDING_RATE
    is_funding_scheduled: bool = True
    phase: Phase = Phase.TRADING
    is_post_only: bool = False  # it takes none but post-only orders, as after maintenance
    funding_stamps: list[FundingStamp] = field(default_factory=list)
    day: DayStatistics = field(default_factory=DayStatistics)
    traded_quantity: Decimal = ZERO
    traded_value: Decimal = ZERO
    _limits: dict[Side, Decimal] = field(default_factory=dict)
    _limits_for: tuple[Instrument, Decimal] | None = None

    def price_limit(self, side: Side) -> Decimal:
        """Return the worst price that an order of this side may name, on the tick."""
        instrument, mark = self.instrument, self.mark
        if self._limits_for != (instrument, mark):
            tick, ratio = instrument.tick, instrument.price_limit_ratio
            highest = floored(product(mark, ONE + ratio), tick)
            lowest = ceiled(product(mark, ONE - ratio), tick)
            self._limits = {
                Side.BUY: min(highest, instrument.max_price),
                Side.SELL: max(lowest, tick),
            }
            self._limits_for = (instrument, mark)
        return self._limits[side]

    def move(self, now_ms: int, mark: Decimal) -> None:
        """Move the mark, and the synthetic market with it; others trade on the way."""
        self.mark = self.last = mark
        self.book.move(mark)
        self.day.note(now_ms, mark)

    def note_trade(self, now_ms: int, price: Decimal, quantity: Decimal, value: Decimal) -> None:
        """Take notice of a trade."""
        self.last = price
        self.day.note(now_ms, price)
        self.traded_quantity += quantity
        self.traded_value += value


def next_stamp_ms(now_ms: int, interval_ms: int) -> int:
    """Return the next funding time after now; 0 for an instrument without funding."""
    return (now_ms // interval_ms + 1) * interval_ms if interval_ms else 0
