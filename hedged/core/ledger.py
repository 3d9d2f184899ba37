"""What the journal comes to: orders, expected positions, freezes, and what is allowed.

    expected position = opening + our fills + external changes        (signed, instrument's unit)

Folding is total: an entry that was committed is never refused afterwards, it is at most noted
as a contradiction. `check` is the strict side, to be asked before anything is committed.
A ledger is rebuilt from a `Checkpoint` and the entries after it; to keep both small it forgets
the oldest resolved orders and trade ids. A trade that is older than every one it remembers
counts as known: the journal itself books each trade once, whatever the ledger remembers.
"""

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, get_args

from hedged.core.conduct import A_DAY, Sent, Strike, sent_after, strike_after
from hedged.core.decimals import ZERO
from hedged.core.events import (
    Acked,
    Armed,
    Created,
    Decided,
    Disarmed,
    Entry,
    Event,
    ExternalChange,
    Fill,
    Flattened,
    IllegalStepError,
    Intended,
    Observed,
    Opening,
    OrderEvent,
    Reconciled,
    Remembered,
    StateChanged,
)
from hedged.core.listing import Listed
from hedged.core.moves import Move, MoveIntended, MoveStep, forbidden, moved
from hedged.core.orders import Order, advanced
from hedged.core.terms import Cause
from hedged.core.types import Amount, Memory, TradingState

RESOLVED_KEPT: Final = 500
TRADES_KEPT: Final = 5000
_ORDER_EVENTS: Final = get_args(OrderEvent)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """One instrument at one venue: what we should hold, and what still wants an operator."""

    venue: str
    symbol: str
    quantity: Amount
    as_of: datetime  # trades up to then were in the opening
    unacked: tuple[ExternalChange, ...] = ()

    @property
    def unexplained(self) -> Amount:
        """What was booked only because the venue kept showing it, and nobody has acknowledged."""
        booked = (change for change in self.unacked if change.cause is Cause.UNEXPLAINED)
        return sum((change.quantity for change in booked), Amount(ZERO, self.quantity.unit))


