"""Phemex: bitcoin's inverse perpetual, in whole contracts of 1 USD; figures are scaled integers."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes
from hedged.venue.profiles import phemex_rows as rows
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Log, Read, by_symbol, routes

_BTC: Final = {"currency": "BTC"}
_ROWS: Final = ("data", "rows")
_READS: Final = (
    "public/products v1/exchange/public/products v1/md/ticker/24hr v1/md/orderbook "
    "accounts/accountPositions orders/activeList exchange/order exchange/order/trade "
    "api-data/futures/funding-fees assets/transfer"
)

PHEMEX: Final = Profile(
    exchange="phemex",
    title="Phemex",
    notes=(
        "Only bitcoin's inverse contract, with the account of coins beside it.",
        "It tells nothing of a key; leave withdrawals out of it.",
        "What it charges is not told before a fill.",
    ),
    environments={
        "mainnet": Reach(("api.phemex.com",)),
        "testnet": Reach(("testnet-api.phemex.com",), switch="set_sandbox_mode"),
    },
    # Seconds that a request is valid for, by our clock; ccxt gives it a minute.
    options={"defaultType": "swap", "defaultSubType": "inverse", "x-phemex-request-expiry": 10},
    rate_limit_ms=Decimal(20),
    limit_per_hour=30_000,  # 500 a minute
    clock=rows.clock,
    routes=routes("GET", "/", _READS),
    write_routes=frozenset({("POST", "/orders"), ("DELETE", "/orders/cancel")}),
    access=rows.access,
    wallet=Read("privateGetAccountsAccountPositions", ("data", "account"), _BTC, one=True),
    absent_is_zero=True,
    balances=rows.balances,
    positions=(Read("privateGetAccountsAccountPositions", ("data", "positions"), _BTC),),
    leg=rows.leg,
    is_one_way=rows.is_one_way,
    one_way_advice="close its positions and orders, then choose One-Way Mode in the preferences of "
    "its contract page on Phemex",
    coins_of=rows.coins_of,
    contracts={Kind.INVERSE: Contracts()},
    amounts_in_contracts=True,
    least_is_lot=True,
    delisting=rows.delisting,
    market_key="symbol",
    tickers=(
        Read("v1GetMdTicker24hr", ("result",), one=True),
        Read("v1GetMdOrderbook", ("result",), one=True),
    ),
    prices=rows.prices,
    best=rows.PRICE.best,
    depth=Read("v1GetMdOrderbook", ("result", "book")),
    book=rows.book,
    styles={
        Style.IOC: {"timeInForce": "ImmediateOrCancel"},
        Style.POST_ONLY: {"timeInForce": "PostOnly"},
    },
    deadline=Deadline(10),
    client_id_param="clOrdID",
    cancel=Read("privateDeleteOrdersCancel", (), market=by_symbol),
    order_lookups=(Read("privateGetExchangeOrder", ("data",), market=by_symbol),),
    open_orders=Read("privateGetOrdersActiveList", _ROWS, or_none=True),
    report=rows.report,
    from_param="start",
    to_param="end",
    longest_span=timedelta(days=7),
    fills=Read("privateGetExchangeOrderTrade", _ROWS, {"limit": "200"}, page=200, market=by_symbol),
    fill=rows.fill,
    flows=(
        Log(
            Read(
                *("privateGetApiDataFuturesFundingFees", _ROWS, {"limit": "200"}),
                page=200,
                market=by_symbol,
                span=("", ""),
            ),
            rows.funding,
        ),
        Log(
            Read("privateGetAssetsTransfer", _ROWS, {**_BTC, "limit": "200"}, page=200),
            rows.transfer,
        ),
    ),
    **codes.PHEMEX,
    limit_pauses_s={"http-429": 10},
)
