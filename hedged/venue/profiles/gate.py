"""Gate: perpetual futures in an account per coin; here bitcoin's, whose contracts are inverse."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from hedged.core.types import Kind
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes
from hedged.venue.profiles import gate_rows as rows
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Log, Read, Store, routes

_BTC: Final = {"settle": "btc"}
_PUBLIC: Final = "contracts contracts/* tickers order_book"
_PRIVATE: Final = "accounts positions orders orders/* my_trades_timerange account_book"


def _contract(market: Any) -> dict[str, str]:
    return {"contract": market["id"]}


def _settle(market: Any) -> dict[str, str]:
    return {"settle": market["settleId"]}


def account_book(coin: str) -> tuple[Log, ...]:
    """The log of one coin's account."""
    asked = {"settle": coin, "limit": "1000"}
    read = Read("privateFuturesGetSettleAccountBook", (), asked, page=1000)
    return (Log(read, partial(rows.flow, coin.upper())),)


INVERSE: Final = Profile(
    exchange="gate",
    title="Gate",
    notes=(
        "Bitcoin's and USDT's contracts are in two accounts: hedges of one kind per venue.",
        "Its testnet has contracts in USDT only.",
        "The account must not be a unified one; what a key may do is not told.",
    ),
    environments={
        "mainnet": Reach(("api.gateio.ws",)),
        "testnet": Reach(("api-testnet.gateapi.io",), switch="set_sandbox_mode"),
    },
    options={"defaultType": "swap", "unifiedAccount": False},
    listing=lambda client, params: client.fetch_swap_markets(params),
    rate_limit_ms=Decimal(20),
    limit_per_hour=72_000,  # 200 in 10 s
    routes=routes("GET", "/api/v4/futures/*/", f"{_PUBLIC} {_PRIVATE}")
    | routes("GET", "/api/v4/", "spot/time spot/accounts account/detail"),
    write_routes=frozenset(
        {("POST", "/api/v4/futures/*/orders"), ("DELETE", "/api/v4/futures/*/orders/*")}
    ),
    access=rows.access,
    wallet=Read("privateFuturesGetSettleAccounts", (), _BTC, one=True),
    absent_is_zero=True,
    balances=rows.balances,
    positions=(Read("privateFuturesGetSettlePositions", (), _BTC),),
    leg=rows.leg,
    is_one_way=rows.is_one_way,
    position_mode=Read("privateFuturesGetSettleAccounts", (), one=True),
    is_one_way_mode=lambda row: not row.flag("in_dual_mode"),
    one_way_advice="close its positions and orders, then choose One-way Mode in the preferences of "
    "its futures page on Gate (or call /futures/btc/dual_mode with false)",
    coins_of=rows.coins_of,
    accounts={
        "spot": (
            Store(Read("privateSpotGetAccounts", ()), ("available", "locked"), coin="currency"),
        )
    },
    accounts_a_second=5,
    accounts_advice="it needs the permission to read spot and futures",
    contracts={Kind.INVERSE: Contracts(only=_BTC)},
    amounts_in_contracts=True,
    delisting=rows.delisting,
    market_key="contract",
    tickers=(
        Read("publicFuturesGetSettleContractsContract", (), one=True, market=_contract),
        Read("publicFuturesGetSettleTickers", ()),
    ),
    prices=rows.prices,
    best=rows.PRICE.best,
    depth=Read("publicFuturesGetSettleOrderBook", (), {"limit": "50"}),
    book=rows.book,
    risk_limits=Read("publicFuturesGetSettleContractsContract", (), one=True, market=_contract),
    maintenance=lambda listings: listings[0].positive("maintenance_rate"),
    deadline=Deadline(5, header="X-Gate-Exptime", signed_s=60),
    client_id_param="order_id",
    order_id_param="clientOrderId",
    client_prefix=rows.PREFIX,
    cancel=Read("privateFuturesDeleteSettleOrdersOrderId", (), market=_settle),
    order_lookups=(Read("privateFuturesGetSettleOrdersOrderId", (), one=True, market=_settle),),
    open_orders=Read(
        *("privateFuturesGetSettleOrders", (), {"status": "open", "limit": "100"}),
        last="id",
        cursor_param="last_id",
        page=100,
    ),
    report=rows.report,
    from_param="from",
    to_param="to",
    longest_span=timedelta(days=7),
    span_unit=timedelta(seconds=1),
    fills=Read("privateFuturesGetSettleMyTradesTimerange", (), {"limit": "1000"}, page=1000),
    fill=rows.fill,
    flows=account_book("btc"),
    code=lambda reply: (reply.get("label"), reply.get("message") or reply.get("detail")),
    **codes.GATE,
    limit_pauses_s={"TOO_MANY_REQUESTS": 2, "TOO_FAST": 2},
)
