"""Binance: COIN-M futures, with the spot, funding and earn wallets beside it; sized in contracts.

Each wallet is an account of its own: coins are moved between them. Positions in USD-M futures are
in yet another wallet and are not seen.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hedged.core.types import Kind
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import binance_rows, codes
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Completion, Read, by_symbol, routes

_DAPI: Final = (
    "v1/time v1/exchangeInfo v1/account v1/positionRisk v1/positionSide/dual v1/premiumIndex "
    "v1/depth v1/ticker/bookTicker v1/ticker/price v1/order v1/openOrders v1/userTrades v1/income "
    "v1/commissionRate v2/leverageBracket"
)
_SAPI: Final = "account/apiRestrictions simple-earn/flexible/position simple-earn/locked/position"


# A full page is followed by the one that begins where it ends; what is in both counts once.
_BY_TIME: Final[Mapping[str, Any]] = {
    "params": {"limit": "1000"},
    "page": 1000,
    "last": "time",
    "cursor_param": "startTime",
    "oldest_first": True,
}


BINANCE: Final = Profile(
    exchange="binance",
    title="Binance",
    ccxt="binancecoinm",
    notes=(
        "`trading` is the wallet of COIN-M futures; `spot`, `funding` and `earn` are others.",
        "Positions in USD-M futures are another account's: they are not seen.",
        "Demo trading has no funding and earn wallets; it tells neither of keys nor of transfers.",
        "Its dead-man switch cancels every order in a hedge's market, whoever sent it.",
    ),
    environments={
        "mainnet": Reach(("api.binance.com", "dapi.binance.com")),
        "testnet": Reach(
            ("demo-api.binance.com", "demo-dapi.binance.com"),
            switch="enable_demo_trading",
            lacks=frozenset({"funding", "earn", "transfers"}),
        ),
    },
    # ccxt's own window would let an order in 10 s after it was sent: when it counts as lost.
    options={"defaultType": "delivery", "recvWindow": 5000},
    rate_limit_ms=Decimal(25),  # COIN-M; spot has more, and is asked little
    limit_per_hour=144_000,  # weights of 2,400 a minute
    routes=routes("GET", "/dapi/", _DAPI)
    | routes("GET", "/sapi/v1/", f"{_SAPI} asset/transfer")
    | routes("GET", "/api/v3/", "account ticker/bookTicker")
    | routes("POST", "/sapi/v1/asset/", "get-funding-asset"),  # reads, although it is a POST
    write_routes=routes("POST", "/dapi/v1/", "order countdownCancelAll")
    | routes("DELETE", "/dapi/v1/", "order"),
    countdown=binance_rows.countdown,
    access=binance_rows.access,
    wallet=Read("dapiPrivateGetAccount", ("assets",)),
    balances=binance_rows.balances,
    coins_stand_alone=True,
    positions=(Read("dapiPrivateGetPositionRisk", ()),),
    leg=binance_rows.leg,
    is_one_way=lambda row: row.text("positionSide") == "BOTH",
    position_mode=Read("dapiPrivateGetPositionSideDual", (), one=True),
    is_one_way_mode=lambda row: not row.flag("dualSidePosition"),
    one_way_advice="close its positions and orders, then choose One-way Mode in the preferences of "
    "its COIN-M page on Binance (or call /dapi/v1/positionSide/dual with false)",
    coins_of=binance_rows.coins_of,
    accounts=binance_rows.ACCOUNTS,
    accounts_a_second=5,
    accounts_advice="it needs the permission Enable Reading",
    moves=binance_rows.MOVES,
    contracts={Kind.INVERSE: Contracts(listing=("inverse",))},
    amounts_in_contracts=True,
    delisting=binance_rows.delisting,
    market_key="symbol",
    tickers=(
        Read("dapiPublicGetPremiumIndex", ()),
        Read("dapiPublicGetTickerBookTicker", ()),
        Read("dapiPublicGetTickerPrice", ()),
    ),
    prices=binance_rows.prices,
    best=binance_rows.best,
    spot_tickers=Read("publicGetTickerBookTicker", (), one=True),
    spot_market="{}USDT",
    depth=Read("dapiPublicGetDepth", (), {"limit": "50"}),
    fee_rates=Read("dapiPrivateGetCommissionRate", (), one=True),
    fees=binance_rows.fees,
    risk_limits=Read("dapiPrivateV2GetLeverageBracket", ()),
    maintenance=binance_rows.maintenance,
    deadline=Deadline(5),
    client_id_param="origClientOrderId",
    order_lookups=(Read("dapiPrivateGetOrder", (), one=True),),
    open_orders=Read("dapiPrivateGetOpenOrders", ()),
    report=binance_rows.report,
    fills=Read("dapiPrivateGetUserTrades", (), market=by_symbol, **_BY_TIME),
    fill=binance_rows.fill,
    completion=Completion(
        Read("dapiPrivateGetOrder", (), one=True), "orderId", binance_rows.completed
    ),
    flows=Read("dapiPrivateGetIncome", (), **_BY_TIME),
    flow=binance_rows.flow,
    code=lambda reply: (reply.get("code"), reply.get("msg")),
    **codes.BINANCE,
    limit_pauses_s={"-1003": 60, "http-418": 300},
)
