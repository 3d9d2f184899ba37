"""The journal held against what a venue reports; the venue wins, and every difference is named.

    difference = venue position - (opening + our fills + external changes)

A difference is explained when fills that the venue reported but has not listed yet make it up,
or when orders whose end is open could. Trades that are not ours are booked as external changes
at once; what no trade explains is booked when reads agree on it for long enough. External
changes freeze their instrument until an operator acknowledges them; the settings may adopt
trades, and what nothing explained is taken back when the venue shows no more of it, because
then it was read wrongly. An order whose submit gave no proof is believed not to exist only on
enough answers "not found" over enough time, with no fill and no difference. A balance that falls
further than the venue's own log explains is not believed before it is acknowledged.

Nothing here reads or sends: the result says what to journal, look up, cancel and freeze.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from hedged.core.decimals import CONTEXT, ZERO, exact, plain
from hedged.core.events import (
    Dropped,
    Event,
    ExternalChange,
    Fill,
    LookedUp,
    NeverExisted,
    Opening,
    OutcomeUnknown,
    Reconciled,
)
from hedged.core.ledger import Ledger, Slot
from hedged.core.orders import TAKEN, Order, State, advanced, is_ours
from hedged.core.reports import (
    FREEZING,
    Absence,
    Doubt,
    Evidence,
    Note,
    OpenOrder,
    Orphan,
    Reconciliation,
    Rules,
    Topic,
    VenueReport,
)
from hedged.core.terms import Answer, Cause
from hedged.core.types import Amount


@dataclass(slots=True)
class _Case:
    """The two sides, and what the passes have come to so far."""

    ledger: Ledger
    report: VenueReport
    evidence: Evidence
    rules: Rules
    orders: dict[str, Order]  # of this venue, as they are after what was found
    events: list[Event] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    cancel: list[Orphan] = field(default_factory=list)
    look_up: list[str] = field(default_factory=list)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    moved: dict[str, Amount] = field(default_factory=dict)  # by trades booked now, per symbol

    def note(self, topic: Topic, subject: str, text: str, client_id: str | None = None) -> None:
        self.notes.append(Note(topic, subject, text, client_id))

    def advance(self, event: Dropped | OutcomeUnknown | LookedUp | NeverExisted | Fill) -> Order:
        """The order of the event, after it."""
        self.events.append(event)
        after = advanced(self.orders[event.client_id], event)
        self.orders[event.client_id] = after
        return after


@exact
def reconciled(
    ledger: Ledger, report: VenueReport, evidence: Evidence, rules: Rules | None = None
) -> Reconciliation:
    """Everything in which the journal and the venue differ, with what follows from it."""
    venue = report.venue
    ours = {name: o for name, o in ledger.orders.items() if o.terms.venue == venue}
    case = _Case(ledger, report, evidence, rules or Rules(), ours)
    listed = {order.client_id: order for order in report.open_orders}
    for order in tuple(ours.values()):
        if not order.resolved and order.client_id not in evidence.under_way:
            _examine_order(case, order, listed.get(order.client_id))
    trades = {fill.trade: fill for fill in report.fills}  # a page may overlap the one before
    for fill in sorted(trades.values(), key=lambda fill: (fill.traded_at, fill.trade_id)):
        _examine_trade(case, fill)
    for stranger in report.open_orders:
        _examine_stranger(case, stranger)
    known = {symbol for name, symbol in ledger.slots if name == venue}
    for symbol in sorted({*evidence.watched, *report.positions, *known}):
        _examine_position(case, symbol)
    balances = tuple(_believed(case, coins) for coins in report.balances)
    frozen = _frozen(case)
    texts = tuple(f"{note.topic}: {note.text}" for note in case.notes)
    look_up = tuple(name for name in case.look_up if not case.orders[name].resolved)
    return Reconciliation(
        events=(*case.events, Reconciled(venue, not (frozen or look_up), texts, balances)),
        notes=tuple(case.notes),
        cancel=tuple(case.cancel),
        look_up=look_up,
        doubts=case.doubts,
        frozen=frozen,
        halt=next(_halts(case), None),
    )


def _examine_order(case: _Case, order: Order, listed: OpenOrder | None) -> None:
    """Advance an order whose end is open by what the venue says of it."""
    symbol, name = order.terms.symbol, order.client_id
    if order.state is State.PENDING:
        case.advance(Dropped(name, "the process ended before it was sent"))
        case.note(Topic.NEVER_SENT, symbol, f"{name} was intended and never sent", name)
        return
    if order.state is State.SUBMITTING:
        order = case.advance(OutcomeUnknown(name, "the process ended while sending it"))
    said = case.report.look_ups.get(name)
    if listed is not None:
        said = LookedUp(name, Answer.WORKING, listed.filled, listed.venue_id)
    if said is None:
        case.look_up.append(name)
        return
    if said.answer is Answer.NOT_FOUND:
        if order.state in TAKEN:
            text = f"{name} was acknowledged and is not found; its slot stays held"
            case.note(Topic.INVISIBLE_ORDER, symbol, text, name)
        return
    if said.answer is Answer.WORKING and order.state in TAKEN and said.filled == order.filled:
        return
    after = case.advance(said)
    if after.resolved:
        text = f"{name} ended {after.state} with {plain(after.filled)} filled"
        case.note(Topic.ENDED_ORDER, symbol, text, name)
    elif order.state is State.UNKNOWN:
        text = f"{name} was sent without proof, and the venue has it"
        case.note(Topic.ADOPTED_ORDER, symbol, text, name)


def _examine_trade(case: _Case, fill: Fill) -> None:
    """Book a trade that is new: as a fill of ours, or as somebody else's doing."""
    if case.ledger.knows(fill.trade, fill.traded_at):
        return
    order = case.orders.get(fill.client_id)
    if order is None:
        slot = case.ledger.slots.get((fill.venue, fill.symbol))
        if slot is None or fill.traded_at <= slot.as_of:
            return  # in the position that was adopted, or is about to be
        _book_external(case, _foreign(case, fill))
    else:
        after = case.advance(fill)
        topic = Topic.LATE_FILL if len(after.late) > len(order.late) else Topic.NEW_FILL
        case.note(topic, fill.symbol, _told(fill), fill.client_id)
    before = case.moved.get(fill.symbol, Amount(ZERO, fill.unit))
    case.moved[fill.symbol] = before + fill.quantity


