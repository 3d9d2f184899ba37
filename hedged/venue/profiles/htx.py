"""HTX: inverse perpetual swaps with an account per coin; only read.

Client ids of orders are numbers of 63 bits there, and hedged's have twice as many: one would be
dropped on its way (ccxt sends what is no number as none), and what stands for it could not be read
back as it after a restart, so that a fill of ours would look like somebody else's. Each order also
states a leverage, which is refused unless it is the position's, and none says until when it may be
placed.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.types import Kind
from hedged.venue.profiles import htx_rows as rows
from hedged.venue.profiles.forms import fee_rates
from hedged.venue.profiles.profile import Contracts, Profile, Reach
from hedged.venue.profiles.reads import Log, Read, routes

_DATA: Final = ("data",)
_PUBLIC: Final = (
    "api/v1/timestamp swap-api/v1/swap_contract_info swap-api/v1/swap_index "
    "swap-api/v1/swap_funding_rate swap-ex/market/depth swap-ex/market/detail/merged "
    "index/market/history/swap_mark_price_kline v2/user/uid v2/user/api-key"
)
# Reads, although they are POSTs.
_PRIVATE: Final = (
    "v1/swap_account_info v1/swap_position_info v1/swap_fee v1/swap_openorders "
    "v3/swap_matchresults v3/swap_financial_record"
)


async def _listing(client: Any, params: dict[str, str]) -> Any:
    return await client.fetch_markets_by_type_and_sub_type("swap", "inverse", params)


def _of_contract(market: Any) -> dict[str, str]:
    return {"contract": market["id"]}


HTX: Final = Profile(
    exchange="htx",
    title="HTX",
    notes=(
        "It settles sessions: what is unrealised runs from the held cost.",
        "A market can hold a long and a short beside each other; hedged reads one of them.",
        "Coins outside its account of swaps are not read: enter them as `static`.",
    ),
    only_read="client ids are numbers there, too short to hold one of hedged's, so that after a "
    "restart its own fills could not be told from others'",
    environments={"mainnet": Reach(("api.hbdm.vn", "api.huobi.pro"))},
    options={"defaultType": "swap", "defaultSubType": "inverse"},
    listing=_listing,
    rate_limit_ms=Decimal(50),
    limit_per_hour=86_400,  # 72 in 3 s, of private reads
    routes=routes("GET", "/", _PUBLIC) | routes("POST", "/swap-api/", _PRIVATE),
    access=rows.access,
    wallet=Read("contractPrivatePostSwapApiV1SwapAccountInfo", _DATA),
    absent_is_zero=True,
    balances=rows.WALLET.balances,
    positions=(Read("contractPrivatePostSwapApiV1SwapPositionInfo", _DATA),),
    leg=rows.POSITION.leg,
    coins_of=rows.coins_of,
    contracts={Kind.INVERSE: Contracts()},
    amounts_in_contracts=True,
    least_is_lot=True,
    market_key="contract_code",
    tickers=(
        Read("contractPublicGetSwapExMarketDetailMerged", ("tick",), one=True, market=rows.by_code),
        Read(
            *("contractPublicGetIndexMarketHistorySwapMarkPriceKline", _DATA),
            {"period": "1min", "size": "1"},
            market=rows.by_code,
            prefix="mark.",
        ),
        Read("contractPublicGetSwapApiV1SwapIndex", _DATA),
        Read("contractPublicGetSwapApiV1SwapFundingRate", _DATA, one=True),
    ),
    prices=rows.prices,
    best=rows.PRICE.best,
    depth=Read("contractPublicGetSwapExMarketDepth", ("tick",), {"type": "step0"}),
    fee_rates=Read("contractPrivatePostSwapApiV1SwapFee", _DATA),
    fees=fee_rates("open_taker_fee", "open_maker_fee"),
    styles={},
    client_id_param="client_order_id",
    order_lookups=(),
    open_orders=Read(
        *("contractPrivatePostSwapApiV1SwapOpenorders", ("data", "orders"), {"page_size": "50"}),
        page=50,
    ),
    report=rows.report,
    from_param="start_time",
    to_param="end_time",
    longest_span=timedelta(days=2),
    fills=Read(
        *("contractPrivatePostSwapApiV3SwapMatchresults", _DATA, {"trade_type": "0"}),
        page=50,
        market=_of_contract,
    ),
    fill=rows.FILL.fill,
    flows=(
        Log(
            Read(
                *("contractPrivatePostSwapApiV3SwapFinancialRecord", _DATA),
                last="query_id",
                cursor_param="from_id",
                page=50,
                market=_of_contract,
            ),
            rows.flow,
        ),
    ),
    code=lambda reply: (
        reply.get("err_code") or reply.get("err-code"),
        reply.get("err_msg") or reply.get("err-msg"),
    ),
    rejections=frozenset(),
    gone=frozenset(),
    limit_pauses_s={"1032": 3},
)
