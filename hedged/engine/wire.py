"""An approved intent as the journal and the venue have it, and the outcome as the journal has it.

A post-only order rests at its own price; the worst price that it was approved with is kept in
the journal beside it, because a restart must know how far it may be moved.
"""

from dataclasses import dataclass

import structlog

from hedged.core.decimals import plain
from hedged.core.events import Acknowledged, Event, Intended, OutcomeUnknown, Rejected, Submitted
from hedged.core.orders import client_id
from hedged.core.terms import Terms
from hedged.core.types import Instrument, OrderIntent
from hedged.ports import Accepted, Order, Outcome, Refused, Style, Unknown

log = structlog.get_logger("hedged.executor")


@dataclass(frozen=True, slots=True)
class Send:
    """An intent on its way out."""

    intent: OrderIntent
    terms: Terms

    @property
    def events(self) -> tuple[Event, ...]:
        """What is committed before it leaves."""
        return Intended(self.terms), Submitted(self.terms.client_id)


def terms_of(intent: OrderIntent, epoch_ms: int, part: int) -> Terms:
    """What is going to be sent, under a client id that is never used again."""
    instrument = intent.instrument
    return Terms(
        client_id=client_id(
            intent.book,
            instrument.venue,
            instrument.symbol,
            epoch_ms=epoch_ms,
            cycle=intent.cycle,
            part=part,
        ),
        book=intent.book,
        asset=intent.asset,
        cycle=intent.cycle,
        part=part,
        venue=instrument.venue,
        symbol=instrument.symbol,
        unit=instrument.unit,
        contract_size=instrument.contract_size,
        side=intent.side,
        contracts=intent.contracts,
        limit_price=intent.limit_price if intent.post_price is None else intent.post_price,
        reduce_only=intent.reduce_only,
        post_only=intent.post_price is not None,
        bound=None if intent.post_price is None else intent.limit_price,
        goes_on=intent.goes_on,
    )


def order_of(terms: Terms, instrument: Instrument) -> Order:
    """The order of these terms."""
    return Order(
        client_id=terms.client_id,
        instrument=instrument,
        side=terms.side,
        contracts=terms.contracts,
        limit_price=terms.limit_price,
        reduce_only=terms.reduce_only,
        style=Style.POST_ONLY if terms.post_only else Style.IOC,
    )


def outcome_event(name: str, outcome: Outcome) -> Event:
    """The outcome as an event; logged on the way, because people follow orders in the log."""
    match outcome:
        case Accepted(venue_id):
            log.info("order.accepted", client_id=name, venue_id=venue_id)
            return Acknowledged(name, venue_id)
        case Refused(detail):
            log.warning("order.refused", client_id=name, detail=detail)
            return Rejected(name, detail)
        case Unknown(detail):
            log.warning("order.unknown", client_id=name, detail=detail)
            return OutcomeUnknown(name, detail)


def described(order: Order) -> dict[str, object]:
    """An order in the log's words."""
    return {
        "client_id": order.client_id,
        "venue": order.instrument.venue,
        "instrument": order.instrument.symbol,
        "side": order.side.value,
        "contracts": plain(order.contracts),
        "limit_price": plain(order.limit_price),
        "reduce_only": order.reduce_only,
        "style": order.style.value,
    }
