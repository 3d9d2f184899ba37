"""The life of an order: one table of states and triggers, folded from the journal.

An order begins as an intent, which is committed before anything is sent; `SUBMITTING` is
committed too, so that after a crash a `PENDING` order certainly never left and a `SUBMITTING`
one may have. Only the sender itself, which kept it back, may drop a `SUBMITTING` order; that may
cross with a cancel. What the venue says always has a place in the table; only acts of our own
can be illegal (submitting twice, dropping what may have left), and those are bugs. `UNKNOWN` is
left by proof alone, or by an operator who answers for it, never by time. Terminal states do not
reopen, with one exception that is written down: a fill on an order that was taken for dead.

Two totals are kept, in contracts: `booked` is the sum of the trades, each counted once by its
id in whatever order they arrive; `reported` is the largest total that the venue named. The end
of an order is often known before its last trades are listed, so `booked` may lag.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final, assert_never

from hedged.core.decimals import ZERO, exact, plain
from hedged.core.events import (
    Acknowledged,
    CancelRequested,
    Dropped,
    Fill,
    IllegalStepError,
    Intended,
    LookedUp,
    NeverExisted,
    OrderEvent,
    OutcomeUnknown,
    Rejected,
    Released,
    Repriced,
    Submitted,
)
from hedged.core.terms import Answer, Terms
from hedged.core.types import Amount

PREFIX: Final = "hg"  # what marks an order as ours, on every venue
ID_LENGTH: Final = 28  # fits every venue
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class State(StrEnum):
    """Where an order stands."""

    PENDING = "pending"  # intent committed, certainly not sent
    SUBMITTING = "submitting"  # may have left
    UNKNOWN = "unknown"  # sent, no proof of anything
    WORKING = "working"
    PARTIALLY_FILLED = "partially-filled"
    CANCEL_REQUESTED = "cancel-requested"
    FILLED = "filled"
    CANCELLED = "cancelled"  # ended short of its quantity
    REJECTED = "rejected"
    NEVER_EXISTED = "never-existed"
    DROPPED = "dropped"  # never sent
    RELEASED = "released"  # an operator took it for ended


class Trigger(StrEnum):
    """What can happen to an order."""

    SUBMIT = "submit"
    DROP = "drop"
    ACKNOWLEDGE = "acknowledge"
    REFUSE = "refuse"
    LOSE = "lose"  # the submit ended without proof
    SEE = "see"  # the venue shows it working, nothing filled
    MISS = "miss"  # the venue does not find it
    PART = "part"  # some of it is filled
    FULL = "full"
    END = "end"  # it can fill no further, and is short
    CANCEL = "cancel"
    REPRICE = "reprice"
    DISPROVE = "disprove"
    RELEASE = "release"


TERMINAL: Final = frozenset(
    {
        State.FILLED,
        State.CANCELLED,
        State.REJECTED,
        State.NEVER_EXISTED,
        State.DROPPED,
        State.RELEASED,
    }
)
NEVER_TAKEN: Final = frozenset({State.REJECTED, State.NEVER_EXISTED, State.DROPPED})
TAKEN: Final = frozenset(
    {
        State.WORKING,
        State.PARTIALLY_FILLED,
        State.CANCEL_REQUESTED,
        State.FILLED,
        State.CANCELLED,
    }
)
_PROOFS: Final = frozenset(
    {Trigger.ACKNOWLEDGE, Trigger.SEE, Trigger.PART, Trigger.FULL, Trigger.END}
)
_DENIALS: Final = frozenset({Trigger.REFUSE, Trigger.DISPROVE})

_P, _S, _U, _W = State.PENDING, State.SUBMITTING, State.UNKNOWN, State.WORKING
_F, _C, _X, _R = State.PARTIALLY_FILLED, State.CANCEL_REQUESTED, State.CANCELLED, State.REJECTED
_A, _N, _D, _L = State.FILLED, State.NEVER_EXISTED, State.DROPPED, State.RELEASED
__ = None

# Rows are the states, columns the triggers in the order of `Trigger`; __ is illegal.
# fmt: off
_ROWS: Final[dict[State, tuple[State | None, ...]]] = {
    #   SUBMIT DROP ACK REFUSE LOSE SEE MISS PART FULL END CANCEL REPRICE DISPROVE RELEASE
    _P: (_S,   _D,  _W, _R,    __,  _W, _P,  _F,  _A,  _X, __,    __,     _P,      __),
    _S: (__,   _D,  _W, _R,    _U,  _W, _S,  _F,  _A,  _X, _S,    __,     _S,      __),
    _U: (__,   __,  _W, _R,    _U,  _W, _U,  _F,  _A,  _X, _U,    __,     _N,      _L),
    _W: (__,   __,  _W, _R,    _W,  _W, _W,  _F,  _A,  _X, _C,    _W,     _W,      _L),
    _F: (__,   __,  _F, _F,    _F,  _F, _F,  _F,  _A,  _X, _C,    _F,     _F,      _L),
    _C: (__,   __,  _C, _C,    _C,  _C, _C,  _C,  _A,  _X, _C,    _C,     _C,      _L),
    _A: (__,   __,  _A, _A,    _A,  _A, _A,  _A,  _A,  _A, _A,    _A,     _A,      _A),
    _X: (__,   __,  _X, _X,    _X,  _X, _X,  _X,  _A,  _X, _X,    _X,     _X,      _X),
    _R: (__,   __,  _R, _R,    _R,  _R, _R,  _F,  _A,  _R, _R,    _R,     _R,      _R),
    _N: (__,   __,  _N, _N,    _N,  _N, _N,  _F,  _A,  _N, _N,    _N,     _N,      _N),
    _D: (__,   __,  _D, _D,    __,  _D, _D,  _F,  _A,  _D, _D,    __,     _D,      _D),
    _L: (__,   __,  _L, _L,    _L,  _L, _L,  _L,  _A,  _L, _L,    _L,     _L,      _L),
}
# fmt: on
TRANSITIONS: Final[Mapping[State, Mapping[Trigger, State | None]]] = {
    state: dict(zip(Trigger, row, strict=True)) for state, row in _ROWS.items()
}
_TRIGGERS: Final[Mapping[type[OrderEvent], Trigger]] = {
    Submitted: Trigger.SUBMIT,
    Dropped: Trigger.DROP,
    Acknowledged: Trigger.ACKNOWLEDGE,
    Rejected: Trigger.REFUSE,
    OutcomeUnknown: Trigger.LOSE,
    CancelRequested: Trigger.CANCEL,
    Repriced: Trigger.REPRICE,
    NeverExisted: Trigger.DISPROVE,
    Released: Trigger.RELEASE,
}


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the journal knows it; totals in contracts, positive."""

    terms: Terms
    state: State
    limit_price: Decimal  # in force: as intended, or repriced
    venue_id: str | None = None
    reported: Decimal = ZERO
    booked: Decimal = ZERO
    trade_ids: tuple[str, ...] = ()
    late: tuple[str, ...] = ()  # trades that came after the end, beyond what it had reported
    contradictions: tuple[str, ...] = ()
    cancel_requested: bool = False
    given_up: bool = False
    detail: str = ""

    @property
    def client_id(self) -> str:
        """The id that both sides know it by."""
        return self.terms.client_id

    @property
    def resolved(self) -> bool:
        """Whether its end is known; until then it holds its instrument's slot."""
        return self.state in TERMINAL

    @property
    def is_open(self) -> bool:
        """Whether something about it is still to be found out: its end, or a fill's record."""
        return not self.resolved or self.filled != self.booked

    @property
    def filled(self) -> Decimal:
        """What is known to be filled, listed or not."""
        return max(self.booked, self.reported)

    @property
    def remaining(self) -> Decimal:
        """What could still fill: nothing once it is resolved."""
        return ZERO if self.resolved else max(ZERO, self.terms.contracts - self.filled)

    @property
    def outstanding(self) -> Amount:
        """Signed change of the position by fills that the venue reported but has not listed."""
        return self.terms.quantity(self.filled - self.booked)


