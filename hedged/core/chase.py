"""What to do with a resting post-only order: keep it, move it, cross the spread, or give up.

A maker order earns its price only while it is at the front: it joins the best price of its own
side, follows that price when it has moved away by enough, and never passes the bound that the
order was approved with. It may not outlive its time limit: then what is left crosses the
spread, where the bound allows it, or is given up. It goes at once when its reason has gone: a
gate closed, the target moved under it, or nobody knows the price any more. Nothing here
enlarges an order. Prices are USD per coin; ages are seconds.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.decimals import exact, passive_price, plain
from hedged.core.types import Quote, Resting, Side, Style, Tending

# How long an order may rest where nothing would cancel it if this process died.
UNPROTECTED_S: Final = Decimal(30)


@dataclass(frozen=True, slots=True)
class Move:
    """The next move of a resting order, with its reason in words."""

    kind: Tending
    why: str = ""
    price: Decimal | None = None


@exact
def chase(order: Resting, quote: Quote, style: Style, chased_s: Decimal) -> Move:
    """The next move of an order that is still wanted; `chased_s`: since its correction began."""
    if chased_s >= style.time_limit_s:
        return _out_of_time(order, quote, style)
    price = front_price(order.side, quote, order.bound)
    if price is None:
        return Move(Tending.CANCEL, "there is no best price to rest at")
    away = abs(price - order.price)
    if away < style.reprice_ticks * quote.instrument.tick or away == 0:
        return Move(Tending.KEEP)
    if order.age_s < style.reprice_s:
        return Move(Tending.KEEP)
    why = f"the best price is {plain(price)}, it rests at {plain(order.price)}"
    return Move(Tending.REPRICE, why, price)


def front_price(side: Side, quote: Quote, bound: Decimal) -> Decimal | None:
    """Where a post-only order belongs: at its own side's best, within its bound.

    None when a best price is missing.
    """
    if quote.bid is None or quote.ask is None:
        return None
    buy = side is Side.BUY
    best = min(quote.bid, bound) if buy else max(quote.ask, bound)
    return passive_price(best, quote.instrument.tick, buy=buy)


def _out_of_time(order: Resting, quote: Quote, style: Style) -> Move:
    """The end of patience: the bound is the price, where the other side is within it."""
    buy = order.side is Side.BUY
    other = quote.ask if buy else quote.bid
    why = f"its time limit of {plain(style.time_limit_s)} s is over"
    if not style.cross:
        return Move(Tending.GIVE_UP, why)
    if other is None or (other > order.bound if buy else other < order.bound):
        return Move(Tending.GIVE_UP, f"{why}, and nothing stands within {plain(order.bound)}")
    return Move(Tending.CROSS, why, order.bound)
