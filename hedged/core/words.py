"""The closed vocabularies of the core: every enumeration, with its text for logs and files."""

from enum import StrEnum
from typing import Final

USD: Final = "USD"
# How the detail of a refusal begins where a venue has reopened for orders that rest, as after
# maintenance.
POST_ONLY_PERIOD: Final = "the venue takes none but post-only orders for now"
# The same where an order that may only rest would have traded, whether it is refused or ends.
WOULD_TAKE: Final = "post-only would take"


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


class StyleKind(StrEnum):
    """How an order is worked."""

    IOC = "ioc"  # at once, at a bounded price; what does not fill is planned anew
    MAKER = "maker"  # resting at the best price of its own side, which it follows
    TWAP = "twap"  # in slices over a duration, each at a bounded price


class BandKind(StrEnum):
    """What the size of a band is measured in."""

    RELATIVE = "relative"  # a fraction of the book's value
    USD = "usd"
    COINS = "coins"
    AUTO = "auto"  # computed from costs and risk; its size is the fallback fraction


class CarryAction(StrEnum):
    """What happens when the hedge earns less than its floor."""

    ALERT = "alert"
    RATIO = "ratio"  # the ratio steps down
    NEXT = "next"  # the hedge moves to the next instrument


class Others(StrEnum):
    """What becomes of positions on a hedged coin that no hedge manages."""

    BLOCK = "block"
    COUNT = "count"


class Grade(StrEnum):
    """How near the worst an alert is."""

    WARNING = "warning"
    URGENT = "urgent"  # it grows critical when it lasts
    CRITICAL = "critical"


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
