"""Orders, what became of them, and why one is refused.

The words are Bybit's (they are also the values that its dialect prints). Quantities are positive,
the side gives the direction; they are in base coins (spot, linear) or US dollars (inverse), except
where `in_quote` says that a spot market order is sized by the quote coins it may spend or must
raise.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum, auto
from typing import NamedTuple

from hedged.sim.decimals import ZERO
from hedged.sim.instruments import Instrument


class Side(StrEnum):
    """Direction of an order."""

    BUY = "Buy"
    SELL = "Sell"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY

    def signed(self, quantity: Decimal) -> Decimal:
        """Return the quantity as a change of position: bought > 0, sold < 0."""
        return quantity if self is Side.BUY else -quantity


class OrderType(StrEnum):
    """Limit, or market: an immediate order bounded by the price limit of the instrument."""

    LIMIT = "Limit"
    MARKET = "Market"


class TimeInForce(StrEnum):
    """How long an order waits."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "PostOnly"


class SelfTrade(StrEnum):
    """What happens when an order would trade with another of the same account."""

    NONE = "None"
    CANCEL_MAKER = "CancelMaker"
    CANCEL_TAKER = "CancelTaker"
    CANCEL_BOTH = "CancelBoth"


class Origin(StrEnum):
    """Who made an order: the client, or the exchange when it closes a position."""

    USER = "CreateByUser"
    LIQUIDATION = "CreateByLiq"
    TAKEOVER = "CreateByTakeOver_PassThrough"
    DELEVERAGING = "CreateByAdl_PassThrough"
    DELIVERY = "CreateBySettle"


class Execution(StrEnum):
    """The kinds of fill."""

    TRADE = "Trade"
    FUNDING = "Funding"
    LIQUIDATION = "BustTrade"
    DELEVERAGING = "AdlTrade"
    DELIVERY = "Delivery"
    SETTLEMENT = "SessionSettlePnL"


class Status(StrEnum):
    """The life of an order."""

    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    PARTIALLY_FILLED_CANCELLED = "PartiallyFilledCanceled"

    @property
    def is_open(self) -> bool:
        """Whether the order can still fill."""
        return self is Status.NEW or self is Status.PARTIALLY_FILLED


class Ending(StrEnum):
    """Why an order ended unfilled."""

    NONE = auto()
    BY_USER = auto()
    WOULD_TAKE = auto()
    NO_LIQUIDITY = auto()
    NOT_IN_FULL = auto()
    REDUCE_ONLY = auto()
    SELF_TRADE = auto()
    LIQUIDATION = auto()
    DELEVERAGING = auto()
    DISCONNECTED = auto()
    DELISTED = auto()


class Refusal(StrEnum):
    """Why the exchange did not do what it was asked; each dialect has its own code for it."""

    UNKNOWN_SYMBOL = auto()
    NOT_TRADING = auto()
    POST_ONLY_PERIOD = auto()
    UNKNOWN_COIN = auto()
    UNKNOWN_ORDER = auto()
    DUPLICATE_LINK_ID = auto()
    QUANTITY_INVALID = auto()
    QUANTITY_TOO_SMALL = auto()
    QUANTITY_TOO_LARGE = auto()
    VALUE_TOO_SMALL = auto()
    VALUE_TOO_LARGE = auto()
    PRICE_INVALID = auto()
    PRICE_TOO_HIGH = auto()
    PRICE_TOO_LOW = auto()
    POSITION_INDEX = auto()
    REDUCE_ONLY = auto()
    INSUFFICIENT_MARGIN = auto()
    INSUFFICIENT_BALANCE = auto()
    TOO_MANY_ORDERS = auto()
    NOT_MODIFIED = auto()
    BELOW_FILLED = auto()
    LEVERAGE_INVALID = auto()
    POSITION_OPEN = auto()
    ORDERS_OPEN = auto()
    SAME_WALLET = auto()
    DUPLICATE_TRANSFER = auto()


class RefusedError(Exception):
    """The exchange refuses a request; nothing has changed."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal}: {detail}" if detail else str(refusal))
        self.refusal = refusal
        self.detail = detail


class OrderRequest(NamedTuple):
    """What a client asks for."""

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal | None = None
    order_type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    link_id: str = ""
    position_index: int = 0
    in_quote: bool = False
    self_trade: SelfTrade = SelfTrade.NONE


@dataclass(slots=True, eq=False)
class Order:
    """An accepted order.

    `price` is the worst price at which it may trade, also for a market order; `is_reducing` says
    that it may only bring a position toward zero; `quantity` is always in units of the instrument.
    """

    order_id: str
    account: str
    instrument: Instrument
    request: OrderRequest
    price: Decimal
    quantity: Decimal
    created_ms: int
    sequence: int
    mark_on_creation: Decimal
    is_reducing: bool = False
    origin: Origin = Origin.USER
    updated_ms: int = 0
    filled: Decimal = ZERO
    filled_value: Decimal = ZERO
    fees: dict[str, Decimal] = field(default_factory=dict)
    status: Status = Status.NEW
    ending: Ending = Ending.NONE

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.instrument.symbol

    @property
    def side(self) -> Side:
        """Direction of the order."""
        return self.request.side

    @property
    def link_id(self) -> str:
        """The client's own id, or nothing."""
        return self.request.link_id

    @property
    def is_immediate(self) -> bool:
        """Whether what does not fill at once is cancelled."""
        return self.request.order_type is OrderType.MARKET or self.request.time_in_force in (
            TimeInForce.IOC,
            TimeInForce.FOK,
        )

    @property
    def leaves(self) -> Decimal:
        """What can still fill."""
        return self.quantity - self.filled if self.status.is_open else ZERO

    @property
    def average_price(self) -> Decimal:
        """Average price of its fills; 0 without any."""
        return self.instrument.average_price(self.filled, self.filled_value)

    def fill(
        self, quantity: Decimal, value: Decimal, fee_coin: str, fee: Decimal, now_ms: int
    ) -> None:
        """Count an execution."""
        self.filled += quantity
        self.filled_value += value
        self.fees[fee_coin] = self.fees.get(fee_coin, ZERO) + fee
        self.updated_ms = now_ms
        is_done = self.filled >= self.quantity
        self.status = Status.FILLED if is_done else Status.PARTIALLY_FILLED


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution: a trade, or a funding payment (`fee` is what was paid, < 0 when received).

    What the exchange does to a position (liquidation, deleveraging, delivery, the settlement of a
    session) is an execution too. `value` is in the settlement coin (spot: quote), `closed` the part
    of the quantity that closed a position and `profit` what that realised.
    """

    fill_id: str
    order_id: str
    link_id: str
    account: str
    instrument: Instrument
    kind: Execution
    side: Side
    at_ms: int
    price: Decimal
    quantity: Decimal
    value: Decimal
    fee: Decimal
    fee_coin: str
    fee_rate: Decimal
    is_maker: bool
    order_type: str
    order_price: Decimal
    order_quantity: Decimal
    leaves: Decimal
    closed: Decimal
    profit: Decimal
    mark: Decimal
    index: Decimal
    sequence: int

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.instrument.symbol
