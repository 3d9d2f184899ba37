"""All that a decision may depend on: what is observed, what is wanted, what is remembered.

The memory is what earlier cycles of the book left behind. It is data like the rest: `memory`
folds it from cycle to cycle, and whoever runs the cycles keeps it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from hedged.core.moves import Move
from hedged.core.observed import (
    Holding,
    InFlight,
    Maintenance,
    MarginAccount,
    Missing,
    PaperFill,
    Quote,
    Rate,
    Transfer,
)
from hedged.core.value import quick
from hedged.core.wanted import NO_CAPS, Caps, HedgePolicy
from hedged.core.words import Environment, Execution, Kind, TradingState

NEVER_ARMED: Final = "orders on mainnet need an armed book"


@quick
@dataclass(frozen=True, slots=True)
class HeldAt:
    """How much of one instrument was held, in its own unit."""

    venue: str
    symbol: str
    kind: Kind
    quantity: Decimal


@quick
@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one asset, to be held against the next reading."""

    asset: str
    coins: Decimal  # spot, collateral and transfers, without PnL
    mark: Decimal  # of the first leg, USD per coin
    net_delta: Decimal  # coins, without what it carries for other assets
    positions: tuple[HeldAt, ...]


@quick
@dataclass(frozen=True, slots=True)
class DayStatistics:
    """Sums of squares of one day, for the automatic band."""

    day: date
    flows: Decimal  # of flows in USD
    returns: Decimal  # of logarithmic price changes
    return_hours: Decimal  # that those changes span


@quick
@dataclass(frozen=True, slots=True)
class AssetMemory:
    """What earlier cycles left behind for one asset."""

    asset: str
    believed: Reading | None = None
    believed_at: datetime | None = None
    doubted: Reading | None = None  # a jump that a second look has not confirmed yet
    doubted_at: datetime | None = None  # since when every look has agreed with it
    correcting_since: datetime | None = None  # a correction has begun and not reached its end
    working_since: datetime | None = None  # orders have been wanted ever since
    first_at: datetime | None = None  # since when flows are known
    sampled_at: datetime | None = None  # of the last price in the statistics
    sampled_mark: Decimal | None = None
    days: tuple[DayStatistics, ...] = ()
    emergency_since: datetime | None = None  # the margin is running out
    owed: Decimal = Decimal(0)  # the least that was borrowed since something was, coins


@quick
@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was sent, or that dry-run assumed; what ended counts as far as it filled."""

    at: datetime
    asset: str
    venue: str
    symbol: str
    quantity: Decimal  # signed, in the instrument's unit
    notional_usd: Decimal  # >= 0
    goes_on: bool = False  # in the place of one that was cancelled: no new intent
    withdrawn: bool = False  # cancelled by us
    booked_usd: Decimal = Decimal(0)  # of its notional: trades whose fee is known in USD
    fee_usd: Decimal = Decimal(0)  # of those, paid > 0


@quick
@dataclass(frozen=True, slots=True)
class FundingStamp:
    """The rate that an instrument charged at one stamp."""

    venue: str
    symbol: str
    at: datetime
    rate: Decimal
    settled: bool = False  # False: the next stamp, whose rate may still change


@quick
@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier cycles of one book left behind."""

    assets: tuple[AssetMemory, ...] = ()
    placed: tuple[Placed, ...] = ()  # within the last day, oldest first
    stamps: tuple[FundingStamp, ...] = ()  # oldest first
    transfers: tuple[Transfer, ...] = ()  # not known to have arrived
    moves: tuple[Move, ...] = ()  # our own transfers, of all books, within a day


@quick
@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a decision may depend on."""

    book: str
    cycle: int
    at: datetime
    environment: Environment
    execution: Execution
    hedges: tuple[HedgePolicy, ...]
    accounts: tuple[MarginAccount, ...]
    holdings: tuple[Holding, ...]
    quotes: tuple[Quote, ...]
    missing: tuple[Missing, ...] = ()
    in_flight: tuple[InFlight, ...] = ()
    paper: tuple[PaperFill, ...] | None = None  # None: no paper position is kept
    state: TradingState = TradingState.ACTIVE
    flattened: str | None = None  # by whom and why the hedge is closed; None: it is kept
    # Why real money may not move; None: the book is armed. Only mainnet asks.
    disarmed: str | None = NEVER_ARMED
    rates: tuple[Rate, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()  # announced, or under way
    unprotected: tuple[str, ...] = ()  # venues whose resting orders would outlive this process
    memory: Memory = Memory()
    caps: Caps = NO_CAPS  # of the book
    total: Caps = NO_CAPS  # of all books together
    elsewhere: tuple[Placed, ...] = ()  # what other books have sent within the last day
    held_elsewhere_usd: Decimal | None = Decimal(0)  # by other books; None: not known
