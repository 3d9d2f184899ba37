"""Binance: COIN-M futures, with the spot, funding and earn wallets beside it; sized in contracts.

Each wallet is an account of its own: coins are moved between them. Positions in USD-M futures are
in yet another wallet and are not seen.
"""

from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import binance_accounts, binance_rows, codes
from hedged.venue.profiles.forms import fee_rates
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Completion, Log, Read, routes

_DAPI: Final = (
    "v1/time v1/exchangeInfo v1/account v1/positionRisk v1/positionSide/dual v1/premiumIndex "
    "v1/depth v1/ticker/bookTicker v1/ticker/price v1/order v1/openOrders v1/userTrades v1/income "
    "v1/commissionRate v2/leverageBracket"
)


BINANCE: Final = Profile(
    exchange="binance",
    title="Binance",
    ccxt="binancecoinm",
    notes=(
        "`trading` is the wallet of COIN-M futures; `spot`, `funding` and `earn` are others.",
        "Positions in USD-M futures are another account's: they are not seen.",
        "Demo trading has no funding and earn wallets; it tells no keys, transfers, maintenance.",
        "A sub-account is named by its e-mail address; of it the spot wallet counts.",
        "Maintenance is told while it lasts, not ahead.",
        "Its dead-man switch cancels every order in a hedge's market, whoever sent it.",
    ),
    environments={
        "mainnet": Reach(("api.binance.com", "dapi.binance.com")),
        "testnet": Reach(
            ("demo-api.binance.com", "demo-dapi.binance.com"),
            switch="enable_demo_trading",
            lacks=frozenset({"funding", "earn", "sub", "transfers", "chains", "notices"}),
        ),
    },
    # ccxt's own window would let an order in 10 s after it was sent: when it counts as lost.
    options={"defaultType": "delivery", "recvWindow": 5000},
    rate_limit_ms=Decimal(25),  # COIN-M; spot has more, and is asked little
    limit_per_hour=144_000,  # weights of 2,400 a minute
    routes=routes("GET", "/dapi/", _DAPI)
    | routes("GET", "/api/v3/", "account ticker/bookTicker")
    | binance_accounts.ROUTES,
    write_routes=routes("POST", "/dapi/v1/", "order countdownCancelAll")
    | routes("DELETE", "/dapi/v1/", "order"),
    setting_routes=routes("POST", "/dapi/v1/", "leverage marginType"),
    countdown=binance_rows.countdown,
    access=binance_accounts.access,
    wallet=Read("dapiPrivateGetAccount", ("assets",)),
    balances=binance_rows.WALLET.balances,
    coins_stand_alone=True,
    positions=(Read("dapiPrivateGetPositionRisk", ()),),
    leg=binance_rows.leg,
    is_one_way=lambda row: row.text("positionSide") == "BOTH",
    position_mode=Read("dapiPrivateGetPositionSideDual", (), one=True),
    is_one_way_mode=lambda row: not row.flag("dualSidePosition"),
    margins=Read("dapiPrivateGetPositionRisk", ()),
    leverage=binance_rows.leverage,
    whole_leverage=True,
    margin_mode=binance_rows.margin_mode,
    one_way_advice="close its positions and orders, then choose One-way Mode in the preferences of "
    "its COIN-M page on Binance (or call /dapi/v1/positionSide/dual with false)",
    coins_of=binance_rows.coins_of,
    accounts=binance_accounts.ACCOUNTS,
    accounts_a_second=5,
    accounts_advice=binance_accounts.ADVICE,
    members=binance_accounts.MEMBERS,
    moves=binance_accounts.MOVES,
    mover=binance_accounts.MOVER,
    chains=binance_accounts.CHAINS,
    notices=binance_accounts.NOTICES,
    contracts={Kind.INVERSE: Contracts(listing=("inverse",))},
    amounts_in_contracts=True,
    delisting=binance_rows.delisting,
    market_key="symbol",
    tickers=tuple(
        Read(f"dapiPublicGet{name}", ())
        for name in ("PremiumIndex", "TickerBookTicker", "TickerPrice")
    ),
    prices=binance_rows.PRICE.prices,
    best=binance_rows.PRICE.best,
    spot_tickers=Read("publicGetTickerBookTicker", (), one=True),
    spot_market="{}USDT",
    depth=Read("dapiPublicGetDepth", (), {"limit": "50"}),
    fee_rates=Read("dapiPrivateGetCommissionRate", (), one=True),
    fees=fee_rates("takerCommissionRate", "makerCommissionRate"),
    risk_limits=Read("dapiPrivateV2GetLeverageBracket", ()),
    maintenance=binance_rows.maintenance,
    deadline=Deadline(5),
    client_id_param="origClientOrderId",
    order_lookups=(Read("dapiPrivateGetOrder", (), one=True),),
    open_orders=Read("dapiPrivateGetOpenOrders", ()),
    report=binance_rows.ORDER.report,
    fills=binance_rows.FILLS,
    fill=binance_rows.FILL.fill,
    completion=Completion(
        Read("dapiPrivateGetOrder", (), one=True), "orderId", binance_rows.completed
    ),
    flows=(Log(binance_rows.FLOWS, binance_rows.flow),),
    code=lambda reply: (reply.get("code"), reply.get("msg")),
    **codes.BINANCE,
    limit_pauses_s={"-1003": 60, "http-418": 300},
)
