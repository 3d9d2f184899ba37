"""Binance: COIN-M futures, with the spot, funding and earn wallets beside it; sized in contracts.

Each wallet is an account of its own: coins are moved between them. Positions in USD-M futures are
in yet another wallet and are not seen.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.fields import row_at
from hedged.venue.profiles import binance_rows
from hedged.venue.profiles.profile import Completion, Contracts, Profile, Reach, Read, Store

_READS: Final = (
    "GET /dapi/v1/time",
    *("GET /dapi/v1/exchangeInfo", "GET /dapi/v1/account", "GET /dapi/v1/positionRisk"),
    *("GET /dapi/v1/positionSide/dual", "GET /dapi/v1/premiumIndex", "GET /dapi/v1/depth"),
    *("GET /dapi/v1/ticker/bookTicker", "GET /dapi/v1/ticker/price", "GET /dapi/v1/order"),
    *("GET /dapi/v1/openOrders", "GET /dapi/v1/userTrades", "GET /dapi/v1/income"),
    *("GET /dapi/v1/commissionRate", "GET /dapi/v2/leverageBracket", "GET /api/v3/account"),
    *("GET /api/v3/ticker/bookTicker", "GET /sapi/v1/account/apiRestrictions"),
    "POST /sapi/v1/asset/get-funding-asset",  # reads, although it is a POST
    *("GET /sapi/v1/simple-earn/flexible/position", "GET /sapi/v1/simple-earn/locked/position"),
)
# Left out on purpose, since an order may exist: -1000, -1001, -1006, -1007, -1008 (server errors).
_REJECTIONS: Final = (
    "http-429 http-418 -1002 -1003 -1013 -1015 -1020 -1021 -1022 -1100 -1101 -1102 -1103 -1104 "
    "-1105 -1106 -1111 -1112 -1114 -1115 -1116 -1117 -1121 -1130 -2010 -2014 -2015 -2018 -2019 "
    "-2020 -2021 -2022 -2023 -2024 -2025 -2026 -2027 -2028 -4001 -4002 -4003 -4004 -4005 -4013 "
    "-4014 -4015 -4016 -4023 -4024 -4028 -4044 -4045 -4061 -4131 -4164 -5021 -5022"
)


# A full page is followed by the one that begins where it ends; what is in both counts once.
_BY_TIME: Final[Mapping[str, Any]] = {
    "params": {"limit": "1000"},
    "page": 1000,
    "last": "time",
    "cursor_param": "startTime",
    "oldest_first": True,
}


def _by_symbol(market: Any) -> dict[str, str]:
    return {"symbol": market["id"]}


async def _access(client: Any) -> Access:
    """The key and its account; demo trading tells of the account alone."""
    spot = row_at("account", await client.privateGetAccount(), ())
    if client.options.get("enableDemoTrading"):
        return Access(account_id=str(spot.whole("uid")))
    key = row_at("api key", await client.sapiGetAccountApiRestrictions(), ())
    return binance_rows.access(spot, key)


BINANCE: Final = Profile(
    exchange="binance",
    title="Binance",
    ccxt="binancecoinm",
    notes=(
        "`trading` is the wallet of COIN-M futures; `spot`, `funding` and `earn` are others.",
        "Positions in USD-M futures are another account's: they are not seen.",
        "Demo trading has no funding and earn wallets, and does not tell what a key may do.",
        "Its dead-man switch cancels every order in a hedge's market, whoever sent it.",
        "Transfers between wallets are not read: coins on their way are told as gone.",
    ),
    environments={
        "mainnet": Reach(("api.binance.com", "dapi.binance.com")),
        "testnet": Reach(
            ("demo-api.binance.com", "demo-dapi.binance.com"),
            switch="enable_demo_trading",
            lacks=frozenset({"funding", "earn"}),
        ),
    },
    # ccxt's own window would let an order in 10 s after it was sent: when it counts as lost.
    options={"defaultType": "delivery", "recvWindow": 5000},
    rate_limit_ms=Decimal(25),  # COIN-M; spot has more, and is asked little
    limit_per_hour=144_000,  # weights of 2,400 a minute
    routes=frozenset((method, path) for method, path in map(str.split, _READS)),
    write_routes=frozenset(
        {
            ("POST", "/dapi/v1/order"),
            ("DELETE", "/dapi/v1/order"),
            ("POST", "/dapi/v1/countdownCancelAll"),
        }
    ),
    countdown=binance_rows.countdown,
    access=_access,
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
    accounts={
        "spot": (
            Store(Read("privateGetAccount", ("balances",)), ("free", "locked"), coin="asset"),
        ),
        "funding": (
            Store(
                Read("sapiPostAssetGetFundingAsset", ()),
                ("free", "locked", "freeze", "withdrawing"),
                coin="asset",
            ),
        ),
        "earn": binance_rows.EARN,
    },
    accounts_a_second=5,
    accounts_advice="it needs the permission Enable Reading",
    contracts={Kind.INVERSE: Contracts(listing=("inverse",), only={}, by_market=True)},
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
    book=binance_rows.book,
    fee_rates=Read("dapiPrivateGetCommissionRate", (), one=True),
    fees=binance_rows.fees,
    risk_limits=Read("dapiPrivateV2GetLeverageBracket", ()),
    maintenance=binance_rows.maintenance,
    styles={Style.IOC: {"timeInForce": "IOC"}, Style.POST_ONLY: {"postOnly": True}},
    client_id_param="origClientOrderId",
    order_lookups=(Read("dapiPrivateGetOrder", (), one=True),),
    open_orders=Read("dapiPrivateGetOpenOrders", ()),
    report=binance_rows.report,
    from_param="startTime",
    to_param="endTime",
    longest_span=timedelta(days=7),
    fills=Read("dapiPrivateGetUserTrades", (), market=_by_symbol, **_BY_TIME),
    fill=binance_rows.fill,
    completion=Completion(
        Read("dapiPrivateGetOrder", (), one=True), "orderId", binance_rows.completed
    ),
    flows=Read("dapiPrivateGetIncome", (), **_BY_TIME),
    flow=binance_rows.flow,
    code=lambda reply: (reply.get("code"), reply.get("msg")),
    key_refused=frozenset({"-2015"}),  # once a key has been good, ccxt takes it for a pause
    rejections=frozenset(_REJECTIONS.split()),
    duplicates=frozenset({"-4116"}),
    gone=frozenset({"-2011", "-2013"}),
    listing_doubts=frozenset({"-1013", "-1111", "-1121", "-4014", "-4023", "-4131"}),
    limit_pauses_s={"-1003": 60, "http-418": 300},
)
