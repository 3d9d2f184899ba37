"""Public market data: /v5/market."""

from collections.abc import Iterator
from decimal import Decimal

from hedged.sim.bybit.errors import parameter_error
from hedged.sim.bybit.parameters import Category, Parameters
from hedged.sim.bybit.rows import price_text, quantity_text
from hedged.sim.decimals import ONE, fixed, floored, plain, plain_coins, quotient
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument
from hedged.sim.market import HOUR_MS, Market, Phase
from hedged.sim.orders import Side

# Contracts of others: the exchange's open interest is never ours alone.
_OPEN_INTEREST_OF_OTHERS = Decimal(250_000_000)
_FUNDING_CAP = "0.005"
_HUNDRED = Decimal(100)


def _listed(exchange: Exchange, parameters: Parameters) -> Iterator[Market]:
    """Yield the markets of the category that trade, or the one that the symbol names."""
    kind = parameters.category().kind
    symbol = parameters.text("symbol")
    if symbol and kind is not None:
        yield exchange.market(symbol, kind)
        return
    base = parameters.text("baseCoin")
    for market in exchange.markets.values():
        instrument = market.instrument
        is_wanted = instrument.kind is kind and base in ("", instrument.base)
        if is_wanted and market.phase is not Phase.CLOSED:
            yield market


def server_time(now_ms: int) -> dict[str, object]:
    """GET /v5/market/time."""
    return {"timeSecond": str(now_ms // 1000), "timeNano": str(now_ms * 1_000_000)}


def system_status(exchange: Exchange, _parameters: Parameters) -> dict[str, object]:
    """GET /v5/system/status: maintenance ahead, under way and over."""
    rows = []
    for number, notice in enumerate(exchange.notices):
        state = "scheduled" if exchange.now_ms < notice.begins_ms else "ongoing"
        rows.append(
            {
                "id": f"f9d6842d-5331-11f0-8fd3-{number:012x}",
                "title": notice.title,
                "state": "completed" if exchange.now_ms >= notice.ends_ms else state,
                "begin": str(notice.begins_ms),
                "end": str(notice.ends_ms),
                "href": "",
                "serviceTypes": [1, 2, 3, 4, 5],
                "product": [1, 2, 3, 4],
                "uidSuffix": [],
                "maintainType": 1,
                "env": 1,
            }
        )
    return {"list": rows}


def instruments(exchange: Exchange, parameters: Parameters) -> dict[str, object]:
    """GET /v5/market/instruments-info."""
    category = parameters.category()
    parameters.integer("limit", default=500, lowest=1, highest=1000)
    is_trading = parameters.text("status") in ("", "Trading")
    listed = (
        list(_listed(exchange, parameters)) if is_trading and not parameters.text("cursor") else []
    )
    result: dict[str, object] = {
        "category": category,
        "list": [
            _spot_instrument(market.instrument)
            if market.instrument.is_spot
            else _contract_instrument(market)
            for market in listed
        ],
    }
    if category is not Category.SPOT:
        result["nextPageCursor"] = ""
    return result


def _spot_instrument(instrument: Instrument) -> dict[str, object]:
    return {
        "symbol": instrument.symbol,
        "baseCoin": instrument.base,
        "quoteCoin": instrument.quote,
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": plain(instrument.lot),
            "quotePrecision": "0.00000001",
            "minOrderQty": plain(instrument.min_quantity),
            "maxOrderQty": plain(instrument.max_quantity),
            "minOrderAmt": plain(instrument.min_value),
            "maxOrderAmt": plain(instrument.max_value),
            "maxLimitOrderQty": plain(instrument.max_quantity),
            "maxMarketOrderQty": plain(instrument.max_market_quantity),
            "postOnlyMaxLimitOrderSize": plain(instrument.max_quantity),
        },
        "priceFilter": {"tickSize": plain(instrument.tick)},
        "riskParameters": _risk_parameters(instrument),
        "symbolType": "",
    }


def _risk_parameters(instrument: Instrument) -> dict[str, object]:
    ratio = instrument.price_limit_ratio
    return {"priceLimitRatioX": plain(ratio), "priceLimitRatioY": plain(ratio * 2)}


def _contract_instrument(market: Market) -> dict[str, object]:
    instrument = market.instrument
    scale = instrument.price_scale
    kind = "Inverse" if instrument.is_inverse else "Linear"
    return {
        "symbol": instrument.symbol,
        "contractType": kind + ("Perpetual" if instrument.is_perpetual else "Futures"),
        "status": market.phase,
        "baseCoin": instrument.base,
        "quoteCoin": instrument.quote,
        "launchTime": str(instrument.launched_ms),
        "deliveryTime": str(instrument.delivery_ms),
        "deliveryFeeRate": plain(instrument.delivery_rate) if instrument.delivery_rate else "",
        "priceScale": str(scale),
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": fixed(instrument.tiers[0].max_leverage, 2),
            "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": fixed(instrument.tick, scale),
            "maxPrice": fixed(instrument.max_price, scale),
            "tickSize": fixed(instrument.tick, scale),
        },
        "lotSizeFilter": {
            "maxOrderQty": plain(instrument.max_quantity),
            "minOrderQty": plain(instrument.min_quantity),
            "qtyStep": plain(instrument.lot),
            "postOnlyMaxOrderQty": plain(instrument.max_quantity),
            "maxMktOrderQty": plain(instrument.max_market_quantity),
            "minNotionalValue": plain(instrument.min_value),
        },
        "unifiedMarginTrade": True,
        "fundingInterval": instrument.funding_interval_ms // 60_000,
        "settleCoin": instrument.settle,
        "copyTrading": "none",
        "upperFundingRate": _FUNDING_CAP,
        "lowerFundingRate": f"-{_FUNDING_CAP}",
        "isPreListing": False,
        "preListingInfo": None,
        "riskParameters": _risk_parameters(instrument),
        "displayName": "",
        "symbolType": "",
    }


