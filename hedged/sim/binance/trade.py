"""Orders and their fills, of COIN-M and of spot: /dapi/v1/order, /api/v3/order, and the lists."""

from collections.abc import Iterator
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.binance.errors import BinanceError, missing
from hedged.sim.binance.listing import MOST_ORDERS
from hedged.sim.binance.market import listed, market_of
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import (
    Row,
    client_id,
    coin_m_done,
    coin_m_listed,
    coin_m_trade,
    coins_text,
    order_id_in,
    pair,
    spot_done,
    spot_listed,
    spot_trade,
)
from hedged.sim.decimals import ZERO
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Kind
from hedged.sim.intake import LONG_LEG, SHORT_LEG
from hedged.sim.market import Market
from hedged.sim.orders import (
    Execution,
    Fill,
    Order,
    OrderRequest,
    OrderType,
    Refusal,
    RefusedError,
    Side,
    TimeInForce,
)

_LIVES = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.POST_ONLY,
}
_LEGS = {"": 0, "BOTH": 0, "LONG": LONG_LEG, "SHORT": SHORT_LEG}
_NOT_TRADES = (Execution.FUNDING, Execution.SETTLEMENT)
_DAY_MS = 24 * 3600 * 1000
_FORGOTTEN_MS = 3 * _DAY_MS  # after which an order that ended without a fill is found no more


def _side(parameters: Parameters) -> Side:
    try:
        return {"BUY": Side.BUY, "SELL": Side.SELL}[parameters.required("side")]
    except KeyError:
        raise BinanceError(-1117, "Invalid side.") from None


def _check_room(account: Account, market: Market) -> None:
    """Refuse one order too many in a market."""
    key = market.instrument.key
    count = sum(order.instrument.key == key for order in account.open_orders.values())
    if count >= MOST_ORDERS:
        raise RefusedError(Refusal.TOO_MANY_ORDERS)


def create_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /dapi/v1/order; quantities are contracts."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    kind, side = parameters.required("type"), _side(parameters)
    if kind not in ("LIMIT", "MARKET"):
        raise BinanceError(-1116, "Invalid orderType.")
    is_market = kind == "MARKET"
    lives = TimeInForce.IOC if is_market else _life(parameters)
    quantity = parameters.required_number("quantity")
    leg = parameters.text("positionSide")
    if leg not in _LEGS:
        raise missing("positionSide")
    request = OrderRequest(
        symbol=market.instrument.key,
        side=side,
        quantity=quantity * market.instrument.contract_size,
        price=None if is_market else parameters.required_number("price"),
        order_type=OrderType.MARKET if is_market else OrderType.LIMIT,
        time_in_force=lives,
        reduce_only=parameters.flag("reduceOnly"),
        link_id=parameters.client_id("newClientOrderId"),
        position_index=_LEGS[leg],
    )
    _check_room(account, market)
    if request.price is not None:
        _check_terms(market, request, request.price)
    return coin_m_done(exchange.place_order(account, request))


def _life(parameters: Parameters) -> TimeInForce:
    asked = parameters.required("timeInForce")
    if asked not in _LIVES:
        raise BinanceError(-1115, "Invalid timeInForce.")
    return _LIVES[asked]


def _check_terms(market: Market, request: OrderRequest, price: Decimal) -> None:
    """Refuse what could not be executed on its terms; elsewhere it would be accepted and end."""
    book = market.book
    if request.time_in_force is TimeInForce.POST_ONLY and book.would_take(request.side, price):
        raise BinanceError(
            -5022,
            "Due to the order could not be executed as maker, "
            "the Post Only order will be rejected.",
        )
    if request.time_in_force is TimeInForce.FOK:
        matches = book.matches(request.side, price, request.quantity)
        if sum((match.quantity for match in matches), ZERO) < request.quantity:
            raise BinanceError(
                -5021,
                "Due to the order could not be filled immediately, "
                "the FOK order has been rejected.",
            )


