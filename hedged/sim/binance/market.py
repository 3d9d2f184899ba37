"""Public market data, of COIN-M and of spot: listings, prices, books, funding."""

from collections.abc import Callable, Iterator

from hedged.sim.binance.errors import BinanceError
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import Row, coins_text, pair, price_text, quantity_text
from hedged.sim.decimals import ZERO, fixed, quotient
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Kind
from hedged.sim.market import HOUR_MS, Market, Phase
from hedged.sim.orders import Refusal, RefusedError, Side

MOST_ORDERS = 200  # open in one market
_NEVER_MS = 4_133_404_800_000  # when a perpetual contract ends
_PHASES = {Phase.TRADING: "TRADING", Phase.DELIVERING: "DELIVERING", Phase.CLOSED: "CLOSE"}
_DAY_MS = 24 * HOUR_MS
_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
_LIVES = ["GTC", "IOC", "FOK", "GTX"]
_WEIGHT: Row = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
_ORDERS: Row = {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1}


def market_of(exchange: Exchange, symbol: str, kind: Kind) -> Market:
    """Return the market of a symbol among those of a kind."""
    market = exchange.markets.get(symbol)
    if market is None or market.instrument.kind is not kind:
        raise RefusedError(Refusal.UNKNOWN_SYMBOL, symbol)
    return market


def listed(exchange: Exchange, parameters: Parameters, kind: Kind) -> Iterator[Market]:
    """Yield the markets of a kind, or the one that the symbol names, or those of the pair."""
    symbol, of_pair = parameters.text("symbol"), parameters.text("pair")
    if symbol:
        yield market_of(exchange, symbol, kind)
        return
    for market in exchange.markets.values():
        instrument = market.instrument
        is_wanted = instrument.kind is kind and of_pair in ("", pair(instrument))
        if is_wanted and market.phase is not Phase.CLOSED:
            yield market