def client_id(book: str, venue: str, symbol: str, *, epoch_ms: int, cycle: int, part: int) -> str:
    """Ours, deterministic, lowercase alphanumeric, at most 28 characters.

    The epoch is the journal's: a journal that begins anew counts its cycles from 1 again. The
    cycle must grow with every use of a book, and the part within a cycle and instrument.
    """
    name = f"{book}|{venue}|{symbol}"
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    made = (
        f"{PREFIX}{_base36(digest):0>7}{_base36(epoch_ms):0>9}"
        f"{_base36(cycle):0>7}{_base36(part):0>3}"
    )
    if len(made) > ID_LENGTH:
        raise ValueError(f"no client id left for cycle {cycle}, part {part}")
    return made


def is_ours(client_id: str) -> bool:
    """Whether the id has our mark."""
    return client_id.startswith(PREFIX)


@exact
def advanced(order: Order | None, event: OrderEvent) -> Order:
    """The order after one event.

    Raises:
        IllegalStepError: our own act, out of turn; what the venue says never is.
    """
    if isinstance(event, Intended):
        if order is not None:
            raise IllegalStepError(f"{event.client_id} is intended twice")
        return Order(event.order, State.PENDING, event.order.limit_price)
    if order is None:
        raise IllegalStepError(f"{event.kind} of {event.client_id}, which was never intended")
    if isinstance(event, Fill) and event.trade_id in order.trade_ids:
        return order
    trigger = _trigger(order, event)
    state = TRANSITIONS[order.state][trigger]
    if state is None:
        raise IllegalStepError(f"{event.kind} of {event.client_id}, which is {order.state}")
    denied = trigger in _PROOFS and order.state in NEVER_TAKEN
    proven = trigger in _DENIALS and order.state in TAKEN
    contradiction = (f"{event.kind} while {order.state}",) if denied or proven else ()
    return replace(
        _noted(order, event),
        state=state,
        contradictions=order.contradictions + contradiction,
    )


