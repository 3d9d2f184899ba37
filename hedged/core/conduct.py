"""What the orders so far allow: how fast the next one may follow, and where the next try waits.

Both are folded from the journal's order events, so that a restart lifts no limit. An order
counts from its intent with all of its notional; when it has ended, as far as it filled. An
order that came to nothing (refused, or nobody traded at its bound) is a strike in its
instrument; any fill there ends the count, and an order that we withdrew for another reason is
none.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import CONTEXT, exact, plain
from hedged.core.events import Fill, Intended, OrderEvent
from hedged.core.orders import Order, State
from hedged.core.terms import Terms
from hedged.core.types import USD, Placed, Reason
from hedged.core.words import POST_ONLY_PERIOD, WOULD_TAKE

A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """An order that counts for the pace of its book."""

    book: str
    client_id: str
    placed: Placed


@dataclass(frozen=True, slots=True)
class Strike:
    """Orders in a row that came to nothing in one instrument."""

    venue: str
    symbol: str
    reason: Reason
    detail: str
    count: int
    at: datetime  # of the last one

    @property
    def is_of_reopening(self) -> bool:
        """Whether the venue takes orders again, but none that trade at once."""
        return self.detail.startswith(POST_ONLY_PERIOD)


def sent_after(sent: Sent | None, order: Order, event: OrderEvent, at: datetime) -> Sent | None:
    """How an order counts for the pace after an event that led to `order`; None: it does not."""
    if isinstance(event, Intended):
        return Sent(order.terms.book, order.client_id, _placed(order.terms, at))
    if sent is None or order.state is State.DROPPED:
        return None
    placed = replace(sent.placed, withdrawn=order.cancel_requested)
    if order.resolved:
        placed = replace(placed, notional_usd=_notional(order.terms, order.filled))
    if isinstance(event, Fill):
        placed = _with_fee(placed, order.terms, event)
    return replace(sent, placed=placed)


@exact
def _with_fee(placed: Placed, terms: Terms, fill: Fill) -> Placed:
    """What a trade cost, where its fee is in the instrument's coin or in dollars of some kind."""
    fee, (coin, _, quote) = fill.fee, fill.symbol.partition("/")
    if fee is None or fee.unit not in {coin, quote.partition(":")[0]}:
        return placed
    usd = fee.value * (fill.price if fee.unit == coin else 1)
    return replace(
        placed,
        booked_usd=placed.booked_usd + _notional(terms, fill.contracts),
        fee_usd=placed.fee_usd + usd,
    )


def strike_after(strike: Strike | None, order: Order, at: datetime) -> Strike | None:
    """The strikes of an instrument after one of its orders ended."""
    if order.filled:
        return None
    if order.state is State.REJECTED and order.detail.startswith((POST_ONLY_PERIOD, WOULD_TAKE)):
        reason, detail = Reason.NO_LIQUIDITY, order.detail
    elif order.state is State.REJECTED:
        reason, detail = Reason.LIMIT_EXCEEDED, f"refused: {order.detail}"
    elif order.state is State.CANCELLED and (order.given_up or not order.cancel_requested):
        reason = Reason.NO_LIQUIDITY
        detail = order.detail or f"no fill at {plain(order.limit_price)}"
    else:
        return strike
    count = 1 if strike is None else strike.count + 1
    return Strike(order.terms.venue, order.terms.symbol, reason, detail, count, at)


def _placed(terms: Terms, at: datetime) -> Placed:
    return Placed(
        at=at,
        asset=terms.asset,
        venue=terms.venue,
        symbol=terms.symbol,
        quantity=terms.quantity(terms.contracts).value,
        notional_usd=_notional(terms, terms.contracts),
        goes_on=terms.goes_on,
    )


@exact
def _notional(terms: Terms, contracts: Decimal) -> Decimal:
    """USD; at its limit price where the contract is a number of coins."""
    size = CONTEXT.multiply(contracts, terms.contract_size)
    return size if terms.unit == USD else CONTEXT.multiply(size, terms.limit_price)
