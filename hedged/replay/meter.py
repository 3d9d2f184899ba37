"""What a replay measures: how closely the book kept its value, and what that cost.

    price-only PnL   sum over steps of S*E - S'*E', with E marked before the step's flow, funding
                     and fee are booked and S'*E' as the step before left it
    tracking error   standard deviation of its hourly changes * sqrt(24) / V0: bps per sqrt(day)
    greatest error   the largest size that it reached, in bps of V0
    unhedged         integral of |net delta| * S over time, USD-hours
    cost             value lost in trades (fee and spread), in bps of V0

Equity E is in coins, price S in USD, V0 the book's value at the first step.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from statistics import pstdev
from typing import Final

_HOUR_MS: Final = 3_600_000
_BPS: Final = 10_000
_ROOT_OF_HOURS: Final = 24**0.5


@dataclass(frozen=True, slots=True)
class Metrics:
    """One replay's figures."""

    tracking_bps: float  # per sqrt(day)
    greatest_bps: float
    unhedged_usd_hours: float
    cost_bps: float
    trades: int
    turnover_usd: float
    wrong_side: int  # trades that raised |net delta| by more than a lot
    duplicates: int  # orders sent on a position that was not the true one any more
    steps: int
    in_band: float | None = None  # share of the steps; None: there is no band
    seconds: float = 0.0  # processor time

    @property
    def steps_per_s(self) -> float:
        """How fast it went, per core."""
        return self.steps / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Meter:
    """Follows a book, step by step; all USD unless said."""

    lot_usd: Decimal
    start: Decimal
    greatest: Decimal = Decimal(0)
    unhedged: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    turnover: Decimal = Decimal(0)
    trades: int = 0
    wrong_side: int = 0
    duplicates: int = 0
    steps: int = 0
    steps_in_band: int = 0
    is_banded: bool = False
    _left: Decimal = Decimal(0)
    _earned: Decimal = Decimal(0)
    _at_ms: int = 0
    _hourly: list[Decimal] = field(default_factory=list)
    _next_ms: int = _HOUR_MS
    _exposed: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self._left = self.start
        self._hourly.append(self._earned)

    def moved(self, at_ms: int, value: Decimal) -> None:
        """Prices moved, and nothing else has happened yet."""
        self.unhedged += self._exposed * (at_ms - self._at_ms)
        self._at_ms = at_ms
        self._earned += value - self._left
        self.greatest = max(self.greatest, abs(self._earned))
        if at_ms >= self._next_ms:
            self._hourly.append(self._earned)
            self._next_ms += _HOUR_MS
        self.steps += 1

    def traded(self, size_usd: Decimal, before_usd: Decimal, after_usd: Decimal) -> None:
        """A trade took the net delta from one figure to another, both in USD."""
        self.trades += 1
        self.turnover += size_usd
        if abs(after_usd) > abs(before_usd) + self.lot_usd:
            self.wrong_side += 1

    def acted(self, before: Decimal, value: Decimal, exposed: Decimal) -> None:
        """The step is over: its trades took the value from one to another."""
        self.cost += before - value
        self._left = value
        self._exposed = abs(exposed)

    def metrics(self, seconds: float = 0.0) -> Metrics:
        """What it came to."""
        scale = _BPS / float(self.start)
        changes = [float(later - sooner) for sooner, later in pairwise(self._hourly)]
        return Metrics(
            tracking_bps=pstdev(changes) * _ROOT_OF_HOURS * scale if changes else 0.0,
            greatest_bps=float(self.greatest) * scale,
            unhedged_usd_hours=float(self.unhedged) / _HOUR_MS,
            cost_bps=float(self.cost) * scale,
            trades=self.trades,
            turnover_usd=float(self.turnover),
            wrong_side=self.wrong_side,
            duplicates=self.duplicates,
            steps=self.steps,
            in_band=self.steps_in_band / self.steps if self.is_banded and self.steps else None,
            seconds=seconds,
        )
