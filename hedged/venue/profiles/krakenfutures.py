"""Kraken Futures: inverse contracts of 1 USD, with a margin account for each coin. Only read.

Positions tell no unrealised profit: it is reckoned from entry and mark, and the account's equity
must agree with it. Funding that is not paid yet is part of that equity.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.types import Kind
from hedged.venue.fields import EPOCH, Row
from hedged.venue.profiles import krakenfutures_rows as rows
from hedged.venue.profiles.profile import Contracts, Profile, Reach, Read

_READS: Final = "instruments tickers orderbook accounts openpositions openorders fills"


async def _access(_client: Any) -> Access:
    """Kraken tells nothing of a key."""
    return Access()


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
        "Coins in its cash account and on the spot exchange are not read: enter them as `static`.",
    ),
    environments={
        "mainnet": Reach(("futures.kraken.com",)),
        "testnet": Reach(("demo-futures.kraken.com",), switch="set_sandbox_mode"),
    },
    options={},
    rate_limit_ms=Decimal(600),
    limit_per_hour=90_000,  # 500 in 10 s, and what is read often costs 2
    clock=_clock,
    routes=frozenset(("GET", f"/derivatives/api/v3/{path}") for path in _READS.split()),
    access=_access,
    wallet=Read("privateGetAccounts", ("accounts",), one=True),
    balances=rows.balances,
    margin=lambda _: None,  # each coin's margin is its own
    positions=(Read("privateGetOpenpositions", ("openPositions",)),),
    leg=rows.leg,
    is_one_way=lambda _: True,  # there is nothing else
    coins_of=rows.coins_of,
    contracts={Kind.INVERSE: Contracts(listing=("swap",), only={}, by_market=False)},
    amounts_in_contracts=True,
    least_is_lot=True,
    delisting=lambda _: None,  # a market that is about to go is not tradeable
    market_key="symbol",
    tickers=(Read("publicGetTickers", ("tickers",)),),
    prices=rows.prices,
    best=rows.best,
    depth=Read("publicGetOrderbook", ("orderBook",)),
    book=rows.book,
    styles={},
    client_id_param="cliOrdId",
    order_lookups=(),
    open_orders=Read("privateGetOpenorders", ("openOrders",)),
    report=rows.report,
    from_param="",
    to_param="",
    longest_span=timedelta(days=1),
    fills=Read("privateGetFills", ("fills",), page=100),
    fill=rows.fill,
    code=lambda reply: (reply.get("error"), None),
    rejections=frozenset(),
    gone=frozenset(),
    limit_pauses_s={"apiLimitExceeded": 10},
)
