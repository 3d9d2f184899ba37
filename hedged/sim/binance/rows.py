"""How Binance writes figures, and the names that its orders bear.

Amounts are texts, ids and times are numbers. Quantities of COIN-M are contracts.
"""

from collections.abc import Mapping
from decimal import Decimal

from hedged.sim.decimals import fixed, plain, quotient
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Ending, Fill, Order, OrderType, Origin, Side, Status, TimeInForce

Row = dict[str, object]

COIN_PLACES = 8
_FORCED: Mapping[Origin, str] = {
    Origin.LIQUIDATION: "autoclose-{}",
    Origin.TAKEOVER: "autoclose-{}",
    Origin.DELEVERAGING: "adl_autoclose",
    Origin.DELIVERY: "delivery_autoclose-{}",
}
_BY_HAND = "web_"  # how an order's name begins that its owner made on the venue's own page
_STATUSES: Mapping[Status, str] = {
    Status.NEW: "NEW",
    Status.PARTIALLY_FILLED: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
}
_CANCELLED = (Ending.BY_USER, Ending.DISCONNECTED)
_LIVES: Mapping[TimeInForce, str] = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "GTX",
}


def coins_text(amount: Decimal) -> str:
    """Print an amount of coins."""
    return fixed(amount, COIN_PLACES)


def price_text(instrument: Instrument, price: Decimal) -> str:
    """Print a price: contracts' without trailing zeros, spot's with all of them."""
    if instrument.is_spot:
        return coins_text(price)
    return fixed(price, instrument.price_scale)


def contracts(instrument: Instrument, quantity: Decimal) -> Decimal:
    """Return a quantity of USD in contracts."""
    return quotient(quantity, instrument.contract_size)


def quantity_text(instrument: Instrument, quantity: Decimal) -> str:
    """Print a quantity: contracts, or coins of spot."""
    if instrument.is_spot:
        return coins_text(quantity)
    return plain(contracts(instrument, quantity))


def side_text(side: Side) -> str:
    """Print a side."""
    return side.upper()


def pair(instrument: Instrument) -> str:
    """Return what a contract's price is called, without its end."""
    return f"{instrument.base}{instrument.quote}"


def client_id(order: Order) -> str:
    """Return the name of an order: its client's, or one that the venue gives."""
    given = _FORCED.get(order.origin)
    if given is not None:
        return given.format(order.order_id)
    return order.link_id or f"{_BY_HAND}{order.order_id}"


def order_id_in(name: str) -> str:
    """Return the id in a name that the venue gave, empty when it gave none such."""
    return name.removeprefix(_BY_HAND) if name.startswith(_BY_HAND) else ""


def status_text(order: Order) -> str:
    """Print an order's state: what its client cancels is cancelled, everything else expires."""
    found = _STATUSES.get(order.status)
    if found is not None:
        return found
    return "CANCELED" if order.ending in _CANCELLED else "EXPIRED"


def _type_text(order: Order) -> str:
    is_maker = order.request.time_in_force is TimeInForce.POST_ONLY
    if order.instrument.is_spot and is_maker:
        return "LIMIT_MAKER"
    return order.request.order_type.upper()


def _limit_text(order: Order) -> str:
    """Print the price that an order names, which one at market does not."""
    if order.request.order_type is OrderType.MARKET:
        return coins_text(Decimal(0)) if order.instrument.is_spot else "0"
    return price_text(order.instrument, order.price)


def _life_text(order: Order) -> str:
    if order.request.order_type is OrderType.MARKET or order.instrument.is_spot:
        lives = order.request.time_in_force
        return "GTC" if lives is TimeInForce.POST_ONLY or _is_market(order) else _LIVES[lives]
    return _LIVES[order.request.time_in_force]


def _is_market(order: Order) -> bool:
    return order.request.order_type is OrderType.MARKET


