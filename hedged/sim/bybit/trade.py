"""Orders, executions and positions: /v5/order, /v5/execution and /v5/position."""

from collections.abc import Iterator

from hedged.sim.accounts import Account
from hedged.sim.bybit.errors import BybitError, parameter_error
from hedged.sim.bybit.paging import page
from hedged.sim.bybit.parameters import Category, Parameters
from hedged.sim.bybit.rows import execution_row, order_row, position_row
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument, Kind
from hedged.sim.intake import LONG_LEG, SHORT_LEG
from hedged.sim.orders import (
    Fill,
    Order,
    OrderRequest,
    OrderType,
    Refusal,
    RefusedError,
    SelfTrade,
    Side,
    TimeInForce,
)

_CONDITIONAL = ("triggerPrice", "takeProfit", "stopLoss", "trailingStop", "activePrice")
_ONE_WAY, _HEDGE = 0, 3
_OPEN_AND_RECENT = 500


def _instrument(exchange: Exchange, parameters: Parameters) -> Instrument:
    """Return the instrument that category and symbol name."""
    kind = parameters.category().kind
    symbol = parameters.required("symbol")
    if kind is None:
        raise parameter_error("symbol invalid")
    return exchange.market(symbol, kind).instrument


def _is_listed(instrument: Instrument, parameters: Parameters, kind: Kind | None) -> bool:
    """Say whether an instrument is within the kind, symbol and coins that a list is asked for."""
    return (
        instrument.kind is kind
        and parameters.text("symbol") in ("", instrument.symbol)
        and parameters.text("baseCoin") in ("", instrument.base)
        and (instrument.is_spot or parameters.text("settleCoin") in ("", instrument.settle))
    )


def _require_scope(parameters: Parameters, category: Category) -> None:
    """Refuse a list of all linear contracts, as Bybit does."""
    scopes = ("symbol", "baseCoin", "settleCoin")
    if category is Category.LINEAR and not any(parameters.text(name) for name in scopes):
        raise parameter_error("symbol or settleCoin is required")


