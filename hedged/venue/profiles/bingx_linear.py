"""BingX: USDT-M futures, an account with requests of its own, sized in coins."""

from dataclasses import replace
from typing import Final

from hedged.core.types import Kind
from hedged.venue.profiles import bingx_rows as rows
from hedged.venue.profiles.bingx import COIN_M, SHARED
from hedged.venue.profiles.profile import Contracts
from hedged.venue.profiles.reads import Completion, Log, Read, by_symbol, routes

_DATA: Final = ("data",)
_ORDER: Final = ("data", "order")
_LINEAR: Final = (
    "v2/quote/contracts v2/quote/premiumIndex v2/quote/ticker v2/quote/depth v3/user/balance "
    "v2/user/positions v2/user/commissionRate v2/user/income v2/trade/openOrders v2/trade/order "
    "v2/trade/allFillOrders v1/positionSide/dual v1/maintMarginRatio"
)

USDT_M: Final = replace(
    COIN_M,
    options={"defaultType": "swap", "defaultSubType": "linear"},
    listing=lambda client, params: client.fetch_swap_markets(params),
    routes=routes("GET", "/openApi/", SHARED) | routes("GET", "/openApi/swap/", _LINEAR),
    write_routes=frozenset(
        {("POST", "/openApi/swap/v2/trade/order"), ("DELETE", "/openApi/swap/v2/trade/order")}
    ),
    wallet=Read("swapV3PrivateGetUserBalance", _DATA),
    positions=(Read("swapV2PrivateGetUserPositions", _DATA, kind=Kind.LINEAR),),
    position_mode=Read("swapV1PrivateGetPositionSideDual", _DATA, one=True),
    is_one_way_mode=lambda row: row.text("dualSidePosition") == "false",
    contracts={Kind.LINEAR: Contracts()},
    tickers=(
        Read("swapV2PublicGetQuotePremiumIndex", _DATA, one=True),
        Read("swapV2PublicGetQuoteTicker", _DATA, one=True),
    ),
    depth=Read("swapV2PublicGetQuoteDepth", _DATA, {"limit": "50"}),
    book=rows.book_in_coins,
    fee_rates=Read(
        "swapV2PrivateGetUserCommissionRate", ("data", "commission"), one=True, market=by_symbol
    ),
    risk_limits=Read("swapV1PrivateGetMaintMarginRatio", _DATA),
    maintenance=lambda tiers: min(tier.positive("maintMarginRatio") for tier in tiers),
    order_lookups=(Read("swapV2PrivateGetTradeOrder", _ORDER, one=True),),
    open_orders=Read("swapV2PrivateGetTradeOpenOrders", ("data", "orders")),
    report=rows.ORDER.report,
    fills=Read(
        "swapV2PrivateGetTradeAllFillOrders",
        ("data", "fill_orders"),
        {"tradingUnit": "COIN"},
        market=by_symbol,
        span=("startTs", "endTs"),
    ),
    fill=rows.fill,
    completion=Completion(
        Read("swapV2PrivateGetTradeOrder", _ORDER, one=True), "orderId", rows.completed
    ),
    flows=(
        Log(
            Read("swapV2PrivateGetUserIncome", _DATA, {"limit": "1000"}, page=1000), rows.FLOW.flow
        ),
    ),
)
BINGX: Final = replace(COIN_M, linear=USDT_M)
