"""OKX v5: one account for spot, inverse and linear contracts; sized in contracts.

Test orders go to the same host as real ones: a header alone tells them apart.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes
from hedged.venue.profiles import okx_accounts as accounts
from hedged.venue.profiles import okx_rows as rows
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Log, Read, newest_first, routes

_DATA: Final = ("data",)
_READS: Final = (
    "system/status public/time public/instruments public/mark-price public/funding-rate "
    "public/position-tiers market/ticker account/leverage-info asset/transfer-state "
    "asset/withdrawal-history asset/deposit-history market/index-tickers market/books "
    "account/config account/balance account/positions account/trade-fee account/bills-archive "
    "asset/balances finance/savings/balance users/subaccount/list account/subaccount/balances "
    "asset/subaccount/balances trade/order trade/orders-pending trade/fills-history"
)

OKX: Final = Profile(
    exchange="okx",
    title="OKX",
    needs_passphrase=True,
    notes=(
        "Options must not be held in the account: what one contract is, is not read.",
        "Its dead-man switch cancels every order of the account, whoever sent it.",
        "Orders are in cross margin; the mode of the account is not changed, leverage may be.",
    ),
    environments={
        "mainnet": Reach(("www.okx.com",)),
        "testnet": Reach(
            ("www.okx.com",),
            switch="set_sandbox_mode",
            mark=("x-simulated-trading", "1"),
            lacks=frozenset({"earn", "chains"}),
        ),
    },
    options={"defaultType": "swap", "createOrder": "privatePostTradeOrder"},
    rate_limit_ms=Decimal(110),
    limit_per_hour=18_000,  # 10 in 2 s, of balances, which have the tightest limit
    routes=routes("GET", "/api/v5/", _READS),
    write_routes=routes("POST", "/api/v5/trade/", "order cancel-order cancel-all-after"),
    countdown=rows.countdown,
    setting_routes=routes("POST", "/api/v5/account/", "set-leverage"),
    access=accounts.access,
    wallet=Read("privateGetAccountBalance", _DATA),
    wallet_coin_param="ccy",
    absent_is_zero=True,
    balances=rows.balances,
    margin=rows.margin,
    positions=(Read("privateGetAccountPositions", _DATA),),
    leg=rows.leg,
    is_one_way=lambda row: row.text("posSide") == "net",
    position_mode=Read("privateGetAccountConfig", _DATA),
    is_one_way_mode=lambda row: row.text("posMode") == "net_mode",
    one_way_advice="close its positions and orders, then choose One-way mode in the settings of "
    "its futures page on OKX (or call /api/v5/account/set-position-mode with net_mode)",
    coins_of=rows.coins_of,
    margins=Read("privateGetAccountLeverageInfo", _DATA, {"mgnMode": "cross"}, market=rows.by_id),
    leverage=rows.leverage,
    whole_leverage=True,
    keeps_mode=True,
    accounts=accounts.ACCOUNTS,
    members=accounts.MEMBERS,
    mover=accounts.MOVER,
    chains=accounts.CHAINS,
    notices=accounts.NOTICES,
    requests=accounts.REQUESTS,
    accounts_a_second=3,
    accounts_advice="it needs the permission Read, and for sub-accounts to be of the main account",
    contracts=dict.fromkeys(Kind, Contracts(listing=("swap", "future"))),
    amounts_in_contracts=True,
    delisting=rows.delisting,
    market_key="instId",
    tickers=rows.TICKERS,
    prices=rows.prices,
    best=rows.PRICE.best,
    spot_tickers=Read("publicGetMarketTicker", _DATA),
    spot_market="{}-USDT",
    depth=Read("publicGetMarketBooks", ("data", "0"), {"sz": "50"}),
    fee_rates=Read("privateGetAccountTradeFee", _DATA, market=rows.family),
    fees=rows.fees,
    risk_limits=Read(
        "publicGetPublicPositionTiers", _DATA, {"tdMode": "cross"}, market=rows.family
    ),
    maintenance=rows.maintenance,
    styles={
        Style.IOC: {"timeInForce": "IOC", "tdMode": "cross"},
        Style.POST_ONLY: {"postOnly": True, "tdMode": "cross"},
    },
    deadline=Deadline(5, header="expTime", signed_s=30),
    client_id_param="clOrdId",
    order_lookups=(Read("privateGetTradeOrder", _DATA),),
    open_orders=newest_first(
        "privateGetTradeOrdersPending", _DATA, "ordId", "after", market=rows.named
    ),
    report=rows.ORDER.report,
    from_param="begin",
    to_param="end",
    longest_span=timedelta(days=30),
    fills=newest_first("privateGetTradeFillsHistory", _DATA, "billId", "after", market=rows.named),
    fill=rows.fill,
    flows=(
        Log(newest_first("privateGetAccountBillsArchive", _DATA, "billId", "after"), accounts.flow),
    ),
    code=rows.code,
    **codes.OKX,
    limit_pauses_s={"50011": 2, "50061": 2},
)
