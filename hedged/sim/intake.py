"""What an order must satisfy to be accepted: steps, limits, balances, margin.

Nothing here changes anything.
"""

from dataclasses import dataclass
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.decimals import ZERO, floored, is_multiple, product, quotient
from hedged.sim.instruments import Instrument
from hedged.sim.margin import MarginDesk
from hedged.sim.market import Market
from hedged.sim.orders import (
    Order,
    OrderRequest,
    OrderType,
    Refusal,
    RefusedError,
    Side,
    TimeInForce,
)

MAX_OPEN_ORDERS = 500
LONG_LEG, SHORT_LEG = 1, 2


@dataclass(frozen=True, slots=True)
class Admission:
    """An acceptable order: quantity in units of the instrument, worst price it may trade at."""

    quantity: Decimal
    price: Decimal
    is_reducing: bool


def check_price(market: Market, side: Side, price: Decimal) -> None:
    """Refuse a price off the tick, out of range, or beyond the limit against fat fingers."""
    instrument = market.instrument
    if price <= 0 or price > instrument.max_price or not is_multiple(price, instrument.tick):
        raise RefusedError(Refusal.PRICE_INVALID)
    limit = market.price_limit(side)
    if side is Side.BUY and price > limit:
        raise RefusedError(Refusal.PRICE_TOO_HIGH, str(limit))
    if side is Side.SELL and price < limit:
        raise RefusedError(Refusal.PRICE_TOO_LOW, str(limit))


def check_quantity(instrument: Instrument, quantity: Decimal, *, is_market: bool) -> None:
    """Refuse a quantity off the lot or out of range."""
    if quantity <= 0 or not is_multiple(quantity, instrument.lot):
        raise RefusedError(Refusal.QUANTITY_INVALID)
    if quantity < instrument.min_quantity:
        raise RefusedError(Refusal.QUANTITY_TOO_SMALL)
    largest = instrument.max_market_quantity if is_market else instrument.max_quantity
    if quantity > largest:
        raise RefusedError(Refusal.QUANTITY_TOO_LARGE)


def check_value(instrument: Instrument, quantity: Decimal, price: Decimal) -> None:
    """Refuse a spot or linear order whose value is out of range."""
    value = instrument.value(quantity, price)
    if value < instrument.min_value:
        raise RefusedError(Refusal.VALUE_TOO_SMALL)
    if instrument.max_value and value > instrument.max_value:
        raise RefusedError(Refusal.VALUE_TOO_LARGE)


def admitted(
    request: OrderRequest, account: Account, market: Market, margin: MarginDesk
) -> Admission:
    """Return how an order is accepted, or raise RefusedError."""
    _check_identity(request, account, market)
    if market.is_post_only and request.time_in_force is not TimeInForce.POST_ONLY:
        raise RefusedError(Refusal.POST_ONLY_PERIOD)
    is_market = request.order_type is OrderType.MARKET
    if request.price is None or is_market:
        price = market.price_limit(request.side)
    else:
        price = request.price
        check_price(market, request.side, price)
    quantity = _units(market, request, price) if request.in_quote else request.quantity
    check_quantity(market.instrument, quantity, is_market=is_market)
    check_value(market.instrument, quantity, market.mark if is_market else price)
    if market.instrument.is_spot:
        cost = _cost(market, request, quantity, price)
        check_spot_funds(market.instrument, request.side, account, margin, quantity, cost)
        return Admission(quantity, price, is_reducing=False)
    if request.reduce_only or _is_closing_leg(request):
        return Admission(_closable(request, account, quantity), price, is_reducing=True)
    check_margin(request, account, market, margin, quantity)
    return Admission(quantity, price, is_reducing=False)


def _check_identity(request: OrderRequest, account: Account, market: Market) -> None:
    if request.link_id and account.has_taken(request.link_id):
        raise RefusedError(Refusal.DUPLICATE_LINK_ID)
    is_hedged = market.instrument.key in account.hedge_symbols
    allowed = (LONG_LEG, SHORT_LEG) if is_hedged and not market.instrument.is_spot else (0,)
    if request.position_index not in allowed:
        raise RefusedError(Refusal.POSITION_INDEX)
    if len(account.open_orders) >= MAX_OPEN_ORDERS:
        raise RefusedError(Refusal.TOO_MANY_ORDERS)