def tickers(exchange: Exchange, parameters: Parameters) -> dict[str, object]:
    """GET /v5/market/tickers."""
    category = parameters.category()
    rows = [
        _spot_ticker(exchange, market)
        if market.instrument.is_spot
        else _contract_ticker(exchange, market)
        for market in _listed(exchange, parameters)
    ]
    return {"category": category, "list": rows}


def _common_ticker(market: Market) -> dict[str, object]:
    """Return what tickers of all categories have; an empty side of the book has no price."""
    instrument, day = market.instrument, market.day
    row: dict[str, object] = {
        "symbol": instrument.symbol,
        "lastPrice": price_text(instrument, market.last),
        "prevPrice24h": price_text(instrument, day.day_ago),
        "price24hPcnt": fixed(quotient(market.last - day.day_ago, day.day_ago), 6),
        "highPrice24h": price_text(instrument, day.high),
        "lowPrice24h": price_text(instrument, day.low),
        "turnover24h": plain_coins(market.traded_value),
        "volume24h": plain(market.traded_quantity),
    }
    for side, name in ((Side.BUY, "bid1"), (Side.SELL, "ask1")):
        best = market.book.best(side)
        row[f"{name}Price"] = price_text(instrument, best[0]) if best else ""
        row[f"{name}Size"] = quantity_text(instrument, best[1]) if best else ""
    return row


def _spot_ticker(exchange: Exchange, market: Market) -> dict[str, object]:
    index = exchange.prices[market.instrument.base]
    return _common_ticker(market) | {"usdIndexPrice": fixed(index, 6)}


