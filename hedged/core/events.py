"""What the journal records: every fact and every act that a restart must know again.

An event is what happened, never what it led to: the state of an order, the position that we
should hold and what an operator still has to acknowledge all fold from the events alone
(`core.orders`, `core.ledger`). Events of one order carry its client id. Quantities of orders
are contracts and positive, with a side; quantities of positions are signed `Amount`s in the
instrument's unit. A later version may add fields with defaults and new kinds; it never renames
a field or a kind, because old journals must stay readable.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final, get_args

from hedged.core.arrangement import Arranged
from hedged.core.listing import Listed
from hedged.core.looks import Look, Watched
from hedged.core.moves import MoveIntended, MoveStep
from hedged.core.statement import StatementLine, StatementRead
from hedged.core.terms import Answer, Cause, Terms, signed
from hedged.core.types import Amount, Memory, Reason, Side, TradingState


@dataclass(frozen=True, slots=True)
class Created:
    """The journal begins; its epoch keeps the client ids of two journals apart."""

    kind: ClassVar[str] = "created"
    epoch_ms: int


@dataclass(frozen=True, slots=True)
class Observed:
    """What a decision was made from, as a digest: proof of equality, not a copy."""

    kind: ClassVar[str] = "snapshot"
    book: str
    cycle: int
    digest: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What one asset needed in one cycle; amounts are signed USD, delta is coins.

    Recorded when the verdict is another one than before, when an order follows, and every hour.
    """

    kind: ClassVar[str] = "decision"
    book: str
    cycle: int
    asset: str
    reason: Reason
    why: str
    target_usd: Decimal | None = None
    drift_usd: Decimal | None = None
    net_delta: Decimal | None = None
    orders: int = 0
    blocked: tuple[Reason, ...] = ()
    band_usd: Decimal | None = None
    position_usd: Decimal | None = None
    equity: Decimal | None = None  # coins
    look: Look | None = None  # with more of the figures behind it; None: none could be told
    watched: Watched | None = None  # since the verdict before; None: by a version before 0.2


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a book's next decision needs of the earlier ones, beside what orders tell."""

    kind: ClassVar[str] = "memory"
    book: str
    memory: Memory


@dataclass(frozen=True, slots=True)
class Intended:
    """An order is going to be sent; committed before anything leaves."""

    kind: ClassVar[str] = "intent"
    order: Terms

    @property
    def client_id(self) -> str:
        """The order's own id."""
        return self.order.client_id


@dataclass(frozen=True, slots=True)
class Submitted:
    """The order may have left from here on; committed before it is sent."""

    kind: ClassVar[str] = "submit"
    client_id: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """An intent that was kept back, by the process that would have sent it; nothing left."""

    kind: ClassVar[str] = "drop"
    client_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue took the order."""

    kind: ClassVar[str] = "acknowledgement"
    client_id: str
    venue_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Proof that the venue did not take the order."""

    kind: ClassVar[str] = "refusal"
    client_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The submit ended without proof of either."""

    kind: ClassVar[str] = "unknown"
    client_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the venue says of the order; `filled` is its total so far, in contracts."""

    kind: ClassVar[str] = "look-up"
    client_id: str
    answer: Answer
    filled: Decimal = Decimal(0)
    venue_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NeverExisted:
    """Enough not-founds over enough time, no fill, position unchanged: it was never taken."""

    kind: ClassVar[str] = "never-existed"
    client_id: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Released:
    """An operator takes an order for ended that its venue no longer tells of: its slot is free.

    The judgement of a person with the evidence at hand, where the venue gives no proof. A fill
    that comes after all is booked as a late one; the order itself, seen working, is an orphan.
    """

    kind: ClassVar[str] = "release"
    client_id: str
    who: str
    why: str
    evidence: str  # what was looked at: answers of the venue, its page, its support


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A cancel is going to be sent."""

    kind: ClassVar[str] = "cancel"
    client_id: str
    why: str
    given_up: bool = False  # nobody traded there in time


@dataclass(frozen=True, slots=True)
class Repriced:
    """A new limit price is going to be sent for the same order."""

    kind: ClassVar[str] = "reprice"
    client_id: str
    limit_price: Decimal


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade as the venue lists it; `fee` > 0 was paid, in `fee.unit`."""

    kind: ClassVar[str] = "fill"
    client_id: str  # as the venue shows it; empty for a trade by hand
    venue: str
    symbol: str
    trade_id: str
    side: Side
    contracts: Decimal
    contract_size: Decimal
    unit: str
    price: Decimal
    traded_at: datetime  # the venue's clock
    fee: Amount | None = None
    is_maker: bool | None = None
    cause: Cause = Cause.TRADE

    @property
    def quantity(self) -> Amount:
        """The signed change of the position."""
        return signed(self.side, self.contracts, self.contract_size, self.unit)

    @property
    def trade(self) -> str:
        """The trade's identity; venues number trades per instrument."""
        return trade_key(self.venue, self.symbol, self.trade_id)


