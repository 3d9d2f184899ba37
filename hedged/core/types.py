"""The vocabulary of the core: what is observed, what is wanted, what is decided.

Signs: long > 0, short < 0, everywhere. A position in an inverse contract is a signed USD
notional, one in a linear contract a signed number of coins; `Amount` carries the unit and
refuses to add unlike ones. Ratios are fractions (0.0025 = 0.25 %). Ages are seconds on a
monotonic clock since the *start* of the read that brought the value.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedged.core.decimals import CONTEXT

USD: Final = "USD"


class Environment(StrEnum):
    """Which world the venues belong to."""

    SIM = "sim"
    TESTNET = "testnet"
    MAINNET = "mainnet"


class Execution(StrEnum):
    """Whether proposed orders are sent."""

    DRY_RUN = "dry-run"
    LIVE = "live"


class TradingState(StrEnum):
    """What the operator allows."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class Accounting(StrEnum):
    """What is hedged: coins with their unrealised PnL, or without it."""

    EQUITY = "equity"
    COINS = "coins"


class Kind(StrEnum):
    """How a contract pays: in coin on a USD face, or in quote on a coin face."""

    INVERSE = "inverse"
    LINEAR = "linear"


class Side(StrEnum):
    """Direction of an order."""

    BUY = "buy"
    SELL = "sell"


class Reason(StrEnum):
    """Why a cycle traded or did not; closed, and used as log field, metric label and text."""

    IN_BAND = "IN_BAND"
    BELOW_BAND = "BELOW_BAND"
    ABOVE_BAND = "ABOVE_BAND"
    BELOW_MIN_QTY = "BELOW_MIN_QTY"
    ORDER_IN_FLIGHT = "ORDER_IN_FLIGHT"
    COOLDOWN = "COOLDOWN"
    WINDOW = "WINDOW"
    STALE_DATA = "STALE_DATA"
    SOURCE_MISSING = "SOURCE_MISSING"
    SANITY_JUMP = "SANITY_JUMP"
    EPOCH_TORN = "EPOCH_TORN"
    CLOCK_SKEW = "CLOCK_SKEW"
    UNMANAGED_POSITION = "UNMANAGED_POSITION"
    EXTERNAL_CHANGE = "EXTERNAL_CHANGE"
    MARGIN_LOW = "MARGIN_LOW"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    COLLAR = "COLLAR"
    NO_LIQUIDITY = "NO_LIQUIDITY"
    NOT_ARMED = "NOT_ARMED"
    UNRECONCILED = "UNRECONCILED"
    REDUCING = "REDUCING"
    HALTED = "HALTED"
    DRY_RUN = "DRY_RUN"


class UnitMismatchError(TypeError):
    """Two amounts of different units were combined: always a bug."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A signed quantity with its unit: a coin such as "BTC", or "USD"."""

    value: Decimal
    unit: str

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(CONTEXT.add(self.value, other.of(self.unit)), self.unit)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(CONTEXT.subtract(self.value, other.of(self.unit)), self.unit)

    def __neg__(self) -> "Amount":
        return Amount(CONTEXT.minus(self.value), self.unit)

    def of(self, unit: str) -> Decimal:
        """The bare value, for a formula that expects this unit.

        Raises:
            UnitMismatchError: the amount has another unit.
        """
        if unit != self.unit:
            raise UnitMismatchError(f"{self.value} {self.unit} where {unit} was expected")
        return self.value


@dataclass(frozen=True, slots=True)
class Instrument:
    """A derivative as its venue lists it; lot, minimum and maximum are in contracts."""

    venue: str  # the venue's name in the configuration
    symbol: str  # unified, e.g. BTC/USD:BTC
    kind: Kind
    base: str
    settle: str
    contract_size: Decimal  # USD per contract (inverse), coins per contract (linear)
    lot: Decimal
    tick: Decimal  # USD per coin
    min_contracts: Decimal
    max_contracts: Decimal | None  # per order; None: the venue names no limit

    @property
    def unit(self) -> str:
        """The unit of a position in it."""
        return USD if self.kind is Kind.INVERSE else self.base


@dataclass(frozen=True, slots=True)
class Quote:
    """Prices of one instrument, USD per coin; a missing price is None, never zero."""

    instrument: Instrument
    mark: Decimal
    index: Decimal
    age_s: Decimal
    bid: Decimal | None = None
    ask: Decimal | None = None
    funding_rate: Decimal | None = None  # per interval; > 0: longs pay shorts


@dataclass(frozen=True, slots=True)
class Position:
    """One open position in one-way mode; `quantity` in the instrument's unit."""

    instrument: Instrument
    quantity: Amount
    entry: Decimal  # average entry, USD per coin
    unrealised_pnl: Decimal | None = None  # as reported: coins (inverse) or quote (linear)
    liquidation_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CoinBalance:
    """A coin in a futures or unified wallet: `wallet` never includes unrealised PnL."""

    wallet: Amount
    equity: Amount | None  # as reported, with unrealised PnL; None: the venue reports none


