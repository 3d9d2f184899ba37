"""Deribit: futures, the inverse ones sized in USD and the linear ones in coins; a wallet per coin.

It settles every day: profit moves into the balance, and what is unrealised runs from the last
settlement price. Orders are sent by GET; a label does not keep a second order of it away.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes, deribit_rows
from hedged.venue.profiles import deribit_accounts as accounts
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Read

_RESULT: Final = ("result",)
_READS: Final = (
    "public/get_time public/get_instruments public/ticker public/get_order_book "
    "private/get_account_summaries private/get_positions private/get_open_orders_by_instrument "
    "private/get_order_state_by_label private/get_user_trades_by_instrument_and_time "
    "private/get_transaction_log public/status public/get_instrument private/get_subaccounts "
    "private/get_withdrawals private/get_deposits"
)
_WRITES: Final = "private/buy private/sell private/cancel private/cancel_by_label"


def _by_coin(market: Any) -> dict[str, str]:
    return {"currency": market["settleId"]}


def _by_name(market: Any) -> dict[str, str]:
    return {"instrument_name": market["id"]}


DERIBIT: Final = Profile(
    exchange="deribit",
    title="Deribit",
    notes=(
        "What a key may do is not told; leave withdrawals out of it.",
        "Its dead-man switch covers only orders sent over a websocket; ours are sent by requests.",
        "An account has one wallet for each coin: there is nothing to move.",
        "Fees are as listed, before a discount of the account; margin rates are not told.",
        "Its positions and trades were not recorded: they are read as documented.",
    ),
    environments={
        "mainnet": Reach(("www.deribit.com",)),
        "testnet": Reach(("test.deribit.com",), switch="set_sandbox_mode"),
    },
    options={},
    listing_params={"kind": "future"},
    rate_limit_ms=Decimal(50),
    limit_per_hour=72_000,  # 20 a second, sustained
    routes=frozenset(("GET", f"/api/v2/{path}") for path in _READS.split()),
    write_routes=frozenset(("GET", f"/api/v2/{path}") for path in _WRITES.split()),
    access=accounts.access,
    wallet=accounts.SUMMARIES,
    balances=deribit_rows.balances,
    margin=accounts.margin,
    positions=(Read("privateGetGetPositions", _RESULT, {"currency": "any"}),),
    leg=deribit_rows.leg,
    is_one_way=lambda _: True,  # there is nothing else
    coins_of=deribit_rows.coins_of,
    accounts=accounts.ACCOUNTS,
    members=accounts.MEMBERS,
    accounts_a_second=5,
    accounts_advice="it needs the scopes account:read and wallet:read, of the main account",
    chains=accounts.CHAINS,
    notices=accounts.NOTICES,
    contracts=dict.fromkeys(Kind, Contracts(listing=("future",))),
    amounts_in_contracts=False,
    delisting=deribit_rows.delisting,
    market_key="instrument_name",
    tickers=(Read("publicGetTicker", _RESULT, one=True),),
    prices=deribit_rows.prices,
    best=deribit_rows.best,
    spot_tickers=Read("publicGetTicker", _RESULT, one=True),
    spot_market="{}_USDC",
    fee_rates=Read("publicGetGetInstrument", _RESULT, one=True),
    fees=deribit_rows.fees,
    depth=Read("publicGetGetOrderBook", _RESULT, {"depth": "50"}),
    styles={Style.IOC: {"timeInForce": "IOC"}, Style.POST_ONLY: {"postOnly": True}},
    deadline=Deadline(5, params=deribit_rows.expiry, signed_s=60),
    client_id_param="label",
    order_id_param="label",
    cancel=Read("privateGetCancelByLabel", _RESULT, market=_by_coin),
    order_lookups=(Read("privateGetGetOrderStateByLabel", _RESULT, market=_by_coin),),
    open_orders=Read("privateGetGetOpenOrdersByInstrument", _RESULT),
    report=deribit_rows.report,
    from_param="start_timestamp",
    to_param="end_timestamp",
    longest_span=timedelta(days=30),
    fills=Read(
        "privateGetGetUserTradesByInstrumentAndTime",
        ("result", "trades"),
        {"count": "1000", "sorting": "asc", "end_timestamp": accounts.FOREVER_MS},
        page=1000,
        last="timestamp",
        cursor_param="start_timestamp",
        oldest_first=True,
        market=_by_name,
    ),
    fill=deribit_rows.fill,
    flows=accounts.FLOWS,
    code=deribit_rows.code,
    **codes.DERIBIT,
    limit_pauses_s={"10028": 2},
)