def _foreign(case: _Case, fill: Fill) -> ExternalChange:
    rules = case.rules
    adopted = rules.adopt_external if fill.cause is Cause.TRADE else False
    if fill.cause is Cause.ADL:
        adopted = rules.rehedge_adl and len(case.ledger.deleveraged) < rules.most_adl
    return ExternalChange(
        venue=fill.venue,
        symbol=fill.symbol,
        quantity=fill.quantity,
        cause=fill.cause,
        why=_told(fill),
        adopted=adopted,
        trade_id=fill.trade_id,
        traded_at=fill.traded_at,
        price=fill.price,
        fee=fill.fee,
    )


def _book_external(case: _Case, change: ExternalChange) -> None:
    case.events.append(change)
    topic = Topic.ADOPTED_CHANGE if change.adopted else Topic.EXTERNAL_CHANGE
    if change.adopted and change.cause is Cause.ADL:
        topic = Topic.DELEVERAGED
    if change.cause is Cause.RECOVERED:
        topic = Topic.RECOVERED
    case.note(topic, change.symbol, change.why)


def _halts(case: _Case) -> Iterator[str]:
    """After what nobody may trade: a rival, a liquidation, more deleveraging than allowed."""
    yield from (note.text for note in case.notes if note.topic is Topic.RIVAL)
    for event in case.events:
        if isinstance(event, ExternalChange) and event.cause is Cause.LIQUIDATION:
            yield f"{event.venue} liquidated: {event.why}"
        if isinstance(event, ExternalChange) and event.cause is Cause.ADL and not event.adopted:
            times, most = len(case.ledger.deleveraged) + 1, case.rules.most_adl
            why = f"{times} times in a day, limit {most}" if case.rules.rehedge_adl else "on_adl"
            yield f"auto-deleveraging ({why}): {event.why}"