@dataclass(frozen=True, slots=True)
class MarginAccount:
    """One account at one moment: balances and positions were read together."""

    venue: str
    balances: tuple[CoinBalance, ...]
    positions: tuple[Position, ...]
    age_s: Decimal


@dataclass(frozen=True, slots=True)
class Holding:
    """Coins held outside the margin accounts, such as a cold wallet."""

    source: str
    quantity: Amount
    age_s: Decimal


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that should have been read and was not: unknown, never zero."""

    source: str  # a venue or a spot source
    what: str  # e.g. "account", "quote BTC/USD:BTC"
    detail: str
    reason: Reason = Reason.SOURCE_MISSING


@dataclass(frozen=True, slots=True)
class PaperFill:
    """A proposed order that dry-run assumes filled at its bound."""

    instrument: Instrument
    quantity: Amount  # signed, in the instrument's unit
    price: Decimal


@dataclass(frozen=True, slots=True)
class InFlight:
    """An order whose end is not known: it holds its instrument's slot."""

    venue: str
    symbol: str
    client_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class HedgePolicy:
    """What the owner wants for one asset; fractions unless a unit is named."""

    asset: str
    spot: tuple[str, ...]  # sources whose coins count, beside the hedge venue's collateral
    venue: str
    symbol: str
    ratio: Decimal = Decimal(1)
    keep: Decimal | None = None  # coins left exposed; takes the ratio's place
    accounting: Accounting | None = None  # None: equity for inverse, coins for linear
    band: Decimal = Decimal("0.0025")
    rebalance_to: Decimal = Decimal("0.5")  # of the band: 0 = target, 1 = edge
    slippage: Decimal = Decimal("0.001")  # from mark to the order's price bound
    collar: Decimal = Decimal("0.05")  # largest |mark/index - 1| to trade at
    max_age_s: Decimal = Decimal(30)
    allow_long: bool = False


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
    armed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One auditable contribution to an exposure, in coins."""

    label: str
    source: str
    coins: Amount
    detail: str = ""
    assumed: bool = False  # stems from the paper position


@dataclass(frozen=True, slots=True)
class Exposure:
    """Where one asset stands, in coins, with the lines each figure came from."""

    asset: str
    lines: tuple[Line, ...]
    spot: Amount
    collateral: Amount
    unrealised_pnl: Amount  # of coin-settled positions; linear PnL is in quote
    position: Amount  # USD (inverse) or coins (linear)
    position_usd: Decimal
    hedge_delta: Amount

    @property
    def coins(self) -> Amount:
        """Spot and collateral without unrealised PnL."""
        return self.spot + self.collateral

    @property
    def equity(self) -> Amount:
        """E of the maths: coins with their unrealised PnL."""
        return self.coins + self.unrealised_pnl

    @property
    def net_delta(self) -> Amount:
        """Coins that still move with the price."""
        return self.equity + self.hedge_delta


@dataclass(frozen=True, slots=True)
class Target:
    """The position wanted and the room around it, in signed USD at the mark."""

    usd: Decimal
    band_usd: Decimal  # effective: never less than one lot
    rule: str  # in words, e.g. "ratio 1 of equity"
    refused_usd: Decimal | None = None  # a long target that `allow_long = false` cut to 0


@dataclass(frozen=True, slots=True)
class Standing:
    """An exposure held against its target."""

    exposure: Exposure
    target: Target

    @property
    def drift_usd(self) -> Decimal:
        """Position less target: > 0 is under-hedged for a long book."""
        return CONTEXT.subtract(self.exposure.position_usd, self.target.usd)


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands in the way: the reason with its figure and its limit."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """One order that would close the gap; contracts and notional are positive."""

    book: str
    cycle: int
    asset: str
    instrument: Instrument
    side: Side
    contracts: Decimal
    notional_usd: Decimal
    limit_price: Decimal
    reduce_only: bool

    @property
    def quantity(self) -> Amount:
        """The signed change of the position, in the instrument's unit."""
        size = CONTEXT.multiply(self.contracts, self.instrument.contract_size)
        return Amount(size if self.side is Side.BUY else -size, self.instrument.unit)


@dataclass(frozen=True, slots=True)
class AssetDecision:
    """What one asset needs, and why."""

    asset: str
    reason: Reason  # the verdict
    why: str  # the verdict in words, with figure and limit
    standing: Standing | None = None  # None: input was missing
    paper: Standing | None = None  # the same with the assumed fills
    orders: tuple[OrderIntent, ...] = ()
    blocked: tuple[Finding, ...] = ()  # why the orders are not sent

    @property
    def judged(self) -> Standing | None:
        """The standing that the verdict speaks of."""
        return self.paper or self.standing


@dataclass(frozen=True, slots=True)
class Approved:
    """An intent that passed every gate; only `risk` makes these."""

    intent: OrderIntent


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one cycle for one book."""

    book: str
    cycle: int
    at: datetime
    assets: tuple[AssetDecision, ...]
    approved: tuple[Approved, ...]
