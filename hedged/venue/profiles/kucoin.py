"""KuCoin Futures: perpetuals of both kinds, sized in contracts, in an account of many coins."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes
from hedged.venue.profiles import kucoin_rows as rows
from hedged.venue.profiles.forms import fee_rates, named_by
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Completion, Log, Read, Store, by_symbol, routes

_DATA: Final = ("data",)
_LISTED: Final = ("data", "dataList")
_ITEMS: Final = ("data", "items")
_READS: Final = (
    "timestamp contracts/active contracts/* ticker level2/depth20 account-overview positions "
    "trade-fees orders orders/* orders/byClientOid fills user/api-key accounts transaction-history "
    "funding-history"
)


def _spot(kind: str) -> tuple[Store, ...]:
    read = Read("privateGetAccounts", _DATA, {"type": kind})
    return (Store(read, "balance", coin="currency"),)


KUCOIN: Final = Profile(
    exchange="kucoin",
    title="KuCoin",
    ccxt="kucoinfutures",
    needs_passphrase=True,
    notes=(
        "The margin mode of a contract must be cross, and the account not a unified one.",
        "The next moment of funding is not told.",
    ),
    environments={"mainnet": Reach(("api-futures.kucoin.com", "api.kucoin.com"))},
    options={"defaultType": "swap", "uta": False},
    listing=lambda client, params: client.fetch_contract_markets(params),
    rate_limit_ms=Decimal(4),  # ccxt counts 2 to 20 for a request
    limit_per_hour=48_000,  # 2,000 units in 30 s, of which a read takes 5
    routes=routes("GET", "/api/v1/", _READS),
    write_routes=frozenset(
        {("POST", "/api/v1/orders"), ("DELETE", "/api/v1/orders/client-order/*")}
    ),
    access=rows.access,
    wallet=Read("futuresPrivateGetAccountOverview", _DATA, one=True),
    wallet_by_coin=rows.by_coin,
    balances=rows.WALLET.balances,
    positions=(Read("futuresPrivateGetPositions", _DATA),),
    leg=rows.POSITION.leg,
    is_one_way=rows.is_one_way,
    one_way_advice="close its positions and orders, then choose One-Way Mode in the settings of "
    "its futures page on KuCoin (or call /api/v2/position/switchPositionMode with 0)",
    coins_of=rows.coins_of,
    accounts={"spot": _spot("trade"), "funding": _spot("main")},
    accounts_a_second=5,
    accounts_advice="it needs the permission General",
    contracts={Kind.INVERSE: Contracts(), Kind.LINEAR: Contracts()},
    amounts_in_contracts=True,
    amount_type=int,
    market_key="symbol",
    tickers=(
        Read("futuresPublicGetTicker", _DATA, one=True),
        Read("futuresPublicGetContractsSymbol", _DATA, one=True),
    ),
    prices=rows.PRICE.prices,
    best=rows.PRICE.best,
    depth=Read("futuresPublicGetLevel2Depth20", _DATA),
    fee_rates=Read("futuresPrivateGetTradeFees", _DATA, one=True),
    fees=fee_rates("takerFeeRate", "makerFeeRate"),
    risk_limits=Read("futuresPublicGetContractsSymbol", _DATA, one=True),
    maintenance=lambda listings: listings[0].positive("maintainMargin"),
    styles={
        Style.IOC: {"timeInForce": "IOC", "marginMode": "cross"},
        Style.POST_ONLY: {"postOnly": True, "marginMode": "cross"},
    },
    deadline=Deadline(5),
    client_id_param="clientOid",
    cancel=Read("futuresPrivateDeleteOrdersClientOrderClientOid", (), market=by_symbol),
    order_lookups=(Read("futuresPrivateGetOrdersByClientOid", _DATA, one=True),),
    open_orders=Read(
        "futuresPrivateGetOrders", _ITEMS, {"status": "active", "pageSize": "100"}, page=100
    ),
    report=rows.report,
    from_param="startAt",
    to_param="endAt",
    longest_span=timedelta(days=7),
    fills=Read("futuresPrivateGetFills", _ITEMS, {"pageSize": "1000"}, page=1000, market=by_symbol),
    fill=rows.fill,
    completion=Completion(
        Read("futuresPrivateGetOrdersOrderId", _DATA, one=True), "orderId", named_by("clientOid")
    ),
    flows=(
        Log(
            Read(
                *("futuresPrivateGetTransactionHistory", _LISTED, {"maxCount": "50"}),
                last="offset",
                cursor_param="offset",
                page=50,
            ),
            rows.flow,
        ),
        Log(
            Read(
                *("futuresPrivateGetFundingHistory", _LISTED, {"maxCount": "100"}),
                last="id",
                cursor_param="offset",
                page=100,
                market=by_symbol,
            ),
            rows.funding,
        ),
    ),
    **codes.KUCOIN,
    limit_pauses_s={"429000": 5, "1015": 30},
)
