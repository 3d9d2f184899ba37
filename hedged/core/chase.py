"""What to do with a resting post-only order: keep it, move it, cross the spread, or give up.

A maker order earns its price only while it is at the front: it joins the best price of its own
side, follows that price when it has moved away by enough, and never passes the bound that the
order was approved with. It may not outlive its time limit: then what is left crosses the
spread, where the bound allows it, or is given up. It goes at once when its reason has gone: a
gate closed, the target moved under it, or nobody knows the price any more. Nothing here
enlarges an order. Prices are USD per coin; ages are monotonic seconds.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedged.core.decimals import exact, passive_price
from hedged.core.orders import Order
from hedged.core.types import Quote, Side


class Why(StrEnum):
    """Why a resting order is cancelled."""

    GATE_CLOSED = "gate closed"
    TARGET_MOVED = "target moved"
    QUOTE_AGED = "quote aged"
    NO_QUOTE = "no quote"
    TIME_LIMIT = "time limit"


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave it where it is."""


@dataclass(frozen=True, slots=True)
class Reprice:
    """Move it, still post-only."""

    price: Decimal


@dataclass(frozen=True, slots=True)
class Cross:
    """Cancel it, and send what is left immediate-or-cancel at this price."""

    price: Decimal


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel it; the next cycle decides afresh."""

    why: Why


Move = Keep | Reprice | Cross | Cancel


@dataclass(frozen=True, slots=True)
class ChaseSettings:
    """How patient a maker order is."""

    time_limit_s: Decimal = Decimal(60)
    reprice_s: Decimal = Decimal(2)  # least time between two prices
    reprice_ticks: int = 1  # how far the best price must be away
    max_age_s: Decimal = Decimal(30)  # of the quote
    then_cross: bool = True  # after the time limit; else give up


@dataclass(frozen=True, slots=True)
class Resting:
    """A working order with what its price and its patience depend on."""

    order: Order
    bound: Decimal  # worst price that it was approved with
    wanted: Decimal  # signed contracts that the target still asks for: buy > 0
    gate_open: bool
    age_s: Decimal  # since it was first sent
    priced_s: Decimal  # since its price was last set


@exact
def chase(resting: Resting, quote: Quote, settings: ChaseSettings) -> Move:
    """The next move of one resting order."""
    order = resting.order
    if order.resolved or order.cancel_requested:
        return Keep()
    gone = _obsolete(resting, quote, settings)
    if gone is not None:
        return Cancel(gone)
    if resting.age_s >= settings.time_limit_s:
        return _give_up(resting, quote, settings)
    price = _front(resting, quote)
    if price is None:
        return Cancel(Why.NO_QUOTE)
    away = abs(price - order.limit_price)
    if away < settings.reprice_ticks * quote.instrument.tick or away == 0:
        return Keep()
    return Keep() if resting.priced_s < settings.reprice_s else Reprice(price)


def front_price(side: Side, quote: Quote, bound: Decimal) -> Decimal | None:
    """Where a post-only order belongs: at its own side's best, within its bound.

    None when a best price is missing.
    """
    if quote.bid is None or quote.ask is None:
        return None
    buy = side is Side.BUY
    best = min(quote.bid, bound) if buy else max(quote.ask, bound)
    return passive_price(best, quote.instrument.tick, buy=buy)


def _front(resting: Resting, quote: Quote) -> Decimal | None:
    return front_price(resting.order.terms.side, quote, resting.bound)


def _obsolete(resting: Resting, quote: Quote, settings: ChaseSettings) -> Why | None:
    """Why the order should not be there at all any more."""
    wanted = resting.wanted if resting.order.terms.side is Side.BUY else -resting.wanted
    if not resting.gate_open:
        return Why.GATE_CLOSED
    if wanted < resting.order.remaining:
        return Why.TARGET_MOVED
    if quote.age_s > settings.max_age_s:
        return Why.QUOTE_AGED
    return None


def _give_up(resting: Resting, quote: Quote, settings: ChaseSettings) -> Move:
    """The end of patience: the bound is the price, where the other side is within it."""
    buy = resting.order.terms.side is Side.BUY
    other = quote.ask if buy else quote.bid
    if other is None or not settings.then_cross:
        return Cancel(Why.TIME_LIMIT)
    within = other <= resting.bound if buy else other >= resting.bound
    return Cross(resting.bound) if within else Cancel(Why.TIME_LIMIT)