def _is_closing_leg(request: OrderRequest) -> bool:
    return (request.position_index, request.side) in (
        (LONG_LEG, Side.SELL),
        (SHORT_LEG, Side.BUY),
    )


def _closable(request: OrderRequest, account: Account, quantity: Decimal) -> Decimal:
    """Return the part of the quantity that closes what no waiting order closes already."""
    held = account.quantity(request.symbol, request.position_index)
    if request.side.signed(held) >= 0:
        raise RefusedError(Refusal.REDUCE_ONLY, "current position is zero or on the same side")
    waiting = account.reducing_orders(request.symbol, request.position_index)
    closable = abs(held) - sum((order.leaves for order in waiting), ZERO)
    if closable <= 0:
        raise RefusedError(Refusal.REDUCE_ONLY, "other orders close the position already")
    return min(quantity, closable)


def _units(market: Market, request: OrderRequest, limit: Decimal) -> Decimal:
    """Return how many units a quote amount buys or sells within the limit, down to the lot.

    Where the book is too thin, the rest counts at the limit, so that the order ends partly filled.
    """
    left, units = request.quantity, ZERO
    for match in market.book.matches(request.side, limit, None):
        value = product(match.price, match.quantity)
        if value >= left:
            units += quotient(left, match.price)
            left = ZERO
            break
        units += match.quantity
        left -= value
    return floored(units + quotient(left, limit), market.instrument.lot)


def _cost(market: Market, request: OrderRequest, quantity: Decimal, limit: Decimal) -> Decimal:
    """Return the quote coins of a spot order: at its limit, or what a market order would pay."""
    if request.order_type is OrderType.LIMIT:
        return product(quantity, limit)
    matches = market.book.matches(request.side, limit, quantity)
    return sum((product(match.price, match.quantity) for match in matches), ZERO)


def check_spot_funds(
    instrument: Instrument,
    side: Side,
    account: Account,
    margin: MarginDesk,
    quantity: Decimal,
    cost: Decimal,
) -> None:
    """Refuse a spot order that the account has not the coins for."""
    coin, needed = (instrument.quote, cost) if side is Side.BUY else (instrument.base, quantity)
    if needed > margin.spendable(account, coin):
        raise RefusedError(Refusal.INSUFFICIENT_BALANCE, coin)


def check_margin(
    request: OrderRequest,
    account: Account,
    market: Market,
    margin: MarginDesk,
    quantity: Decimal,
) -> None:
    """Refuse an order that the margin does not carry; one that only shrinks a position passes."""
    instrument, index = market.instrument, request.position_index
    added = margin.added_initial(account, instrument, index, request.side, quantity)
    if added <= 0:
        return
    fee = product(instrument.value(quantity, market.mark), instrument.taker_rate)
    needed = product(added + fee, margin.price(instrument.settle))
    if needed > margin.pool(account, instrument.settle).available:
        raise RefusedError(Refusal.INSUFFICIENT_MARGIN)


def check_amendment(
    order: Order,
    account: Account,
    market: Market,
    margin: MarginDesk,
    *,
    quantity: Decimal,
    price: Decimal,
) -> None:
    """Refuse to change an order to this; it must not count as waiting in the account meanwhile."""
    instrument = market.instrument
    check_price(market, order.side, price)
    check_quantity(instrument, quantity, is_market=False)
    if quantity <= order.filled:
        raise RefusedError(Refusal.BELOW_FILLED)
    check_value(instrument, quantity, price)
    left = quantity - order.filled
    if instrument.is_spot:
        cost = product(left, price)
        check_spot_funds(instrument, order.side, account, margin, left, cost)
    elif order.is_reducing:
        if left > _closable(order.request, account, left):
            raise RefusedError(Refusal.REDUCE_ONLY, "it would exceed the position")
    else:
        check_margin(order.request, account, market, margin, left)