def create_spot(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /api/v3/order, answered in full: with the fills."""
    market = market_of(exchange, parameters.required("symbol"), Kind.SPOT)
    kind, side = parameters.required("type"), _side(parameters)
    if kind not in ("LIMIT", "LIMIT_MAKER", "MARKET"):
        raise BinanceError(-1116, "Invalid orderType.")
    is_market, is_maker = kind == "MARKET", kind == "LIMIT_MAKER"
    in_quote = parameters.number("quoteOrderQty") if is_market else None
    quantity = parameters.required_number("quantity") if in_quote is None else in_quote
    price = None if is_market else parameters.required_number("price")
    lives = TimeInForce.POST_ONLY if is_maker else TimeInForce.IOC
    if kind == "LIMIT":
        lives = _life(parameters)
    _check_room(account, market)
    if is_maker and price is not None and market.book.would_take(side, price):
        raise BinanceError(-2010, "Order would immediately match and take.")
    order = exchange.place_order(
        account,
        OrderRequest(
            symbol=market.instrument.key,
            side=side,
            quantity=quantity,
            price=price,
            order_type=OrderType.MARKET if is_market else OrderType.LIMIT,
            time_in_force=lives,
            link_id=parameters.client_id("newClientOrderId"),
            in_quote=in_quote is not None,
        ),
    )
    fills = [
        {
            "price": coins_text(fill.price),
            "qty": coins_text(fill.quantity),
            "commission": coins_text(fill.fee),
            "commissionAsset": fill.fee_coin,
            "tradeId": fill.sequence,
        }
        for fill in account.fills
        if fill.order_id == order.order_id
    ]
    at = {"transactTime": order.updated_ms, "workingTime": order.created_ms}
    return spot_done(order) | at | {"fills": fills}


def _found(account: Account, market: Market, parameters: Parameters) -> Order | None:
    """Return the order that the ids name."""
    order_id, name = parameters.text("orderId"), parameters.text("origClientOrderId")
    if not order_id and not name:
        raise BinanceError(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        )
    key = market.instrument.key
    by_name = account.find_order(key, link_id=name) if name and not order_id else None
    return by_name or account.find_order(key, order_id=order_id or order_id_in(name) or "-")


def _waiting(account: Account, market: Market, parameters: Parameters) -> Order:
    order = _found(account, market, parameters)
    if order is None or not order.status.is_open:
        raise RefusedError(Refusal.UNKNOWN_ORDER)
    return order


def _known(exchange: Exchange, account: Account, market: Market, parameters: Parameters) -> Order:
    order = _found(account, market, parameters)
    if order is None or _is_forgotten(order, exchange.now_ms):
        raise BinanceError(-2013, "Order does not exist.")
    return order


def _is_forgotten(order: Order, now_ms: int) -> bool:
    is_ended = not order.status.is_open and not order.filled
    return is_ended and order.created_ms + _FORGOTTEN_MS < now_ms


def coin_m_order_known(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /dapi/v1/order."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    order = _known(exchange, account, market, parameters)
    return coin_m_listed(order) | {"pair": pair(order.instrument)}


def coin_m_order_open(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /dapi/v1/openOrder."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    order = _known(exchange, account, market, parameters)
    if not order.status.is_open:
        raise BinanceError(-2013, "Order does not exist.")
    return coin_m_listed(order) | {"pair": pair(order.instrument)}


def spot_order_known(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /api/v3/order."""
    market = market_of(exchange, parameters.required("symbol"), Kind.SPOT)
    return spot_listed(_known(exchange, account, market, parameters))


def cancel_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """DELETE /dapi/v1/order."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    order = _waiting(account, market, parameters)
    exchange.cancel_order(account, order)
    return coin_m_done(order)


def amend_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """PUT /dapi/v1/order."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    order = _waiting(account, market, parameters)
    quantity = parameters.number("quantity")
    if quantity is not None:
        quantity = quantity * market.instrument.contract_size
    exchange.amend_order(account, order, quantity=quantity, price=parameters.number("price"))
    return coin_m_done(order)


def _cancelled_spot(order: Order) -> Row:
    """Return a cancelled order of spot; the cancel itself has got a name, too."""
    own = {"origClientOrderId": client_id(order), "clientOrderId": f"cancel{order.order_id}"}
    return spot_done(order) | own | {"transactTime": order.updated_ms}


def cancel_spot(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """DELETE /api/v3/order."""
    market = market_of(exchange, parameters.required("symbol"), Kind.SPOT)
    order = _waiting(account, market, parameters)
    exchange.cancel_order(account, order)
    return _cancelled_spot(order)


def cancel_all_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """DELETE /dapi/v1/allOpenOrders."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    exchange.cancel_all(account, symbol=market.instrument.symbol)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def cancel_all_spot(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """DELETE /api/v3/openOrders."""
    market = market_of(exchange, parameters.required("symbol"), Kind.SPOT)
    cancelled = exchange.cancel_all(account, symbol=market.instrument.symbol)
    if not cancelled:
        raise RefusedError(Refusal.UNKNOWN_ORDER)
    return [_cancelled_spot(order) for order in cancelled]


def count_down(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /dapi/v1/countdownCancelAll: unless it is asked again in time; 0 stops it."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    asked = parameters.required("countdownTime")
    lasts_ms = parameters.integer("countdownTime", default=0, lowest=0, highest=10**9)
    symbol = market.instrument.symbol
    account.count_down(symbol, exchange.now_ms + lasts_ms if lasts_ms else None)
    return {"symbol": symbol, "countdownTime": asked}


def _open(
    exchange: Exchange, account: Account, parameters: Parameters, kind: Kind
) -> Iterator[Order]:
    keys = {market.instrument.key for market in listed(exchange, parameters, kind)}
    return (order for order in exchange.open_orders(account) if order.instrument.key in keys)


def open_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/openOrders."""
    return [coin_m_listed(o) for o in _open(exchange, account, parameters, Kind.INVERSE)]


def open_spot(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /api/v3/openOrders."""
    return [spot_listed(o) for o in _open(exchange, account, parameters, Kind.SPOT)]


def _all(exchange: Exchange, account: Account, parameters: Parameters, kind: Kind) -> list[Order]:
    """Return the orders of any state, oldest first: those after a start, or the latest."""
    keys = {market.instrument.key for market in listed(exchange, parameters, kind)}
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    from_id = parameters.integer("orderId", default=0, lowest=0, highest=10**20)
    limit = parameters.integer("limit", default=50, lowest=1, highest=1000)
    found = [
        order
        for order in account.orders.values()
        if order.instrument.key in keys
        and int(order.order_id) >= from_id
        and (start_ms is None or order.created_ms >= start_ms)
        and (end_ms is None or order.created_ms <= end_ms)
        and not _is_forgotten(order, exchange.now_ms)
    ]
    return found[-limit:] if start_ms is None and not from_id else found[:limit]


def all_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/allOrders."""
    if not parameters.text("symbol"):
        parameters.required("pair")
    return [
        coin_m_listed(order) | {"pair": pair(order.instrument)}
        for order in _all(exchange, account, parameters, Kind.INVERSE)
    ]


def all_spot(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /api/v3/allOrders."""
    parameters.required("symbol")
    return [spot_listed(order) for order in _all(exchange, account, parameters, Kind.SPOT)]


def _trades(exchange: Exchange, account: Account, parameters: Parameters, kind: Kind) -> list[Fill]:
    """Return the fills of a market, oldest first: those after a start or an id, or the latest."""
    keys = {market.instrument.key for market in listed(exchange, parameters, kind)}
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    from_id = parameters.integer("fromId", default=0, lowest=0, highest=10**20)
    order_id = parameters.text("orderId")
    limit = parameters.integer("limit", default=50, lowest=1, highest=1000)
    since_ms = exchange.now_ms - 7 * _DAY_MS if start_ms is None and not from_id else start_ms
    found = [
        fill
        for fill in account.fills
        if fill.instrument.key in keys
        and fill.kind not in _NOT_TRADES
        and fill.sequence >= from_id
        and order_id in ("", fill.order_id)
        and (since_ms is None or fill.at_ms >= since_ms)
        and (end_ms is None or fill.at_ms <= end_ms)
    ]
    return found[-limit:] if start_ms is None and not from_id else found[:limit]


def trades_coin_m(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/userTrades."""
    if not parameters.text("symbol"):
        parameters.required("pair")
    return [
        coin_m_trade(account.orders.get(fill.order_id), fill)
        for fill in _trades(exchange, account, parameters, Kind.INVERSE)
    ]


def trades_spot(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /api/v3/myTrades."""
    parameters.required("symbol")
    return [spot_trade(fill) for fill in _trades(exchange, account, parameters, Kind.SPOT)]