def _contract_ticker(exchange: Exchange, market: Market) -> dict[str, object]:
    instrument, index = market.instrument, exchange.board.index(market.instrument)
    ours = sum(
        abs(position.quantity)
        for account in exchange.accounts.values()
        for position in account.positions.values()
        if position.instrument.key == instrument.key
    )
    others = quotient(_OPEN_INTEREST_OF_OTHERS, ONE if instrument.is_inverse else market.mark)
    interest = floored(others, instrument.lot) + ours
    is_perpetual = instrument.is_perpetual
    return _common_ticker(market) | {
        "indexPrice": price_text(instrument, index),
        "markPrice": price_text(instrument, market.mark),
        "prevPrice1h": price_text(instrument, market.day.hour_ago),
        "openInterest": plain(interest),
        "openInterestValue": fixed(instrument.value(interest, market.mark), 2),
        "fundingRate": plain(market.funding_rate) if is_perpetual else "",
        "nextFundingTime": str(market.next_funding_ms),
        "predictedDeliveryPrice": "",
        "basisRate": "" if is_perpetual else fixed(quotient(market.mark - index, index), 8),
        "deliveryFeeRate": plain(instrument.delivery_rate) if instrument.delivery_rate else "",
        "deliveryTime": str(instrument.delivery_ms),
        "basis": "" if is_perpetual else price_text(instrument, market.mark - index),
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
        "fundingIntervalHour": str(instrument.funding_interval_ms // HOUR_MS)
        if is_perpetual
        else "",
        "basisRateYear": "",
        "fundingCap": _FUNDING_CAP if is_perpetual else "",
    }


def orderbook(exchange: Exchange, parameters: Parameters) -> dict[str, object]:
    """GET /v5/market/orderbook."""
    is_spot = parameters.category() is Category.SPOT
    parameters.required("symbol")
    market = next(_listed(exchange, parameters), None)
    if market is None:
        raise parameter_error("symbol invalid")
    limit = parameters.integer(
        "limit", default=1 if is_spot else 25, lowest=1, highest=200 if is_spot else 500
    )
    instrument, book = market.instrument, market.book

    def side(which: Side) -> list[list[str]]:
        return [
            [price_text(instrument, price), quantity_text(instrument, quantity)]
            for price, quantity in book.levels(which, limit)
        ]

    return {
        "s": instrument.symbol,
        "b": side(Side.BUY),
        "a": side(Side.SELL),
        "ts": exchange.now_ms,
        "u": book.updates,
        "seq": book.updates,
        "cts": exchange.now_ms,
    }


def funding_history(exchange: Exchange, parameters: Parameters) -> dict[str, object]:
    """GET /v5/market/funding/history, newest first."""
    category = parameters.category()
    symbol = parameters.required("symbol")
    if category is Category.SPOT or category.kind is None:
        raise parameter_error("category invalid")
    market = exchange.market(symbol, category.kind)
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    limit = parameters.integer("limit", default=200, lowest=1, highest=200)
    rows = [
        {
            "symbol": symbol,
            "fundingRate": plain(stamp.rate),
            "fundingRateTimestamp": str(stamp.at_ms),
        }
        for stamp in reversed(market.funding_stamps)
        if (start_ms is None or stamp.at_ms >= start_ms)
        and (end_ms is None or stamp.at_ms <= end_ms)
    ]
    return {"category": category, "list": rows[:limit]}


def risk_limit(exchange: Exchange, parameters: Parameters) -> dict[str, object]:
    """GET /v5/market/risk-limit; rates are percentages."""
    category = parameters.category()
    rows = [
        {
            "id": tier.risk_id,
            "symbol": market.instrument.symbol,
            "riskLimitValue": plain(tier.limit),
            "maintenanceMargin": plain(tier.maintenance_rate * _HUNDRED),
            "initialMargin": plain(tier.initial_rate * _HUNDRED),
            "isLowestRisk": int(tier is market.instrument.tiers[0]),
            "maxLeverage": fixed(tier.max_leverage, 2),
        }
        for market in ([] if parameters.text("cursor") else _listed(exchange, parameters))
        for tier in market.instrument.tiers
    ]
    return {"category": category, "list": rows}
