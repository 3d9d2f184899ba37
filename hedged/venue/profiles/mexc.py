"""MEXC: perpetual futures in one account, inverse and linear ones; sized in contracts."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.types import Kind
from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import codes
from hedged.venue.profiles import mexc_rows as rows
from hedged.venue.profiles.forms import named_by
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Completion, Log, Read, Store, by_symbol, routes

_DATA: Final = ("data",)
_PUBLIC: Final = "ping detail ticker funding_rate/* depth/*"
_PRIVATE: Final = (
    "account/assets position/open_positions position/position_mode order/list/open_orders/* "
    "order/external/*/* order/get/* order/list/order_deals position/funding_records "
    "account/transfer_record"
)


def _latest(method: str) -> Read:
    """A list of which only the latest rows are told, newest first."""
    listed = ("data", "resultList")
    return Read(method, listed, {"page_size": "100"}, page=100, span=("", ""))


MEXC: Final = Profile(
    exchange="mexc",
    title="MEXC",
    notes=(
        "Its lists of funding and transfers tell of the latest hundred each.",
        "Positions tell no profit of their own; it is known for all of a coin together.",
        "What a key may do is not told; leave withdrawals out of it.",
    ),
    environments={"mainnet": Reach(("api.mexc.com",))},
    options={"defaultType": "swap"},
    listing=lambda client, params: client.fetch_swap_markets(params),
    rate_limit_ms=Decimal(10),  # ccxt counts 2 for each request, and 100 for the listing
    limit_per_hour=36_000,  # 20 in 2 s
    routes=routes("GET", "/api/v1/contract/", _PUBLIC)
    | routes("GET", "/api/v1/private/", _PRIVATE)
    | routes("GET", "/api/v3/", "account"),
    write_routes=routes("POST", "/api/v1/private/order/", "create cancel_with_external"),
    access=rows.access,
    wallet=Read("contractPrivateGetAccountAssets", _DATA),
    absent_is_zero=True,
    balances=rows.WALLET.balances,
    positions=(Read("contractPrivateGetPositionOpenPositions", _DATA),),
    leg=rows.POSITION.leg,
    position_mode=Read("contractPrivateGetPositionPositionMode", (), one=True),
    is_one_way_mode=lambda row: row.number("data") == 2,  # noqa: PLR2004 - MEXC's number for it
    one_way_advice="close its positions and orders, then choose One-Way Mode in the preferences of "
    "its futures page on MEXC (or call /api/v1/private/position/change_position_mode with 2)",
    coins_of=rows.coins_of,
    accounts={
        "spot": (
            Store(Read("spotPrivateGetAccount", ("balances",)), ("free", "locked"), coin="asset"),
        )
    },
    accounts_a_second=2,
    accounts_advice="it needs the permission to read the spot account",
    contracts={Kind.INVERSE: Contracts(), Kind.LINEAR: Contracts()},
    amounts_in_contracts=True,
    market_key="symbol",
    tickers=(
        Read("contractPublicGetTicker", _DATA, one=True),
        Read("contractPublicGetFundingRateSymbol", _DATA, one=True, market=by_symbol),
    ),
    prices=rows.PRICE.prices,
    best=rows.PRICE.best,
    depth=Read("contractPublicGetDepthSymbol", _DATA, {"limit": "50"}),
    styles={
        # ccxt drops `timeInForce` here: the order would rest.
        Style.IOC: {"type": 3, "positionMode": 2},
        Style.POST_ONLY: {"postOnly": True, "positionMode": 2},
    },
    deadline=Deadline(10),
    client_id_param="externalOid",
    cancel=Read("contractPrivatePostOrderCancelWithExternal", (), market=by_symbol),
    order_lookups=(
        Read(
            *("contractPrivateGetOrderExternalSymbolExternalOid", _DATA),
            one=True,
            or_none=True,
            id_param="external_oid",
        ),
    ),
    open_orders=Read(
        "contractPrivateGetOrderListOpenOrdersSymbol", _DATA, {"page_size": "100"}, page=100
    ),
    report=rows.ORDER.report,
    from_param="start_time",
    to_param="end_time",
    longest_span=timedelta(days=30),
    fills=Read(
        "contractPrivateGetOrderListOrderDeals",
        _DATA,
        {"page_size": "100"},
        page=100,
        market=by_symbol,
    ),
    fill=rows.FILL.fill,
    completion=Completion(
        Read("contractPrivateGetOrderGetOrderId", _DATA, one=True),
        "order_id",
        named_by("externalOid"),
    ),
    flows=(
        Log(_latest("contractPrivateGetPositionFundingRecords"), rows.funding),
        Log(_latest("contractPrivateGetAccountTransferRecord"), rows.transfer),
    ),
    code=lambda reply: (reply.get("code"), reply.get("message") or reply.get("msg")),
    **codes.MEXC,
    limit_pauses_s={"510": 2},
)
