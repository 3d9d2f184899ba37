"""Rows of Bybit's lists: orders, executions, positions.

Numbers are strings, missing ones empty strings.
"""

from collections.abc import Mapping
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.decimals import ZERO, fixed, plain, plain_coins
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Ending, Execution, Fill, Order, OrderType, Origin
from hedged.sim.positions import Position

_ENDINGS: Mapping[Ending, tuple[str, str]] = {
    Ending.NONE: ("UNKNOWN", "EC_NoError"),
    Ending.BY_USER: ("CancelByUser", "EC_PerCancelRequest"),
    Ending.WOULD_TAKE: ("UNKNOWN", "EC_PostOnlyWillTakeLiquidity"),
    Ending.NO_LIQUIDITY: ("UNKNOWN", "EC_NoImmediateQtyToFill"),
    Ending.NOT_IN_FULL: ("UNKNOWN", "EC_CancelForNoFullFill"),
    Ending.REDUCE_ONLY: ("CancelByReduceOnly", "EC_Others"),
    Ending.SELF_TRADE: ("CancelBySmp", "EC_CancelForSelfTrade"),
    Ending.LIQUIDATION: ("CancelAllBeforeLiq", "EC_Others"),
    Ending.DELEVERAGING: ("CancelAllBeforeAdl", "EC_Others"),
    Ending.DISCONNECTED: ("CancelByDCP", "EC_Others"),
    Ending.DELISTED: ("CancelByDelivery", "EC_Others"),
}


_CREATED_BY: Mapping[Execution, Origin] = {
    Execution.TRADE: Origin.USER,
    Execution.LIQUIDATION: Origin.LIQUIDATION,
    Execution.DELEVERAGING: Origin.DELEVERAGING,
    Execution.DELIVERY: Origin.DELIVERY,
}


def price_text(instrument: Instrument, price: Decimal) -> str:
    """Print a price with the instrument's decimals."""
    return fixed(price, instrument.price_scale)


def quantity_text(instrument: Instrument, quantity: Decimal) -> str:
    """Print a quantity with the decimals of its lot."""
    return fixed(quantity, instrument.lot_scale)


def order_row(order: Order) -> dict[str, object]:
    """Return an order as the order lists show it; only contracts carry `tpslMode`."""
    instrument, request = order.instrument, order.request
    cancel_type, reason = _ENDINGS[order.ending]
    is_spot_market = instrument.is_spot and request.order_type is OrderType.MARKET
    row: dict[str, object] = {
        "orderId": order.order_id,
        "orderLinkId": order.link_id,
        "blockTradeId": "",
        "symbol": order.symbol,
        "price": "0" if is_spot_market else price_text(instrument, order.price),
        "qty": plain(request.quantity)
        if request.in_quote
        else quantity_text(instrument, order.quantity),
        "side": order.side,
        "isLeverage": "0" if instrument.is_spot else "",
        "positionIdx": request.position_index,
        "orderStatus": order.status,
        "createType": order.origin,
        "cancelType": cancel_type,
        "rejectReason": reason,
        "avgPrice": plain_coins(order.average_price) if order.filled else "",
        "leavesQty": quantity_text(instrument, order.leaves),
        "leavesValue": plain_coins(instrument.value(order.leaves, order.price)),
        "cumExecQty": quantity_text(instrument, order.filled),
        "cumExecValue": plain(order.filled_value),
        "cumExecFee": plain(sum(order.fees.values(), ZERO)),
        "timeInForce": "IOC" if request.order_type is OrderType.MARKET else request.time_in_force,
        "orderType": request.order_type,
        "stopOrderType": "",
        "orderIv": "",
        "triggerPrice": "",
        "takeProfit": "",
        "stopLoss": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": 0,
        "triggerBy": "",
        "lastPriceOnCreated": price_text(instrument, order.mark_on_creation),
        "reduceOnly": request.reduce_only,
        "closeOnTrigger": False,
        "smpType": request.self_trade,
        "smpGroup": 0,
        "smpOrderId": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "placeType": "",
        "slippageToleranceType": "UNKNOWN",
        "slippageTolerance": "",
        "createdTime": str(order.created_ms),
        "updatedTime": str(order.updated_ms),
        "extraFees": "",
        "cumFeeDetail": {coin: plain(fee) for coin, fee in order.fees.items()},
    }
    if not instrument.is_spot:
        row["tpslMode"] = ""
    elif is_spot_market:
        row["marketUnit"] = "quoteCoin" if request.in_quote else "baseCoin"
    return row