def create_order(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/order/create; the reply has the ids only."""
    instrument = _instrument(exchange, parameters)
    if any(parameters.text(name) not in ("", "0") for name in _CONDITIONAL):
        raise parameter_error("conditional orders are not available")
    order_type = parameters.choice("orderType", OrderType)
    is_market = order_type is OrderType.MARKET
    side = parameters.choice("side", Side)
    request = OrderRequest(
        symbol=instrument.key,
        side=side,
        quantity=parameters.required_number("qty"),
        price=None if is_market else parameters.required_number("price"),
        order_type=order_type,
        time_in_force=_time_in_force(parameters, order_type),
        reduce_only=parameters.flag("reduceOnly") and not instrument.is_spot,
        link_id=parameters.link_id(),
        position_index=parameters.integer("positionIdx", default=0, lowest=0, highest=2),
        in_quote=instrument.is_spot and is_market and _is_in_quote(parameters, side),
        self_trade=_self_trade(parameters),
    )
    order = exchange.place_order(account, request)
    return _ids(order)


def _time_in_force(parameters: Parameters, order_type: OrderType) -> TimeInForce:
    asked = parameters.text("timeInForce")
    if order_type is OrderType.MARKET:
        return TimeInForce.IOC
    return parameters.choice("timeInForce", TimeInForce) if asked else TimeInForce.GTC


def _self_trade(parameters: Parameters) -> SelfTrade:
    asked = parameters.text("smpType")
    return parameters.choice("smpType", SelfTrade) if asked else SelfTrade.NONE


def _is_in_quote(parameters: Parameters, side: Side) -> bool:
    """Say whether a spot market order is sized in quote coins; by default only buys are."""
    unit = parameters.text("marketUnit") or ("quoteCoin" if side is Side.BUY else "baseCoin")
    if unit not in ("quoteCoin", "baseCoin"):
        raise parameter_error("marketUnit invalid")
    return unit == "quoteCoin"


def _ids(order: Order) -> dict[str, object]:
    return {"orderId": order.order_id, "orderLinkId": order.link_id}


def _waiting_order(account: Account, parameters: Parameters, instrument: Instrument) -> Order:
    """Return the open order that the ids name."""
    order_id, link_id = parameters.text("orderId"), parameters.link_id()
    if not order_id and not link_id:
        raise parameter_error("orderId or orderLinkId is required")
    order = account.find_order(instrument.key, order_id=order_id, link_id=link_id)
    if order is None or not order.status.is_open:
        raise RefusedError(Refusal.UNKNOWN_ORDER)
    return order


def amend_order(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/order/amend."""
    instrument = _instrument(exchange, parameters)
    order = _waiting_order(account, parameters, instrument)
    exchange.amend_order(
        account, order, quantity=parameters.number("qty"), price=parameters.number("price")
    )
    return _ids(order)


def cancel_order(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/order/cancel."""
    instrument = _instrument(exchange, parameters)
    order = _waiting_order(account, parameters, instrument)
    exchange.cancel_order(account, order)
    return _ids(order)


def cancel_all(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/order/cancel-all."""
    category = parameters.category()
    scopes = ("symbol", "baseCoin", "settleCoin")
    if category is not Category.SPOT and not any(parameters.text(name) for name in scopes):
        raise parameter_error("symbol, baseCoin or settleCoin is required")
    if parameters.text("symbol"):
        _instrument(exchange, parameters)
    cancelled = exchange.cancel_all(
        account,
        kind=category.kind,
        symbol=parameters.text("symbol"),
        base=parameters.text("baseCoin"),
        settle="" if category is Category.SPOT else parameters.text("settleCoin"),
    )
    return {"list": [_ids(order) for order in cancelled], "success": "1"}


def open_orders(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/order/realtime: open orders; those of any state when an id is given."""
    category = parameters.category()
    order_id, link_id = parameters.text("orderId"), parameters.text("orderLinkId")
    if order_id or link_id:
        found = account.orders.get(order_id) if order_id else account.orders_by_link.get(link_id)
        orders = [found] if found else []
    else:
        _require_scope(parameters, category)
        orders = list(exchange.open_orders(account))
        if parameters.integer("openOnly", default=0, lowest=0, highest=1):
            orders = [order for order in account.orders.values() if not order.status.is_open]
            orders = orders[-_OPEN_AND_RECENT:]
    return _order_list(parameters, category, orders)


def order_history(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/order/history: orders that have ended."""
    del exchange
    category = parameters.category()
    order_id, link_id = parameters.text("orderId"), parameters.text("orderLinkId")
    status = parameters.text("orderStatus")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    ended = [
        order
        for order in account.orders.values()
        if not order.status.is_open
        and order_id in ("", order.order_id)
        and link_id in ("", order.link_id)
        and status in ("", order.status)
        and (start_ms is None or order.created_ms >= start_ms)
        and (end_ms is None or order.created_ms <= end_ms)
    ]
    return _order_list(parameters, category, ended)


def _order_list(
    parameters: Parameters, category: Category, orders: list[Order]
) -> dict[str, object]:
    """Return the page of those orders that are asked for, newest first."""
    listed = [order for order in orders if _is_listed(order.instrument, parameters, category.kind)]
    listed.sort(key=lambda order: order.sequence, reverse=True)
    result = page(
        listed,
        parameters,
        place=lambda order: order.sequence,
        rendered=order_row,
        default=20,
        highest=50,
    )
    return {"list": result.rows, "nextPageCursor": result.cursor, "category": category}


def executions(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/execution/list: trades and funding, newest first."""
    category = parameters.category()
    order_id, link_id = parameters.text("orderId"), parameters.text("orderLinkId")
    kind = parameters.text("execType")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")

    def wanted() -> Iterator[Fill]:
        for fill in reversed(account.fills):
            if (
                order_id in ("", fill.order_id)
                and link_id in ("", fill.link_id)
                and kind in ("", fill.kind)
                and (start_ms is None or fill.at_ms >= start_ms)
                and (end_ms is None or fill.at_ms <= end_ms)
                and _is_listed(fill.instrument, parameters, category.kind)
            ):
                yield fill

    result = page(
        wanted(),
        parameters,
        place=lambda fill: fill.sequence,
        rendered=lambda fill: execution_row(exchange, fill),
        default=50,
        highest=100,
    )
    return {"nextPageCursor": result.cursor, "category": category, "list": result.rows}


def positions(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/position/list: all open positions, or those of the symbol even when flat."""
    category = parameters.category()
    if category is Category.SPOT:
        raise parameter_error("category invalid")
    _require_scope(parameters, category)
    legs: list[tuple[Instrument, int]]
    if parameters.text("symbol"):
        instrument = _instrument(exchange, parameters)
        is_hedged = instrument.key in account.hedge_symbols
        legs = [(instrument, index) for index in ((LONG_LEG, SHORT_LEG) if is_hedged else (0,))]
    else:
        legs = [
            (position.instrument, position.index)
            for position in account.positions.values()
            if position.quantity and _is_listed(position.instrument, parameters, category.kind)
        ]
    parameters.integer("limit", default=20, lowest=1, highest=200)
    if parameters.text("cursor"):
        legs = []
    rows = [position_row(exchange, account, instrument, index) for instrument, index in legs]
    return {"list": rows, "nextPageCursor": "", "category": category}


def set_leverage(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/position/set-leverage."""
    instrument = _instrument(exchange, parameters)
    buy, sell = (parameters.required_number(name) for name in ("buyLeverage", "sellLeverage"))
    if buy != sell:
        raise parameter_error("buy leverage and sell leverage must be equal")
    try:
        exchange.set_leverage(account, instrument.key, buy)
    except RefusedError as refused:
        if refused.refusal is Refusal.NOT_MODIFIED:
            raise BybitError(110043, "leverage not modified") from None
        raise
    return {}


def switch_mode(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/position/switch-mode: one position a symbol, or separate long and short ones."""
    kind = parameters.category().kind
    mode = parameters.integer("mode", default=-1, lowest=_ONE_WAY, highest=_HEDGE)
    symbol, coin = parameters.text("symbol"), parameters.text("coin")
    if mode not in (_ONE_WAY, _HEDGE) or not (symbol or coin):
        raise parameter_error("mode, and symbol or coin, are required")
    if symbol:
        symbols = [_instrument(exchange, parameters).key]
    else:
        symbols = [
            market.instrument.key
            for market in exchange.markets.values()
            if market.instrument.kind is kind and market.instrument.settle == coin
        ]
    if kind is Kind.SPOT:
        raise parameter_error("category invalid")
    try:
        account.set_hedge_mode(symbols, is_hedged=mode == _HEDGE)
    except RefusedError as refused:
        if refused.refusal is Refusal.NOT_MODIFIED:
            raise BybitError(110025, "Position mode is not modified") from None
        raise
    return {}


def disconnected_cancel_all(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """POST /v5/order/disconnected-cancel-all: sets the window; enabling it is the owner's."""
    del exchange
    window_s = parameters.integer("timeWindow", default=-1, lowest=3, highest=300)
    if window_s < 0:
        raise parameter_error("timeWindow is required")
    account.protect_from_disconnect(is_protected=account.is_disconnect_protected, window_s=window_s)
    return {}