def _told(fill: Fill) -> str:
    whose = fill.client_id or "no order of ours"
    cause = "" if fill.cause is Cause.TRADE else f" by {fill.cause}"
    return (
        f"{fill.side} {plain(fill.contracts)} {fill.symbol} at {plain(fill.price)}{cause} "
        f"(trade {fill.trade_id}, {whose})"
    )


def orphans(ledger: Ledger, listed: Iterable[OpenOrder], evidence: Evidence) -> tuple[Orphan, ...]:
    """Working orders with our mark that are none of this journal, and older than this process.

    The list of working orders alone tells: nothing that can fail to be read may keep them there.
    """
    return tuple(
        Orphan(order.symbol, order.client_id)
        for order in listed
        if is_ours(order.client_id)
        and order.client_id not in ledger.orders
        and order.created_at <= evidence.started_at
    )


def _examine_stranger(case: _Case, listed: OpenOrder) -> None:
    """Name a working order that the journal does not account for."""
    name, symbol = listed.client_id, listed.symbol
    order = case.ledger.orders.get(name)
    if name in case.evidence.under_way or (order is not None and not order.resolved):
        return
    if not is_ours(name):
        text = f"order {name or listed.venue_id} is not ours; left alone"
        case.note(Topic.FOREIGN_ORDER, symbol, text)
        return
    case.cancel.append(Orphan(symbol, name))
    if order is None and listed.created_at > case.evidence.started_at:
        text = f"order {name} has our mark, and another process sent it after we started"
        case.note(Topic.RIVAL, symbol, text, name)
    else:
        text = f"order {name} has our mark, and the journal has no such order working"
        case.note(Topic.ORPHAN, symbol, text, name)


def _examine_position(case: _Case, symbol: str) -> None:
    """Explain one position, adopt it, or doubt it; and give up orders that it disproves."""
    slot = case.ledger.slots.get((case.report.venue, symbol))
    reported = case.report.positions.get(symbol)
    if reported is None:
        reported = Amount(ZERO, slot.quantity.unit if slot else case.evidence.watched[symbol])
    none = Amount(ZERO, reported.unit)
    if slot is None:
        _open(case, symbol, reported, reported - case.moved.get(symbol, none))
        return
    orders = [order for order in case.orders.values() if order.terms.symbol == symbol]
    lost = [order for order in orders if _is_lost(case, order)]
    difference = reported - slot.quantity - case.moved.get(symbol, none)
    low, high = _reachable(order for order in orders if order not in lost)
    if not difference.value:
        for order in lost:
            _give_up(case, order)
    if not low <= difference.value <= high:
        _doubt(case, slot, difference)
    elif difference.value:
        topic = Topic.OUTSTANDING_FILL if low == high else Topic.IN_FLIGHT
        text = f"{_amount(difference)} of {symbol} may be fills that are not listed yet"
        case.note(topic, symbol, text)


def _open(case: _Case, symbol: str, reported: Amount, before: Amount) -> None:
    """Adopt what is there; fills of ours in the same report are booked on top of `before`."""
    as_of = max(
        (fill.traded_at for fill in case.report.fills if fill.symbol == symbol),
        default=case.report.at,
    )
    case.events.insert(0, Opening(case.report.venue, symbol, before, as_of))
    if reported.value:
        text = f"{symbol} begins with {_amount(reported)}, which is adopted"
        case.note(Topic.OPENING, symbol, text)


def _is_lost(case: _Case, order: Order) -> bool:
    """Whether enough answers say that an order without proof does not exist."""
    said = case.report.look_ups.get(order.client_id)
    if order.state is not State.UNKNOWN or said is None or said.answer is not Answer.NOT_FOUND:
        return False
    absence = _absence(case, order)
    if absence.answers >= case.rules.not_founds and absence.over_s >= case.rules.over_s:
        return True
    text = f"{order.client_id} is not found, {_counted(absence)}; its slot stays held"
    case.note(Topic.UNPROVEN_ORDER, order.terms.symbol, text, order.client_id)
    return False


