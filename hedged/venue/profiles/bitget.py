"""Bitget: COIN-M futures, which are only read; USDT-M is in a module of its own.

The orders of COIN-M are sized in coins, while what they change is a value in USD: how many dollars
an order is worth depends on its fills.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hedged.core.types import Kind
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import bitget_rows as rows
from hedged.venue.profiles.forms import fee_rates, named_by
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Completion, Log, Read, by_symbol, newest_first, routes

_DATA: Final = ("data",)
_INVERSE: Final = {"productType": "COIN-FUTURES"}
_MIX: Final = (
    "market/contracts market/ticker market/symbol-price market/current-fund-rate "
    "market/merge-depth market/query-position-lever account/account account/accounts account/bill "
    "position/all-position order/detail order/orders-pending order/fills"
)
_OTHERS: Final = "spot/account/info spot/account/assets account/funding-assets common/trade-rate"


def _with_coin(market: Any) -> dict[str, str]:
    return {"symbol": market["id"], "marginCoin": market["settleId"]}


def pages(method: str, rows_key: str, last: str, **more: Any) -> Read:
    """A list, newest first."""
    return newest_first(method, ("data", rows_key), last, "idLessThan", **more)


def of_order(params: Mapping[str, str]) -> Completion:
    """What the order of a fill adds to it."""
    read = Read("privateMixGetV2MixOrderDetail", _DATA, params, one=True)
    return Completion(read, "orderId", named_by("clientOid"))


COIN_M: Final = Profile(
    exchange="bitget",
    title="Bitget",
    needs_passphrase=True,
    notes=(
        "COIN-M (inverse) and USDT-M (linear) are two accounts: hedges of one kind per venue.",
        "The account must not be a unified one.",
    ),
    only_read="they are sized in coins, so that how many dollars one changes the hedge by is known "
    "from its fills only, and none could be held to a limit",
    environments={
        "mainnet": Reach(("api.bitget.com",)),
        "testnet": Reach(("api.bitget.com",), switch="set_sandbox_mode", mark=("PAPTRADING", "1")),
    },
    options={"defaultType": "swap", "defaultSubType": "inverse", "uta": False},
    listing=rows.inverse_listing,
    rate_limit_ms=Decimal(10),
    limit_per_hour=36_000,  # 10 a second, of account data
    clock=rows.clock,
    routes=routes("GET", "/api/v2/mix/", _MIX) | routes("GET", "/api/v2/", _OTHERS),
    access=rows.access,
    wallet=Read("privateMixGetV2MixAccountAccounts", _DATA, _INVERSE),
    absent_is_zero=True,
    balances=rows.WALLET.balances,
    positions=(Read("privateMixGetV2MixPositionAllPosition", _DATA, _INVERSE),),
    leg=rows.inverse_leg,
    is_one_way=rows.is_one_way,
    position_mode=Read("privateMixGetV2MixAccountAccount", _DATA, one=True, market=_with_coin),
    one_way_advice="close its positions and orders, then choose One-way mode in the preferences of "
    "its futures page on Bitget (or call /api/v2/mix/account/set-position-mode with one_way_mode)",
    coins_of=rows.coins_of,
    accounts=rows.ACCOUNTS,
    accounts_a_second=5,
    accounts_advice="it needs the permission Read",
    contracts={Kind.INVERSE: Contracts(listing=("swap",), only=_INVERSE)},
    contract_size=Decimal(1),
    amounts_in_contracts=False,
    market_key="symbol",
    tickers=(
        Read("publicMixGetV2MixMarketTicker", _DATA),
        Read("publicMixGetV2MixMarketSymbolPrice", _DATA),
        Read("publicMixGetV2MixMarketCurrentFundRate", _DATA),
    ),
    prices=rows.PRICE.prices,
    best=rows.PRICE.best,
    depth=Read("publicMixGetV2MixMarketMergeDepth", _DATA, {"limit": "50"}),
    book=rows.inverse_book,
    fee_rates=Read(
        *("privateCommonGetV2CommonTradeRate", _DATA, {"businessType": "mix"}),
        one=True,
        market=by_symbol,
    ),
    fees=fee_rates("takerFeeRate", "makerFeeRate"),
    risk_limits=Read("publicMixGetV2MixMarketQueryPositionLever", _DATA),
    maintenance=lambda tiers: min(tier.positive("keepMarginRate") for tier in tiers),
    deadline=Deadline(30),
    client_id_param="clientOid",
    order_lookups=(Read("privateMixGetV2MixOrderDetail", _DATA, one=True),),
    open_orders=pages("privateMixGetV2MixOrderOrdersPending", "entrustedList", "orderId"),
    report=rows.inverse_report,
    fills=pages("privateMixGetV2MixOrderFills", "fillList", "tradeId", market=by_symbol),
    fill=rows.inverse_fill,
    completion=of_order(_INVERSE),
    flows=(
        Log(pages("privateMixGetV2MixAccountBill", "bills", "billId", params=_INVERSE), rows.flow),
    ),
    rejections=frozenset(),
    gone=frozenset(),
    absent=frozenset({"40109", "40768", "43001"}),
    limit_pauses_s={"429": 2, "http-429": 2},
)