def fold(events: Iterable[OrderEvent]) -> dict[str, Order]:
    """All orders that these events speak of.

    Raises:
        IllegalStepError: the events contradict our own rules.
    """
    orders: dict[str, Order] = {}
    for event in events:
        orders[event.client_id] = advanced(orders.get(event.client_id), event)
    return orders


def _trigger(order: Order, event: OrderEvent) -> Trigger:
    match event:
        case LookedUp():
            return _seen(order, event)
        case Fill():
            total = max(order.booked + event.contracts, order.reported)
            return Trigger.FULL if total >= order.terms.contracts else Trigger.PART
        case _:
            return _TRIGGERS[type(event)]


def _seen(order: Order, event: LookedUp) -> Trigger:
    if event.answer is Answer.NOT_FOUND:
        return Trigger.MISS
    if max(order.filled, event.filled) >= order.terms.contracts:
        return Trigger.FULL
    if event.answer is Answer.DONE:
        return Trigger.END
    return Trigger.PART if event.filled else Trigger.SEE


def _noted(order: Order, event: OrderEvent) -> Order:
    """The order with what the event says beside its state."""
    noted = order
    match event:
        case Acknowledged():
            noted = replace(order, venue_id=event.venue_id)
        case Rejected(_, detail) | OutcomeUnknown(_, detail) | NeverExisted(_, detail):
            noted = replace(order, detail=detail)
        case Dropped(_, why):
            noted = replace(order, detail=why)
        case Released(_, who, why):
            noted = replace(order, detail=f"released by {who}: {why}")
        case CancelRequested(_, why, given_up):
            noted = replace(order, cancel_requested=True, given_up=given_up, detail=why)
        case Repriced(_, limit_price):
            noted = replace(order, limit_price=limit_price)
        case LookedUp():
            noted = replace(
                order,
                venue_id=event.venue_id or order.venue_id,
                reported=max(order.reported, event.filled),
                detail=event.detail or order.detail,
            )
        case Fill():
            noted = _booked(order, event)
        case Submitted() | Intended():
            pass
        case _:
            assert_never(event)
    return noted


def _booked(order: Order, fill: Fill) -> Order:
    booked = order.booked + fill.contracts
    late = order.resolved and booked > order.reported
    return replace(
        order,
        booked=booked,
        reported=max(order.reported, booked),
        trade_ids=(*order.trade_ids, fill.trade_id),
        late=(*order.late, fill.trade_id) if late else order.late,
        detail=f"late fill of {plain(fill.contracts)}" if late else order.detail,
    )


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits
