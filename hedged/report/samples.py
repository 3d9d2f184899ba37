"""What a report looks at: the book at moments, and what was traded in between; of one coin.

Samples come from the journal, which has one at every hour, at every verdict that is news and right
before every order. A fill stands in the journal before the first sample whose position has it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact
from hedged.core.looks import Watched
from hedged.core.types import Kind

Place = tuple[str, str]  # venue and symbol
_ROUNDED: Final = -4  # exponent: more places than prices have
UNNAMED: Final[Place] = ("", "")  # of the one inverse contract in a journal of before 0.2


@dataclass(frozen=True, slots=True)
class Leg:
    """One position at a moment; prices are its own, USD per coin."""

    place: Place
    kind: Kind
    quantity: Decimal  # signed, USD (inverse) or coins (linear)
    mark: Decimal
    index: Decimal | None = None
    entry: Decimal | None = None  # None: flat, or not known
    settle: str = ""  # the coin that it pays in

    @property
    @exact
    def usd(self) -> Decimal:
        """Signed notional."""
        return self.quantity if self.kind is Kind.INVERSE else self.quantity * self.mark

    @property
    @exact
    def entry_rounding(self) -> Decimal:
        """What its entry may be rounded by, times the quantity: venues tell it to so many digits.

        One with few digits is a price that was traded at, and exact.
        """
        exponent = None if self.entry is None else self.entry.as_tuple().exponent
        if not isinstance(exponent, int) or exponent > _ROUNDED:
            return ZERO
        return abs(self.quantity) * Decimal(1).scaleb(exponent)

    @property
    @exact
    def quote_profit(self) -> Decimal:
        """Unrealised PnL of a linear contract since its entry, in quote."""
        if self.kind is Kind.INVERSE or self.entry is None:
            return ZERO
        return self.quantity * (self.mark - self.entry)


@dataclass(frozen=True, slots=True)
class Sample:
    """The book as the daemon saw it; coins unless the name says otherwise."""

    at: datetime
    equity: Decimal
    index: Decimal  # USD per coin; the mark where the journal has no index
    mark: Decimal
    drift_usd: Decimal
    band_usd: Decimal
    legs: tuple[Leg, ...]
    seq: int = 0  # in the journal
    outside: Decimal | None = None  # coins elsewhere than in the hedge's accounts; None: not told
    is_whole: bool = False  # with index and every contract: since 0.2
    carry_per_year: Decimal | None = None  # forecast, as a fraction of the hedge
    funding_usd_per_day: Decimal | None = None  # forecast
    watched: Watched | None = None

    @property
    @exact
    def value(self) -> Decimal:
        """Coins in USD; what linear contracts pay is beside it."""
        return self.equity * self.index

    @property
    @exact
    def position_usd(self) -> Decimal:
        """The whole hedge."""
        return sum((leg.usd for leg in self.legs), ZERO)


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill: signed in its contract's unit, with the fee in what the contract pays (paid > 0).

    `why` is empty for those of our orders: others come by hand, by liquidation and so on.
    """

    at: datetime  # the venue's clock
    place: Place
    kind: Kind
    quantity: Decimal
    price: Decimal
    fee: Decimal
    trade_id: str = ""
    seq: int = 0  # in the journal
    why: str = ""

    @property
    @exact
    def usd(self) -> Decimal:
        """Notional, > 0."""
        worth = self.quantity if self.kind is Kind.INVERSE else self.quantity * self.price
        return abs(worth)


@dataclass(slots=True)
class AssetRecords:
    """What the journal has of one asset of one book."""

    book: str
    asset: str
    samples: list[Sample] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    others: list[Trade] = field(default_factory=list)  # not of our orders, in the same contracts
    orders: list[int] = field(default_factory=list)  # their places in the journal
    unshown: list[Trade] = field(default_factory=list)  # of contracts that no sample shows
    other_fees: int = 0  # fills whose fee was paid in another coin: not counted

    @property
    def left_out(self) -> int:
        """Fills that are not in it."""
        return len(self.unshown)

    @property
    def places(self) -> frozenset[Place]:
        """The contracts that it was hedged with."""
        return frozenset(leg.place for sample in self.samples for leg in sample.legs)
