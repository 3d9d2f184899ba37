"""What the owner wants: which coins to hedge, with what, how closely, and within which limits.

Ratios are fractions (0.0025 = 0.25 %), times in seconds; amounts name their unit.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.words import Accounting, BandKind, CarryAction, Others, StyleKind


@dataclass(frozen=True, slots=True)
class HedgeLeg:
    """One instrument that may carry a part of the hedge."""

    venue: str
    symbol: str
    priority: int = 1  # the lowest number is filled first
    weight: Decimal = Decimal(1)  # share among legs of one priority
    cap_usd: Decimal | None = None  # largest |position|; None: no cap


@dataclass(frozen=True, slots=True)
class Alias:
    """Another coin that counts as the asset: wrapped, staked, or earning under its own name."""

    coin: str
    rate: Decimal | None = Decimal(1)  # assets per coin; None: observed, see `Rate`


@dataclass(frozen=True, slots=True)
class Cross:
    """The asset has no instrument of its own: another asset's hedge carries it."""

    asset: str
    beta: Decimal  # what the asset's price does when the other's moves by 1


@dataclass(frozen=True, slots=True)
class Band:
    """How far the hedge may drift before it trades."""

    kind: BandKind = BandKind.RELATIVE
    size: Decimal = Decimal("0.0025")  # a fraction, USD or coins, by kind
    risk_aversion: Decimal = Decimal(10)  # AUTO: gamma of the maths
    order_cost_usd: Decimal = Decimal(0)  # AUTO: fixed cost of one order
    value_at_risk_usd: Decimal | None = None  # AUTO: cap on a day's 99 % loss inside the band
    hysteresis: Decimal = Decimal(1)  # a correction goes on until this fraction of the band
    outer: Decimal = Decimal(3)  # beyond this many bands the cooldown is ignored


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which another ratio holds: once, or at each time of a cron line.

    The ratio moves there in `steps` equal steps during the first `ramp_s`, and back in as many
    during the last `ramp_s`.
    """

    name: str
    ratio: Decimal
    starts_at: datetime | None = None  # once: aware, with ends_at
    ends_at: datetime | None = None
    cron: str | None = None  # or at each of these local times, for `duration_s`
    duration_s: int | None = None
    zone: str = "UTC"
    ramp_s: int = 0
    steps: int = 1


@dataclass(frozen=True, slots=True)
class CarryFloor:
    """The least that the hedge must earn per year, as a fraction, and what happens below it."""

    per_year: Decimal
    stamps: int = 21  # funding stamps to average: a week of three a day
    action: CarryAction = CarryAction.ALERT
    ratio: Decimal | None = None  # with action RATIO


@dataclass(frozen=True, slots=True)
class CarryBounds:
    """Where somebody is told: carry a year, and the basis as a fraction of the index."""

    ceiling: Decimal | None = None
    basis_low: Decimal | None = None
    basis_high: Decimal | None = None
    stamps: int = 21  # that the carry is averaged over


@dataclass(frozen=True, slots=True)
class Caps:
    """What all orders of a book, or of all books, may come to; None: no limit."""

    max_orders_per_hour: int | None = None
    max_turnover_usd: Decimal | None = None  # per day
    max_cost_usd: Decimal | None = None  # per day, fees and spreads
    max_position_usd: Decimal | None = None  # all positions together, whatever their signs


NO_CAPS: Final = Caps()


@dataclass(frozen=True, slots=True)
class Limits:
    """What no order may exceed; None: no limit. USD is notional at the mark."""

    min_order_usd: Decimal | None = None
    max_order_usd: Decimal | None = None  # larger ones are sent in slices
    max_position_usd: Decimal | None = None
    max_orders_per_hour: int | None = 60
    max_turnover_usd: Decimal | None = None  # per day
    max_cost_usd: Decimal | None = None  # per day, fees and spreads
    cooldown_s: Decimal = Decimal(0)  # between two orders of the asset
    max_leverage: Decimal | None = Decimal(4)  # |position| over the collateral of its account
    liquidation_distance: Decimal | None = Decimal("0.15")  # of the mark
    emergency_distance: Decimal | None = Decimal("0.075")  # a rise; surviving less is an emergency
    collateral_low: Decimal | None = Decimal("0.25")  # of the coins; below it somebody is told
    collateral_target: Decimal = Decimal("0.4")
    collateral_high: Decimal = Decimal("0.65")
    max_margin_use: Decimal | None = Decimal("0.5")  # maintenance over equity
    collar: Decimal = Decimal("0.05")  # largest distance of a price from index and last
    jump: Decimal = Decimal("0.5")  # largest change between two looks that needs no second look
    depth_share: Decimal = Decimal(1)  # of what stands in the book within the bound
    transit_s: Decimal = Decimal(7200)  # how long own transfers count while under way


@dataclass(frozen=True, slots=True)
class Transfers:
    """Between which accounts collateral may be moved by itself, and how much of it in a day."""

    venue: str  # whose trading account the short is in
    store: str  # the account that coins come from and go back to, such as "main:funding"
    max_a_day: int = 6
    max_coins_a_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How the orders of a hedge are worked, and with how much patience."""

    kind: StyleKind = StyleKind.IOC
    time_limit_s: Decimal = Decimal(60)  # MAKER: how long a correction may rest
    reprice_s: Decimal = Decimal(2)  # MAKER: least time between two prices
    reprice_ticks: int = 1  # MAKER: how far the best price must be away
    cross: bool = True  # MAKER: after the time limit; else give up, and try again later
    slices: int = 5  # TWAP
    duration_s: Decimal = Decimal(300)  # TWAP: of a correction
    jitter: Decimal = Decimal("0.5")  # TWAP: 0: in the middle of each window, 1: anywhere in it

    def __post_init__(self) -> None:
        if self.slices < 1 or self.duration_s < 0 or not 0 <= self.jitter <= 1:
            raise ValueError(f"not a schedule: {self}")


@dataclass(frozen=True, slots=True)
class HedgePolicy:
    """What the owner wants for one asset; fractions unless a unit is named."""

    asset: str
    spot: tuple[str, ...]  # sources whose coins count, beside the collateral at the legs' venues
    legs: tuple[HedgeLeg, ...]  # empty only with `cross`
    aliases: tuple[Alias, ...] = ()
    cross: Cross | None = None
    ratio: Decimal = Decimal(1)
    keep: Decimal | None = None  # coins left exposed; takes the ratio's place
    notional_usd: Decimal | None = None  # a fixed short; takes the ratio's place
    windows: tuple[Window, ...] = ()
    carry_floor: CarryFloor | None = None
    carry_bounds: CarryBounds = CarryBounds()
    accounting: Accounting | None = None  # None: equity where anything settles in coin
    band: Band = Band()
    rebalance_to: Decimal = Decimal("0.5")  # of the band: 0 = target, 1 = edge
    slippage: Decimal = Decimal("0.001")  # from mark to the order's price bound
    max_age_s: Decimal = Decimal(30)
    allow_long: bool = False
    others: Others = Others.BLOCK
    limits: Limits = Limits()
    style: Style = Style()
    transfers: Transfers | None = None  # None: nothing is moved by itself

    @property
    def venues(self) -> tuple[str, ...]:
        """The venues of its legs, once each."""
        if len(self.legs) == 1:
            return (self.legs[0].venue,)
        return tuple(dict.fromkeys(leg.venue for leg in self.legs))
