"""`release`: an operator takes an order for ended that its venue no longer tells of.

An order that was acknowledged holds its slot until its end is known. A venue that forgets it
gives no such proof, so a person has to answer for it, with the evidence in view: what the venue
says now, what the journal has, and whether the position is what the journal comes to.
"""

from hedged.core.decimals import plain
from hedged.core.events import Released
from hedged.core.orders import Order, State
from hedged.engine.control import Answer, Command, CommandError
from hedged.engine.executor import Executor
from hedged.ports import (
    OUTAGE,
    Journal,
    OrderStatus,
    Selection,
)


async def released(command: Command, journal: Journal, executor: Executor) -> Answer:
    """Release an order, or show the evidence when that is not confirmed yet.

    Raises:
        CommandError: there is no such order, or its venue still knows it.
        StoreError: it could not be recorded.
    """
    order = _held(command.get("client_id", ""), journal)
    evidence = [*await _recorded(order, journal), *await _seen(order, journal, executor)]
    if command.get("confirmed") != "yes":
        return Answer(tuple(evidence), asks=True)
    who, why = command.get("who", ""), command.get("why", "")
    await journal.append(Released(order.client_id, who, why, "; ".join(evidence)))
    said = f"released {order.client_id}: {order.terms.symbol} at {order.terms.venue} is free"
    return Answer((said,), {"client_id": order.client_id, "evidence": evidence})


def _held(name: str, journal: Journal) -> Order:
    ledger = journal.ledger
    order = ledger.orders.get(name)
    if order is None or order.resolved:
        ended = f"ended: {order.state.value}" if order else "not an order of the journal"
        holding = ", ".join(held.client_id for held in ledger.unresolved()) or "none"
        raise CommandError(f"{name!r} is {ended}; orders that hold a slot: {holding}")
    if order.state in {State.PENDING, State.SUBMITTING}:
        raise CommandError(f"{name} is being sent; `hedged reconcile` finds out what became of it")
    return order


async def _recorded(order: Order, journal: Journal) -> list[str]:
    terms = order.terms
    what = (
        f"{order.client_id}: {terms.side.value} {plain(terms.contracts)} {terms.symbol} at "
        f"{plain(order.limit_price)}, {order.state.value}, {plain(order.filled)} filled"
    )
    entries = await journal.entries(Selection(client_id=order.client_id))
    return [what] + [
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC: {entry.event.kind}"
        for entry in entries
        if entry.event.kind in {"submit", "acknowledgement", "unknown", "cancel"}
    ]


async def _seen(order: Order, journal: Journal, executor: Executor) -> list[str]:
    """What the venue says now.

    Raises:
        CommandError: it cannot be asked, or it knows the order.
    """
    terms = order.terms
    venue = executor.venue(terms.venue)
    if venue is None:
        raise CommandError(
            f"the configuration has no venue {terms.venue}, where the order was sent"
        )
    try:
        await venue.open()
        instrument = venue.instrument(terms.symbol)
        report = await venue.find_order(instrument, order.client_id)
        account = await venue.account([instrument.base])
    except OUTAGE as error:
        raise CommandError(f"{terms.venue} cannot be asked for it: {error}") from error
    if report is not None:
        works = report.status is OrderStatus.WORKING
        way = "works: `hedged cancel` ends it" if works else "ended: `hedged reconcile` books it"
        raise CommandError(f"{terms.venue} knows {order.client_id}, which {way}")
    held = {p.instrument.symbol: p.quantity for p in account.positions}.get(terms.symbol)
    slot = journal.ledger.slots.get((terms.venue, terms.symbol))
    shown = "0" if held is None else f"{plain(held.value)} {held.unit}"
    due = "nothing" if slot is None else f"{plain(slot.quantity.value)} {slot.quantity.unit}"
    return [
        f"{terms.venue} does not find it, neither among working nor among ended orders",
        f"{terms.venue} shows a position of {shown}, the journal comes to {due}",
    ]