@dataclass(frozen=True, slots=True)
class Opening:
    """A position that was there before the journal knew the instrument, and is adopted."""

    kind: ClassVar[str] = "opening"
    venue: str
    symbol: str
    quantity: Amount
    as_of: datetime  # trades up to then are in it; the venue's clock


@dataclass(frozen=True, slots=True)
class ExternalChange:
    """A position changed without an order of ours; counted at once, frozen until acknowledged."""

    kind: ClassVar[str] = "external-change"
    venue: str
    symbol: str
    quantity: Amount
    cause: Cause
    why: str
    adopted: bool  # it needs no acknowledgement: the settings say so, or it takes one back
    trade_id: str | None = None
    traded_at: datetime | None = None
    price: Decimal | None = None  # of that trade
    fee: Amount | None = None  # paid > 0

    @property
    def trade(self) -> str | None:
        """The identity of the trade that made it, where there is one."""
        return self.trade_id and trade_key(self.venue, self.symbol, self.trade_id)


@dataclass(frozen=True, slots=True)
class StateChanged:
    """What the operator, or a fault, allows from now on."""

    kind: ClassVar[str] = "state-change"
    state: TradingState
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Flattened:
    """An operator has a book's hedge closed and kept closed; with `on` False, hedged again."""

    kind: ClassVar[str] = "flatten"
    book: str
    on: bool
    who: str
    why: str = ""

    @property
    def told(self) -> str:
        """Whose doing it is, in words."""
        return f"flattened by {self.who}{f': {self.why}' if self.why else ''}"


@dataclass(frozen=True, slots=True)
class Armed:
    """An operator has seen account and limits of a book, and lets it trade real money."""

    kind: ClassVar[str] = "arm"
    book: str
    accounts: tuple[str, ...]  # in words, see `arming`
    limits: tuple[str, ...]
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Disarmed:
    """An operator takes that back."""

    kind: ClassVar[str] = "disarm"
    book: str
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Acked:
    """An operator has seen what froze an instrument, or a coin whose balance fell."""

    kind: ClassVar[str] = "ack"
    venue: str
    what: str  # a symbol, or a coin
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The journal was held against the venue; balances are those believed afterwards."""

    kind: ClassVar[str] = "reconcile"
    venue: str
    clean: bool
    notes: tuple[str, ...] = ()
    balances: tuple[Amount, ...] = ()
    requests: int = 0  # asked of the venue since the one before, by this process
    weight: Decimal = Decimal(0)  # of these, see `access.Use`


OrderEvent = (
    Intended
    | Submitted
    | Dropped
    | Acknowledged
    | Rejected
    | OutcomeUnknown
    | LookedUp
    | NeverExisted
    | Released
    | CancelRequested
    | Repriced
    | Fill
)
Event = (
    OrderEvent
    | Created
    | Observed
    | Decided
    | Remembered
    | Opening
    | ExternalChange
    | StateChanged
    | Flattened
    | Armed
    | Disarmed
    | Acked
    | Reconciled
    | Listed
    | Arranged
    | MoveIntended
    | MoveStep
    | StatementLine
    | StatementRead
)
EVENTS: Final[tuple[type[Event], ...]] = get_args(Event)
# What explains; the ledger that is kept when they are pruned needs none of them again.
OBSERVATIONS: Final = (Observed.kind, Decided.kind, Remembered.kind, Reconciled.kind)


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed event."""

    seq: int  # from 1, without gaps when it is written
    at: datetime  # aware UTC; may step back with the wall clock, `seq` never does
    event: Event


class IllegalStepError(Exception):
    """An act of ours that may not follow on what is recorded: a bug in the caller."""


def trade_key(venue: str, symbol: str, trade_id: str) -> str:
    """What makes a trade the same trade wherever it is listed."""
    return f"{venue}|{symbol}|{trade_id}"