def premium_index(exchange: Exchange, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/premiumIndex: a list, also of one market."""
    return [_premium(exchange, market) for market in listed(exchange, parameters, Kind.INVERSE)]


def _premium(exchange: Exchange, market: Market) -> Row:
    instrument = market.instrument
    index = exchange.board.index(instrument)
    is_perpetual = instrument.is_perpetual
    return {
        "symbol": instrument.symbol,
        "pair": pair(instrument),
        "markPrice": coins_text(market.mark),
        "indexPrice": coins_text(index),
        "estimatedSettlePrice": coins_text(index),
        "lastFundingRate": coins_text(market.funding_rate) if is_perpetual else "",
        "interestRate": "0.00010000" if is_perpetual else "",
        "nextFundingTime": market.next_funding_ms if is_perpetual else 0,
        "time": exchange.now_ms,
    }


def _best(market: Market) -> Row:
    """Return the best prices; an empty side of the book has none."""
    instrument, row = market.instrument, Row()
    for side, name in ((Side.BUY, "bid"), (Side.SELL, "ask")):
        price, quantity = market.book.best(side) or (ZERO, ZERO)
        row[f"{name}Price"] = price_text(instrument, price) if price else "0"
        row[f"{name}Qty"] = quantity_text(instrument, quantity)
    return row


def coin_m_best(exchange: Exchange, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/ticker/bookTicker: a list, also of one market."""
    return [
        {
            "lastUpdateId": market.book.updates,
            "symbol": market.instrument.symbol,
            "pair": pair(market.instrument),
            **_best(market),
            "time": exchange.now_ms,
        }
        for market in listed(exchange, parameters, Kind.INVERSE)
    ]


def coin_m_last(exchange: Exchange, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/ticker/price: a list, also of one market."""
    return [
        {
            "symbol": market.instrument.symbol,
            "ps": pair(market.instrument),
            "price": price_text(market.instrument, market.last),
            "time": exchange.now_ms,
        }
        for market in listed(exchange, parameters, Kind.INVERSE)
    ]


def coin_m_day(exchange: Exchange, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/ticker/24hr: a list, also of one market."""
    return [
        _day(exchange, market)
        | {"pair": pair(market.instrument), "baseVolume": coins_text(market.traded_value)}
        for market in listed(exchange, parameters, Kind.INVERSE)
    ]


def _day(exchange: Exchange, market: Market) -> Row:
    instrument, day = market.instrument, market.day
    change = market.last - day.day_ago
    return {
        "symbol": instrument.symbol,
        "priceChange": price_text(instrument, change),
        "priceChangePercent": fixed(quotient(change * 100, day.day_ago), 3),
        "weightedAvgPrice": price_text(instrument, market.last),
        "lastPrice": price_text(instrument, market.last),
        "lastQty": quantity_text(instrument, instrument.lot),
        "openPrice": price_text(instrument, day.day_ago),
        "highPrice": price_text(instrument, day.high),
        "lowPrice": price_text(instrument, day.low),
        "volume": quantity_text(instrument, market.traded_quantity),
        "openTime": exchange.now_ms - _DAY_MS,
        "closeTime": exchange.now_ms,
        "firstId": -1,
        "lastId": -1,
        "count": 0,
    }


def spot_best(exchange: Exchange, parameters: Parameters) -> Row | list[Row]:
    """GET /api/v3/ticker/bookTicker: one object, or the list of all."""
    return _of_spot(exchange, parameters, _best)


def spot_last(exchange: Exchange, parameters: Parameters) -> Row | list[Row]:
    """GET /api/v3/ticker/price."""
    return _of_spot(
        exchange, parameters, lambda market: {"price": price_text(market.instrument, market.last)}
    )


def spot_day(exchange: Exchange, parameters: Parameters) -> Row | list[Row]:
    """GET /api/v3/ticker/24hr."""

    def day(market: Market) -> Row:
        before = {"prevClosePrice": price_text(market.instrument, market.day.day_ago)}
        volume = {"quoteVolume": coins_text(market.traded_value)}
        return _day(exchange, market) | _best(market) | before | volume

    return _of_spot(exchange, parameters, day)


def _of_spot(
    exchange: Exchange, parameters: Parameters, row: Callable[[Market], Row]
) -> Row | list[Row]:
    rows = [
        {"symbol": market.instrument.symbol} | row(market)
        for market in listed(exchange, parameters, Kind.SPOT)
    ]
    return rows[0] if parameters.text("symbol") else rows


def _book(market: Market, limit: int) -> Row:
    instrument, book = market.instrument, market.book

    def side(which: Side) -> list[list[str]]:
        return [
            [price_text(instrument, price), quantity_text(instrument, quantity)]
            for price, quantity in book.levels(which, limit)
        ]

    return {"lastUpdateId": book.updates, "bids": side(Side.BUY), "asks": side(Side.SELL)}


def coin_m_depth(exchange: Exchange, parameters: Parameters) -> Row:
    """GET /dapi/v1/depth."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    limit = parameters.integer("limit", default=500, lowest=1, highest=1000)
    if limit not in _DEPTHS:
        raise BinanceError(-4021, f"{limit} is not valid depth limit.")
    now_ms = exchange.now_ms
    instrument = market.instrument
    named = {"symbol": instrument.symbol, "pair": pair(instrument), "E": now_ms, "T": now_ms}
    return named | _book(market, limit)


def spot_depth(exchange: Exchange, parameters: Parameters) -> Row:
    """GET /api/v3/depth."""
    market = market_of(exchange, parameters.required("symbol"), Kind.SPOT)
    return _book(market, parameters.integer("limit", default=100, lowest=1, highest=5000))


def funding_rates(exchange: Exchange, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/fundingRate, oldest first."""
    market = market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    limit = parameters.integer("limit", default=100, lowest=1, highest=1000)
    stamps = [
        stamp
        for stamp in market.funding_stamps
        if (start_ms is None or stamp.at_ms >= start_ms)
        and (end_ms is None or stamp.at_ms <= end_ms)
    ]
    found = stamps[-limit:] if start_ms is None else stamps[:limit]
    return [
        {
            "symbol": market.instrument.symbol,
            "fundingTime": stamp.at_ms,
            "fundingRate": coins_text(stamp.rate),
        }
        for stamp in found
    ]


def funding_info(exchange: Exchange, _parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/fundingInfo."""
    return [
        {
            "symbol": market.instrument.symbol,
            "adjustedFundingRateCap": "0.02500000",
            "adjustedFundingRateFloor": "-0.02500000",
            "fundingIntervalHours": market.instrument.funding_interval_ms // HOUR_MS,
            "disclaimer": False,
        }
        for market in exchange.markets.values()
        if market.instrument.is_inverse and market.instrument.is_perpetual
    ]
