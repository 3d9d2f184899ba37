"""What Binance tells of its markets: symbols with their filters, and margin brackets."""

from collections.abc import Iterator
from decimal import Decimal

from hedged.sim.binance.market import listed
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import Row, coins_text, pair, quantity_text
from hedged.sim.decimals import ZERO, fixed, plain
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument, Kind, Tier
from hedged.sim.market import Market, Phase

MOST_ORDERS = 200  # open in one market
_NEVER_MS = 4_133_404_800_000  # when a perpetual contract ends
_PHASES = {Phase.TRADING: "TRADING", Phase.DELIVERING: "DELIVERING", Phase.CLOSED: "CLOSE"}
_LIVES = ["GTC", "IOC", "FOK", "GTX"]
_WEIGHT: Row = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
_ORDERS: Row = {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1}


def coin_m_listing(exchange: Exchange, _parameters: Parameters) -> Row:
    """GET /dapi/v1/exchangeInfo."""
    ends = sorted(
        market.instrument.delivery_ms
        for market in exchange.markets.values()
        if market.instrument.delivery_ms and market.phase is Phase.TRADING
    )
    return {
        "timezone": "UTC",
        "serverTime": exchange.now_ms,
        "rateLimits": [_WEIGHT | {"limit": 2400}, _ORDERS | {"limit": 1200}],
        "exchangeFilters": [],
        "symbols": [
            _coin_m_symbol(market, ends)
            for market in exchange.markets.values()
            if market.instrument.is_inverse and market.phase is not Phase.CLOSED
        ],
    }


def _coin_m_symbol(market: Market, ends: list[int]) -> Row:
    instrument = market.instrument
    kind = "PERPETUAL"
    if not instrument.is_perpetual:
        is_next = instrument.delivery_ms in ends[:1]
        kind = "CURRENT_QUARTER" if is_next else "NEXT_QUARTER"
    return {
        "symbol": instrument.symbol,
        "pair": pair(instrument),
        "contractType": kind,
        "deliveryDate": instrument.delivery_ms or _NEVER_MS,
        "onboardDate": instrument.launched_ms,
        "contractStatus": _PHASES[market.phase],
        "contractSize": int(instrument.contract_size),
        "marginAsset": instrument.settle,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "pricePrecision": instrument.price_scale,
        "quantityPrecision": 0,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "equalQtyPrecision": 4,
        "maxMoveOrderLimit": 10000,
        "triggerProtect": "0.0500",
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "filters": _coin_m_filters(instrument),
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": _LIVES,
        "liquidationFee": "0.002000",
        "marketTakeBound": "0.30",
    }


def _coin_m_filters(instrument: Instrument) -> list[Row]:
    step, least, most, most_at_market = (
        quantity_text(instrument, quantity)
        for quantity in (
            instrument.lot,
            instrument.min_quantity,
            instrument.max_quantity,
            instrument.max_market_quantity,
        )
    )
    ratio = instrument.price_limit_ratio
    return [
        {
            "minPrice": plain(instrument.tick),
            "maxPrice": plain(instrument.max_price),
            "filterType": "PRICE_FILTER",
            "tickSize": plain(instrument.tick),
        },
        {"stepSize": step, "filterType": "LOT_SIZE", "maxQty": most, "minQty": least},
        {
            "stepSize": step,
            "filterType": "MARKET_LOT_SIZE",
            "maxQty": most_at_market,
            "minQty": least,
        },
        {"limit": MOST_ORDERS, "filterType": "MAX_NUM_ORDERS"},
        {
            "multiplierDown": fixed(1 - ratio, 4),
            "multiplierUp": fixed(1 + ratio, 4),
            "multiplierDecimal": "4",
            "filterType": "PERCENT_PRICE",
        },
    ]


def spot_listing(exchange: Exchange, parameters: Parameters) -> Row:
    """GET /api/v3/exchangeInfo."""
    return {
        "timezone": "UTC",
        "serverTime": exchange.now_ms,
        "rateLimits": [_WEIGHT | {"limit": 6000}],
        "exchangeFilters": [],
        "symbols": [_spot_symbol(market) for market in listed(exchange, parameters, Kind.SPOT)],
    }


def _spot_symbol(market: Market) -> Row:
    instrument = market.instrument
    return {
        "symbol": instrument.symbol,
        "status": "TRADING" if market.phase is Phase.TRADING else "BREAK",
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": False,
        "ocoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": coins_text(instrument.tick),
                "maxPrice": coins_text(instrument.max_price),
                "tickSize": coins_text(instrument.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": coins_text(instrument.min_quantity),
                "maxQty": coins_text(instrument.max_quantity),
                "stepSize": coins_text(instrument.lot),
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": coins_text(instrument.min_value),
                "applyMinToMarket": True,
                "maxNotional": coins_text(instrument.max_value),
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MOST_ORDERS},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def brackets(exchange: Exchange, parameters: Parameters) -> list[Row]:
    """GET /dapi/v2/leverageBracket; these figures are numbers, not texts."""
    return [
        {
            "symbol": market.instrument.symbol,
            "notionalCoef": 1.0,
            "brackets": [
                {
                    "bracket": tier.risk_id,
                    "initialLeverage": int(tier.max_leverage),
                    "qtyCap": int(tier.limit),
                    "qtylFloor": int(floor),
                    "maintMarginRatio": float(tier.maintenance_rate),
                    "cum": float(tier.deduction),
                }
                for floor, tier in _with_floors(market.instrument)
            ],
        }
        for market in listed(exchange, parameters, Kind.INVERSE)
    ]


def _with_floors(instrument: Instrument) -> Iterator[tuple[Decimal, Tier]]:
    floor = ZERO
    for tier in instrument.tiers:
        yield floor, tier
        floor = tier.limit