def _absence(case: _Case, order: Order) -> Absence:
    return case.evidence.absences.get(order.client_id, Absence(0, ZERO))


def _counted(absence: Absence) -> str:
    return f"{absence.answers} times over {plain(absence.over_s, 1)} s"


def _give_up(case: _Case, order: Order) -> None:
    name = order.client_id
    text = f"not found {_counted(_absence(case, order))}, no fill, position unchanged"
    case.advance(NeverExisted(name, text))
    case.note(Topic.NEVER_EXISTED, order.terms.symbol, f"{name}: {text}", name)


def _reachable(orders: Iterable[Order]) -> tuple[Decimal, Decimal]:
    """The differences that fills could make which the venue has not listed: least and most."""
    low = high = ZERO
    for order in orders:
        due = order.outstanding.value
        further = CONTEXT.add(due, order.terms.quantity(order.remaining).value)
        low = CONTEXT.add(low, min(due, further))
        high = CONTEXT.add(high, max(due, further))
    return low, high


def _doubt(case: _Case, slot: Slot, difference: Amount) -> None:
    """Suspect a difference that nothing explains, and take it when the reads agree on it."""
    symbol = slot.symbol
    if not difference.value:
        text = f"{symbol} has not moved by fills that the venue reports and does not list"
        case.note(Topic.SUSPICION, symbol, text)
        return
    now_s, rules = case.evidence.now_s, case.rules
    doubt = Doubt(difference, 1, now_s)
    before = case.evidence.doubts.get(symbol)
    if before is not None and before.difference == difference:
        doubt = Doubt(difference, before.reads + 1, before.since_s)
    over_s = now_s - doubt.since_s
    recovers = difference + slot.unexplained == Amount(ZERO, difference.unit)
    is_listed = recovers and case.moved.get(symbol) == slot.unexplained
    text = f"{symbol} differs by {_amount(difference)}, and no listed trade explains it"
    if not is_listed and (doubt.reads < rules.agreeing_reads or over_s < rules.agreeing_s):
        case.doubts[symbol] = doubt
        text = (
            f"{text}; seen {doubt.reads} times over {plain(over_s, 1)} s, believed after "
            f"{rules.agreeing_reads} over {plain(rules.agreeing_s)} s"
        )
        case.note(Topic.SUSPICION, symbol, text)
        return
    if recovers:
        why = "the trades that made it are listed now" if is_listed else "it was read wrongly"
        text = f"{_amount(slot.unexplained)} of {symbol} is not unexplained any more: {why}"
    change = ExternalChange(
        venue=slot.venue,
        symbol=symbol,
        quantity=difference,
        cause=Cause.RECOVERED if recovers else Cause.UNEXPLAINED,
        why=text,
        adopted=recovers,
    )
    _book_external(case, change)


def _believed(case: _Case, now: Amount) -> Amount:
    """The balance to believe: coins that vanished are counted until someone acknowledges it."""
    before = case.ledger.balances.get((case.report.venue, now.unit))
    if before is None:
        return now
    flow = case.report.flows.get(now.unit, ZERO)
    gone = CONTEXT.subtract(CONTEXT.add(before.value, flow), now.value)
    if gone <= CONTEXT.multiply(abs(before.value), case.rules.vanish):
        return now
    text = (
        f"{plain(gone)} {now.unit} left without a trade or a transfer that the venue shows "
        f"({plain(before.value)} before, {plain(now.value)} now)"
    )
    case.note(Topic.VANISHED_COINS, now.unit, text)
    return before


def _frozen(case: _Case) -> dict[str, str]:
    """What may not be traded until an operator, or the next report, says otherwise."""
    well = {note.subject for note in case.notes if note.topic is Topic.RECOVERED}
    frozen = {
        slot.symbol: slot.unacked[-1].why
        for slot in case.ledger.slots.values()
        if slot.venue == case.report.venue
        and any(c.cause is not Cause.UNEXPLAINED or slot.symbol not in well for c in slot.unacked)
    }
    return frozen | {n.subject: n.text for n in case.notes if n.topic in FREEZING}


def _amount(amount: Amount) -> str:
    return f"{plain(amount.value)} {amount.unit}"
