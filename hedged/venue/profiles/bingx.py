"""BingX: Coin-M futures; USDT-M, its other account of contracts, is in a module of its own."""

from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import bingx_rows as rows
from hedged.venue.profiles import codes
from hedged.venue.profiles.forms import fee_rates
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Read, Store, by_symbol, routes

_DATA: Final = ("data",)
_ORDER: Final = ("data", "order")
_ORDERS: Final = ("data", "orders")
SHARED: Final = "swap/v2/server/time account/v1/uid account/v1/apiKey/query spot/v1/account/balance"
_INVERSE: Final = (
    "market/contracts market/premiumIndex market/ticker market/depth user/balance user/positions "
    "user/commissionRate trade/openOrders trade/orderDetail trade/orderHistory"
)
_ADVICE: Final = (
    "close its positions and orders, then choose One-way Mode in the settings of its futures page "
    "on BingX (or call /openApi/swap/v1/positionSide/dual with false)"
)

COIN_M: Final = Profile(
    exchange="bingx",
    title="BingX",
    notes=(
        "Coin-M (inverse) and USDT-M (linear) are two accounts: hedges of one kind per venue.",
        "Coin-M was not recorded: it is read as documented. Its fills are told when orders end.",
        "USDT-M's fills have no number: two of one order alike in time, size and price are one.",
    ),
    environments={
        "mainnet": Reach(("open-api.bingx.com",)),
        "testnet": Reach(("open-api-vst.bingx.com",), switch="set_sandbox_mode"),
    },
    options={"defaultType": "swap", "defaultSubType": "inverse"},
    listing=rows.inverse_listing,
    rate_limit_ms=Decimal(50),
    limit_per_hour=18_000,  # 5 a second, of account data
    routes=routes("GET", "/openApi/", SHARED) | routes("GET", "/openApi/cswap/v1/", _INVERSE),
    write_routes=frozenset(
        {
            ("POST", "/openApi/cswap/v1/trade/order"),
            ("DELETE", "/openApi/cswap/v1/trade/cancelOrder"),
        }
    ),
    access=rows.access,
    wallet=Read("cswapV1PrivateGetUserBalance", _DATA),
    absent_is_zero=True,
    balances=rows.WALLET.balances,
    positions=(Read("cswapV1PrivateGetUserPositions", _DATA),),
    leg=rows.POSITION.leg,
    is_one_way=rows.is_one_way,
    one_way_advice=_ADVICE,
    coins_of=rows.coins_of,
    accounts={
        "spot": (
            Store(
                Read("spotV1PrivateGetAccountBalance", ("data", "balances")),
                ("free", "locked"),
                coin="asset",
            ),
        )
    },
    accounts_a_second=5,
    accounts_advice="it needs the permission Read",
    contracts={Kind.INVERSE: Contracts()},
    amounts_in_contracts=True,
    market_key="symbol",
    tickers=(
        Read("cswapV1PublicGetMarketPremiumIndex", _DATA),
        Read("cswapV1PublicGetMarketTicker", _DATA),
    ),
    prices=rows.PRICE.prices,
    best=rows.PRICE.best,
    depth=Read("cswapV1PublicGetMarketDepth", _DATA, {"limit": "50"}),
    book=rows.book,
    fee_rates=Read("cswapV1PrivateGetUserCommissionRate", _DATA, one=True, market=by_symbol),
    fees=fee_rates("takerCommissionRate", "makerCommissionRate"),
    deadline=Deadline(5),
    client_id_param="clientOrderId",
    order_lookups=(Read("cswapV1PrivateGetTradeOrderDetail", _ORDER, one=True),),
    open_orders=Read("cswapV1PrivateGetTradeOpenOrders", _ORDERS),
    report=rows.inverse_report,
    spans_end=True,
    fills=Read(
        "cswapV1PrivateGetTradeOrderHistory",
        _ORDERS,
        {"limit": "1000"},
        page=1000,
        market=by_symbol,
    ),
    fill=rows.inverse_fill,
    **codes.BINGX,
    limit_pauses_s={"100410": 10, "http-429": 10},
)