@dataclass(frozen=True, slots=True)
class Cycle:
    """The last cycle that a book used; client ids are made of it, so it only grows."""

    book: str
    number: int


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade that is booked."""

    key: str
    traded_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """A coin's balance that was last believed."""

    venue: str
    coins: Amount


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger at rest, as plain values."""

    epoch_ms: int
    state: TradingState
    why: str
    cycles: tuple[Cycle, ...]
    orders: tuple[Order, ...]
    slots: tuple[Slot, ...]
    balances: tuple[Balance, ...]
    trades: tuple[Trade, ...]
    trades_floor: datetime
    flattened: tuple[Flattened, ...] = ()
    armed: tuple[Armed, ...] = ()
    sent: tuple[Sent, ...] = ()
    strikes: tuple[Strike, ...] = ()
    memories: tuple[Remembered, ...] = ()
    deleveraged: tuple[datetime, ...] = ()
    listings: tuple[Listed, ...] = ()  # those that are adopted, and those that are not
    moves: tuple[Move, ...] = ()


@dataclass(slots=True)
class Ledger:
    """The fold of a journal; mutable, owned by its journal, read by everybody else."""

    epoch_ms: int = 0
    state: TradingState = TradingState.ACTIVE
    why: str = ""
    cycles: dict[str, int] = field(default_factory=dict)  # the last one that a book used
    orders: dict[str, Order] = field(default_factory=dict)  # unresolved, and lately resolved
    slots: dict[tuple[str, str], Slot] = field(default_factory=dict)  # by venue and symbol
    balances: dict[tuple[str, str], Amount] = field(default_factory=dict)  # by venue and coin
    trades: dict[str, datetime] = field(default_factory=dict)  # when each was traded
    trades_floor: datetime = _LONG_AGO  # what was traded up to then counts as known
    flattened: dict[str, Flattened] = field(default_factory=dict)  # books whose target is 0
    armed: dict[str, Armed] = field(default_factory=dict)  # books that may trade real money
    sent: dict[str, Sent] = field(default_factory=dict)  # within a day, by client id
    strikes: dict[tuple[str, str], Strike] = field(default_factory=dict)  # by venue and symbol
    memories: dict[str, Memory] = field(default_factory=dict)  # by book, as last recorded
    deleveraged: tuple[datetime, ...] = ()  # when, within a day of the last one
    listings: dict[tuple[str, str], Listed] = field(default_factory=dict)  # by venue and symbol
    doubted: dict[tuple[str, str], Listed] = field(default_factory=dict)  # not adopted yet
    moves: dict[str, Move] = field(default_factory=dict)  # transfers of a day, and open ones
    # Those of the orders that something is to be found out about: a cycle asks for few others.
    open: dict[str, Order] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open |= {name: order for name, order in self.orders.items() if order.is_open}

    def unresolved(self, venue: str | None = None) -> tuple[Order, ...]:
        """Orders that hold their slots, at one venue or everywhere."""
        if not self.open:
            return ()
        return tuple(
            order
            for order in self.open.values()
            if not order.resolved and venue in (None, order.terms.venue)
        )

    def memory(self, book: str) -> Memory:
        """What a book remembers: as last recorded, and the orders that it has sent since."""
        placed = tuple(sent.placed for sent in self.sent.values() if sent.book == book)
        kept, moves = self.memories.get(book) or Memory(), tuple(self.moves.values())
        if (placed, moves) == (kept.placed, kept.moves):
            return kept
        return replace(kept, placed=placed, moves=moves)

    def knows(self, trade: str, traded_at: datetime) -> bool:
        """Whether a trade is booked, or too old to tell."""
        return trade in self.trades or traded_at <= self.trades_floor

    def check(self, events: Iterable[Event]) -> None:
        """See whether these events may follow.

        Raises:
            IllegalStepError: they contain an act of ours that an order's state forbids.
        """
        touched: dict[str, Order] = {}
        orders, moves = ChainMap(touched, self.orders), self.moves
        for event in events:
            if isinstance(event, MoveIntended | MoveStep):
                if why := forbidden(moves.get(event.transfer_id), event):
                    raise IllegalStepError(why)
                moves = moved(moves, event, _LONG_AGO)
            if isinstance(event, Fill) and event.client_id not in orders:
                continue  # of an order that was forgotten: it moves the position all the same
            if isinstance(event, _ORDER_EVENTS):
                touched[event.client_id] = advanced(orders.get(event.client_id), event)

    def apply(self, entry: Entry) -> None:
        """Take in one committed event."""
        event = entry.event
        if isinstance(event, Fill):
            self._book(event)
        if isinstance(event, _ORDER_EVENTS):
            self._advance(event, entry.at)
        if isinstance(event, ExternalChange) and event.cause is Cause.ADL:
            recent = (at for at in self.deleveraged if entry.at - at < A_DAY and at != entry.at)
            self.deleveraged = (*recent, entry.at)
        if isinstance(event, Intended):
            self._use_cycle(event.order.book, event.order.cycle)
        elif isinstance(event, Observed | Decided):
            self._use_cycle(event.book, event.cycle)
        else:
            self._stand(event, entry.at)

    def _stand(self, event: Event, at: datetime) -> None:
        """What an event changes beside orders and cycles."""
        match event:
            case Created(epoch_ms):
                self.epoch_ms = epoch_ms
            case Remembered(book, memory):
                self.memories[book] = memory
            case Opening(venue, symbol, quantity, as_of):
                self.slots[venue, symbol] = Slot(venue, symbol, quantity, as_of)
            case ExternalChange():
                self._change(event)
            case Acked(venue, what):
                self._acknowledge(venue, what)
            case Listed():
                self._list(event)
            case Reconciled(venue, _, _, balances):
                self.balances |= {(venue, coins.unit): coins for coins in balances}
            case MoveIntended() | MoveStep():
                self.moves = moved(self.moves, event, at)
            case _:
                self._permit(event)

    def _permit(self, event: Event) -> None:
        """What an operator, or a fault, allows from now on."""
        match event:
            case StateChanged(state, _, why):
                self.state, self.why = state, why
            case Flattened(book, on):
                self.flattened.pop(book, None)
                if on:
                    self.flattened[book] = event
            case Armed(book):
                self.armed[book] = event
            case Disarmed(book):
                self.armed.pop(book, None)
            case _:
                pass

    def checkpoint(self) -> Checkpoint:
        """All of it, to be folded on from later."""
        return Checkpoint(
            epoch_ms=self.epoch_ms,
            state=self.state,
            why=self.why,
            cycles=tuple(Cycle(book, number) for book, number in self.cycles.items()),
            orders=tuple(self.orders.values()),
            slots=tuple(self.slots.values()),
            balances=tuple(Balance(venue, coins) for (venue, _), coins in self.balances.items()),
            trades=tuple(Trade(key, at) for key, at in self.trades.items()),
            trades_floor=self.trades_floor,
            flattened=tuple(self.flattened.values()),
            armed=tuple(self.armed.values()),
            sent=tuple(self.sent.values()),
            strikes=tuple(self.strikes.values()),
            memories=tuple(Remembered(book, memory) for book, memory in self.memories.items()),
            deleveraged=self.deleveraged,
            listings=(*self.listings.values(), *self.doubted.values()),
            moves=tuple(self.moves.values()),
        )

    def _list(self, listing: Listed) -> None:
        key = (listing.venue, listing.symbol)
        self.doubted.pop(key, None)
        (self.listings if listing.adopted else self.doubted)[key] = listing

    def _advance(self, event: OrderEvent, at: datetime) -> None:
        order = self.orders.get(event.client_id)
        try:
            after = advanced(order, event)
        except IllegalStepError as error:
            if order is not None:
                noted = (*order.contradictions, str(error))
                self._put(replace(order, contradictions=noted))
            return
        self._count_sent(after, event, at)
        if after.resolved and not (order and order.resolved):
            self.orders.pop(event.client_id, None)  # to the end: the oldest end is forgotten first
            self._count_strike(after, at)
        self._put(after)
        if after.resolved:
            self._forget_orders()

    def _count_sent(self, order: Order, event: OrderEvent, at: datetime) -> None:
        sent = sent_after(self.sent.get(order.client_id), order, event, at)
        if sent is not None:
            self.sent[order.client_id] = sent
        else:
            self.sent.pop(order.client_id, None)
        while self.sent and at - (first := next(iter(self.sent.values()))).placed.at >= A_DAY:
            del self.sent[first.client_id]

    def _count_strike(self, order: Order, at: datetime) -> None:
        slot = (order.terms.venue, order.terms.symbol)
        strike = strike_after(self.strikes.pop(slot, None), order, at)
        if strike is not None:
            self.strikes[slot] = strike

    def _put(self, order: Order) -> None:
        self.orders[order.client_id] = order
        if order.is_open:
            self.open[order.client_id] = order
        else:
            self.open.pop(order.client_id, None)

    def _forget_orders(self) -> None:
        resolved = [name for name, order in self.orders.items() if order.resolved]
        for name in resolved[: max(0, len(resolved) - RESOLVED_KEPT)]:
            del self.orders[name]
            self.open.pop(name, None)

    def _book(self, fill: Fill) -> None:
        if fill.trade not in self.trades:
            self._remember(fill.trade, fill.traded_at)
            self._move(fill.venue, fill.symbol, fill.quantity, fill.traded_at)

    def _change(self, change: ExternalChange) -> None:
        if change.trade is not None and change.traded_at is not None:
            if change.trade in self.trades:
                return
            self._remember(change.trade, change.traded_at)
        slot = self._move(change.venue, change.symbol, change.quantity, _LONG_AGO)
        unacked = slot.unacked
        if change.cause is Cause.RECOVERED:
            unacked = tuple(c for c in unacked if c.cause is not Cause.UNEXPLAINED)
        elif not change.adopted:
            unacked = (*unacked, change)
        self.slots[change.venue, change.symbol] = replace(slot, unacked=unacked)

    def _remember(self, trade: str, traded_at: datetime) -> None:
        self.trades[trade] = traded_at
        if len(self.trades) > TRADES_KEPT:
            forgotten = self.trades.pop(next(iter(self.trades)))
            self.trades_floor = max(self.trades_floor, forgotten)

    def _move(self, venue: str, symbol: str, by: Amount, as_of: datetime) -> Slot:
        """The slot after a change; one that the journal never opened begins flat."""
        slot = self.slots.get((venue, symbol))
        moved = (
            Slot(venue, symbol, by, as_of)
            if slot is None
            else replace(slot, quantity=slot.quantity + by)
        )
        self.slots[venue, symbol] = moved
        return moved

    def _acknowledge(self, venue: str, what: str) -> None:
        slot = self.slots.get((venue, what))
        if slot is not None:
            self.slots[venue, what] = replace(slot, unacked=())
        self.balances.pop((venue, what), None)
        doubted = self.doubted.get((venue, what))
        if doubted is not None:
            self._list(replace(doubted, adopted=True))

    def _use_cycle(self, book: str, cycle: int) -> None:
        self.cycles[book] = max(cycle, self.cycles.get(book, 0))


def restored(at_rest: Checkpoint) -> Ledger:
    """The ledger that a checkpoint was taken of."""
    return Ledger(
        epoch_ms=at_rest.epoch_ms,
        state=at_rest.state,
        why=at_rest.why,
        cycles={cycle.book: cycle.number for cycle in at_rest.cycles},
        orders={order.client_id: order for order in at_rest.orders},
        slots={(slot.venue, slot.symbol): slot for slot in at_rest.slots},
        balances={(b.venue, b.coins.unit): b.coins for b in at_rest.balances},
        trades={trade.key: trade.traded_at for trade in at_rest.trades},
        trades_floor=at_rest.trades_floor,
        flattened={act.book: act for act in at_rest.flattened},
        armed={act.book: act for act in at_rest.armed},
        sent={sent.client_id: sent for sent in at_rest.sent},
        strikes={(strike.venue, strike.symbol): strike for strike in at_rest.strikes},
        memories={kept.book: kept.memory for kept in at_rest.memories},
        deleveraged=at_rest.deleveraged,
        listings={(x.venue, x.symbol): x for x in at_rest.listings if x.adopted},
        doubted={(x.venue, x.symbol): x for x in at_rest.listings if not x.adopted},
        moves={move.terms.transfer_id: move for move in at_rest.moves},
    )


def folded(entries: Iterable[Entry], begin: Checkpoint | None = None) -> Ledger:
    """The ledger after these entries, from nothing or from a checkpoint."""
    ledger = restored(begin) if begin is not None else Ledger()
    for entry in entries:
        ledger.apply(entry)
    return ledger
