"""WEEX: linear perpetual futures, sized in coins; there are no inverse ones.

Nothing of it was recorded: it is read as ccxt's class documents it.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes
from hedged.venue.profiles import weex_rows as rows
from hedged.venue.profiles.forms import fee_rates, named_by
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Completion, Log, Read, Store, routes

_READS: Final = (
    "market/time market/exchangeInfo market/depth market/ticker/bookTicker "
    "market/premiumIndex account/balance account/commissionRate account/position/allPosition "
    "order openOrders order/history userTrades"
)

WEEX: Final = Profile(
    exchange="weex",
    title="WEEX",
    needs_passphrase=True,
    notes=(
        "It lists no inverse contracts: a hedge there is linear.",
        "Nothing of it was recorded: it is read as documented.",
        "Its demo trading cannot cancel and does not list working orders: it is not used.",
        "A market holds a long and a short beside each other: hedged keeps a short only.",
        "What a key may do is not told; leave withdrawals out of it.",
    ),
    environments={"mainnet": Reach(("api-contract.weex.com", "api-spot.weex.com"))},
    options={"defaultType": "swap"},
    rate_limit_ms=Decimal(4),  # ccxt counts 2 to 15 for what is asked often, and 105 for listings
    limit_per_hour=36_000,  # 10 a second
    routes=routes("POST", "/capi/v3/", "account/income")  # reads, although it is a POST
    | routes("GET", "/capi/v3/", _READS)
    | routes("GET", "/api/v3/", "exchangeInfo account/"),
    write_routes=frozenset({("POST", "/capi/v3/order"), ("DELETE", "/capi/v3/order")}),
    access=rows.access,
    wallet=Read("contractPrivateGetCapiV3AccountBalance", ()),
    absent_is_zero=True,
    balances=rows.WALLET.balances,
    positions=(Read("contractPrivateGetCapiV3AccountPositionAllPosition", (), kind=Kind.LINEAR),),
    leg=rows.leg,
    coins_of=rows.coins_of,
    accounts={
        "spot": (
            Store(Read("privateGetApiV3Account", ("balances",)), ("free", "locked"), coin="asset"),
        )
    },
    accounts_a_second=5,
    accounts_advice="it needs the permission Read",
    contracts={Kind.LINEAR: Contracts()},
    contract_size=Decimal(1),
    amounts_in_contracts=False,
    market_key="symbol",
    tickers=(
        Read("contractGetCapiV3MarketPremiumIndex", ()),
        Read("contractGetCapiV3MarketTickerBookTicker", ()),
    ),
    prices=rows.prices,
    best=rows.PRICE.best,
    depth=Read("contractGetCapiV3MarketDepth", (), {"limit": "15"}),
    fee_rates=Read("contractPrivateGetCapiV3AccountCommissionRate", (), one=True),
    fees=fee_rates("takerCommissionRate", "makerCommissionRate"),
    styles={Style.IOC: {"timeInForce": "IOC"}, Style.POST_ONLY: {"timeInForce": "POST_ONLY"}},
    deadline=Deadline(30),
    client_id_param="clientOrderId",
    mistaken=rows.mistaken,
    order_lookups=(
        Read(
            *("contractPrivateGetCapiV3OpenOrders", (), {"limit": "100"}),
            named=rows.client_id,
        ),
        Read(
            *("contractPrivateGetCapiV3OrderHistory", (), {"limit": "100"}),
            named=rows.client_id,
        ),
    ),
    open_orders=Read("contractPrivateGetCapiV3OpenOrders", (), {"limit": "100"}, page=100),
    report=rows.ORDER.report,
    fills=Read("contractPrivateGetCapiV3UserTrades", (), {"limit": "100"}, page=100),
    fill=rows.FILL.fill,
    completion=Completion(
        Read("contractPrivateGetCapiV3Order", (), one=True), "orderId", named_by("clientOrderId")
    ),
    longest_span=timedelta(days=7),
    flows=(
        Log(
            Read(
                *("contractPrivatePostCapiV3AccountIncome", ("items",), {"limit": "100"}), page=100
            ),
            rows.FLOW.flow,
        ),
    ),
    spans_end=True,
    **codes.WEEX,
    limit_pauses_s={"http-429": 10},
)