def execution_row(_exchange: Exchange, fill: Fill) -> dict[str, object]:
    """Return a fill as the execution list shows it."""
    instrument = fill.instrument
    return {
        "symbol": fill.symbol,
        "orderType": fill.order_type,
        "underlyingPrice": "",
        "orderLinkId": fill.link_id,
        "side": fill.side,
        "indexPrice": price_text(instrument, fill.index),
        "orderId": fill.order_id,
        "stopOrderType": "UNKNOWN",
        "leavesQty": quantity_text(instrument, fill.leaves),
        "execTime": str(fill.at_ms),
        "feeCurrency": fill.fee_coin,
        "createType": _CREATED_BY.get(fill.kind, ""),
        "isMaker": fill.is_maker,
        "execFee": plain(fill.fee),
        "feeRate": plain(fill.fee_rate),
        "execId": fill.fill_id,
        "tradeIv": "",
        "blockTradeId": "",
        "markPrice": price_text(instrument, fill.mark),
        "execPrice": price_text(instrument, fill.price),
        "markIv": "",
        "orderQty": quantity_text(instrument, fill.order_quantity),
        "orderPrice": price_text(instrument, fill.order_price),
        "execValue": plain(fill.value),
        "execType": fill.kind,
        "execQty": quantity_text(instrument, fill.quantity),
        "closedSize": quantity_text(instrument, fill.closed),
        "extraFees": "",
        "seq": fill.sequence,
    }


def position_row(
    exchange: Exchange, account: Account, instrument: Instrument, index: int
) -> dict[str, object]:
    """Return a leg as the position list shows it; a flat one has empty figures, not zeros."""
    market = exchange.markets[instrument.key]
    held = account.positions.get((instrument.key, index))
    position = held or Position(instrument, index, 0, 0, sequence=-1)
    is_open = bool(position.quantity)
    value = instrument.value(position.quantity, position.entry_price) if is_open else ZERO
    margin = exchange.margin.leg_margin(account, position)
    liquidation = exchange.margin.liquidation_price(account, position) if is_open else None
    tier = instrument.tier(value)
    session = position.session_price
    side = ("Buy" if position.quantity > 0 else "Sell") if is_open else ""
    return {
        "positionIdx": index,
        "riskId": tier.risk_id,
        "riskLimitValue": plain(tier.limit),
        "symbol": instrument.symbol,
        "side": side,
        "size": quantity_text(instrument, abs(position.quantity)),
        "avgPrice": plain_coins(position.entry_price),
        "positionValue": plain_coins(value) if is_open else "",
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2 if is_open else 0,
        "leverage": plain(account.leverage(instrument.key)),
        "positionBalance": "0",
        "markPrice": price_text(instrument, market.mark),
        "liqPrice": price_text(instrument, liquidation) if liquidation is not None else "",
        "bustPrice": "",
        "positionMM": plain_coins(margin.position_maintenance),
        "positionMMByMp": plain_coins(margin.position_maintenance),
        "positionIM": plain_coins(margin.position_initial),
        "positionIMByMp": plain_coins(margin.position_initial),
        "tpslMode": "Full",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "unrealisedPnl": plain_coins(position.unrealised(market.mark)) if is_open else "",
        "curRealisedPnl": plain_coins(position.realised),
        "cumRealisedPnl": plain_coins(position.realised_ever),
        "seq": position.sequence,
        "isReduceOnly": False,
        "mmrSysUpdatedTime": "",
        "leverageSysUpdatedTime": "",
        "sessionAvgPrice": plain_coins(session) if session else "",
        "createdTime": str(position.created_ms),
        "updatedTime": str(position.updated_ms),
    }
