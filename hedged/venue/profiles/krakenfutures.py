"""Kraken Futures: inverse contracts of 1 USD, with a margin account for each coin.

Positions tell no unrealised profit: it is reckoned from entry and mark, and the account's equity
must agree with it. Funding that is not paid yet is part of that equity. What becomes of an order is
told for 5 seconds after its end, and in the history of orders from then on.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.fields import EPOCH, Row
from hedged.venue.profiles import codes
from hedged.venue.profiles import krakenfutures_accounts as accounts
from hedged.venue.profiles import krakenfutures_rows as rows
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Read

_API: Final = "/derivatives/api/v3"
_READS: Final = (
    "instruments tickers orderbook accounts openpositions openorders fills notifications"
)


async def _clock(client: Any) -> int:
    """Each reply tells the venue's time; ccxt has no request for it."""
    told = Row("clock", await client.privateGetAccounts()).moment("serverTime")
    return int((told - EPOCH).total_seconds() * 1000)


KRAKENFUTURES: Final = Profile(
    exchange="krakenfutures",
    title="Kraken Futures",
    notes=(
        "Coins of single-collateral accounts and of the multi-collateral wallet count.",
        "It tells neither a key's rights nor, always, the fees of fills.",
        "`funding` is its cash account; coins on Kraken's spot exchange are another venue's.",
        "Only multi-collateral contracts have a leverage to set; its sub-accounts are not read.",
        "Its dead-man switch cancels every order of the account, whoever sent it.",
    ),
    environments={
        "mainnet": Reach(("futures.kraken.com",)),
        "testnet": Reach(("demo-futures.kraken.com",), switch="set_sandbox_mode"),
    },
    options={},
    # 500 in 10 s, of which a read costs 1 or 2; ccxt would let out 8 in 5 s, and a book asks more.
    rate_limit_ms=Decimal(100),
    limit_per_hour=90_000,
    clock=_clock,
    requests={"privatePostOrdersStatus": ("orders/status", "private", "POST")},
    routes=frozenset(
        {
            *(("GET", f"{_API}/{path}") for path in _READS.split()),
            ("POST", f"{_API}/orders/status"),  # reads, although it is a POST
            ("GET", "/api/history/v2/orders"),
            ("GET", "/api/history/v3/account-log"),
        }
    ),
    write_routes=frozenset(
        ("POST", f"{_API}/{path}") for path in ("sendorder", "cancelorder", "cancelallordersafter")
    ),
    countdown=rows.countdown,
    access=accounts.access,
    wallet=Read("privateGetAccounts", ("accounts",), one=True),
    balances=rows.balances,
    margin=lambda _: None,  # each coin's margin is its own
    positions=(Read("privateGetOpenpositions", ("openPositions",)),),
    leg=rows.leg,
    is_one_way=lambda _: True,  # there is nothing else
    coins_of=rows.coins_of,
    accounts=accounts.ACCOUNTS,
    accounts_a_second=5,
    accounts_advice="it needs the permission General API - Read Only",
    moves=accounts.MOVES,
    mover=accounts.MOVER,
    notices=accounts.NOTICES,
    contracts={Kind.INVERSE: Contracts(listing=("swap",), only={}, by_market=False)},
    amounts_in_contracts=True,
    least_is_lot=True,
    delisting=lambda _: None,  # a market that is about to go is not tradeable
    market_key="symbol",
    tickers=(Read("publicGetTickers", ("tickers",)),),
    prices=rows.prices,
    best=rows.best,
    depth=Read("publicGetOrderbook", ("orderBook",)),
    risk_limits=Read("publicGetInstruments", ("instruments",)),
    maintenance=rows.maintenance,
    # In capitals IOC would rest: ccxt knows it in small letters only.
    styles={Style.IOC: {"timeInForce": "ioc"}, Style.POST_ONLY: {"postOnly": True}},
    deadline=Deadline(5, params=rows.expiry, signed_s=3600),
    client_id_param="cliOrdId",
    cancel=Read("privatePostCancelorder", (), market=lambda _: {}),
    order_lookups=(
        Read("privatePostOrdersStatus", ("orders",), id_param="cliOrdIds", market=lambda _: {}),
        Read(
            "historyGetOrders",
            ("elements",),
            {"count": "500"},
            market=lambda _: {},
            named=rows.event_client_id,
        ),
    ),
    open_orders=Read("privateGetOpenorders", ("openOrders",)),
    report=rows.report,
    from_param="",
    to_param="",
    longest_span=timedelta(days=366),
    fills=Read("privateGetFills", ("fills",), page=100),
    fill=rows.fill,
    flows=accounts.FLOWS,
    code=rows.code,
    code_in_text=r"failed due to (\w+)$",
    **codes.KRAKENFUTURES,
    limit_pauses_s={"apiLimitExceeded": 10},
)