def position_side(index: int) -> str:
    """Return which leg of hedge mode is meant."""
    return ("BOTH", "LONG", "SHORT")[index]


def coin_m_order(order: Order) -> Row:
    """Return an order of COIN-M, with what all lists and answers show of one."""
    instrument = order.instrument
    average = order.average_price
    return {
        "orderId": int(order.order_id),
        "symbol": order.symbol,
        "status": status_text(order),
        "clientOrderId": client_id(order),
        "price": _limit_text(order),
        "avgPrice": plain(Decimal(coins_text(average))) if average else "0.0",
        "origQty": quantity_text(instrument, order.quantity),
        "executedQty": quantity_text(instrument, order.filled),
        "cumBase": coins_text(order.filled_value) if order.filled else "0",
        "timeInForce": _life_text(order),
        "type": _type_text(order),
        "reduceOnly": order.request.reduce_only or order.origin is not Origin.USER,
        "closePosition": False,
        "side": side_text(order.side),
        "positionSide": position_side(order.request.position_index),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": _type_text(order),
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "updateTime": order.updated_ms,
    }


def coin_m_listed(order: Order) -> Row:
    """Return an order of COIN-M as lists and look-ups show it: since when it is there, too."""
    return coin_m_order(order) | {"time": order.created_ms}


def coin_m_done(order: Order) -> Row:
    """Return an order of COIN-M as what was done to it is answered."""
    done = {"pair": pair(order.instrument), "cumQty": quantity_text(order.instrument, order.filled)}
    return coin_m_order(order) | done


def coin_m_trade(order: Order | None, fill: Fill) -> Row:
    """Return a fill of COIN-M; whose it was stands in its order alone."""
    instrument = fill.instrument
    index = order.request.position_index if order else 0
    return {
        "symbol": fill.symbol,
        "id": fill.sequence,
        "orderId": int(fill.order_id),
        "pair": pair(instrument),
        "side": side_text(fill.side),
        "price": plain(fill.price),
        "qty": quantity_text(instrument, fill.quantity),
        "realizedPnl": plain(fill.profit),
        "marginAsset": instrument.settle,
        "baseQty": coins_text(fill.value),
        "commission": plain(fill.fee),
        "commissionAsset": fill.fee_coin,
        "time": fill.at_ms,
        "positionSide": position_side(index),
        "buyer": fill.side is Side.BUY,
        "maker": fill.is_maker,
    }


def spot_done(order: Order) -> Row:
    """Return an order of spot, with what all lists and answers show of one."""
    return {
        "symbol": order.symbol,
        "orderId": int(order.order_id),
        "orderListId": -1,
        "clientOrderId": client_id(order),
        "price": _limit_text(order),
        "origQty": coins_text(order.quantity),
        "executedQty": coins_text(order.filled),
        "cummulativeQuoteQty": coins_text(order.filled_value),
        "status": status_text(order),
        "timeInForce": _life_text(order),
        "type": _type_text(order),
        "side": side_text(order.side),
        "selfTradePreventionMode": "NONE",
    }


def spot_listed(order: Order) -> Row:
    """Return an order of spot as lists and look-ups show it."""
    in_quote = order.request.quantity if order.request.in_quote else Decimal(0)
    return spot_done(order) | {
        "stopPrice": coins_text(Decimal(0)),
        "icebergQty": coins_text(Decimal(0)),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.created_ms,
        "origQuoteOrderQty": coins_text(in_quote),
    }


def spot_trade(fill: Fill) -> Row:
    """Return a fill of spot."""
    return {
        "symbol": fill.symbol,
        "id": fill.sequence,
        "orderId": int(fill.order_id),
        "orderListId": -1,
        "price": coins_text(fill.price),
        "qty": coins_text(fill.quantity),
        "quoteQty": coins_text(fill.value),
        "commission": coins_text(fill.fee),
        "commissionAsset": fill.fee_coin,
        "time": fill.at_ms,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }
