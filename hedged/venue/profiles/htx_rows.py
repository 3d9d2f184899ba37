"""How HTX states coin-margined swaps: accounts, positions, prices, orders and fills, in contracts.

It settles sessions: profit moves into the static balance, what is unrealised runs from the held
cost (the last settlement price, or the entry where that is later) to the last price, and the cost
that a position was opened at stays. A market holds a long and a short beside each other.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.types import Flow, FlowKind, Instrument, Kind, Side
from hedged.ports import FillKind, OrderReport
from hedged.venue.fields import Row, rows_at
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm, signed
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm, meant, side_of
from hedged.venue.profiles.profile import Prices

_SOURCES: Final = {
    "risk": FillKind.LIQUIDATION,
    "adl": FillKind.ADL,
    "settlement": FillKind.SETTLEMENT,
}


def by_code(market: Mapping[str, Any]) -> dict[str, str]:
    """Names a market in a request whose reply need not repeat the name."""
    return {"contract_code": market["id"]}


async def access(client: Any) -> Access:
    """The account, and what this key may do there."""
    told = Row("account", await client.v2PrivateGetUserUid())
    uid = told.name("data")
    keys = rows_at("api key", await client.v2PrivateGetUserApiKey({"uid": uid}), ("data",))
    ours = [key for key in keys if key.values.get("accessKey") == client.apiKey]
    if not ours:
        return Access(account_id=uid)
    rights = ours[0].text("permission").split(",")
    return Access(
        account_id=uid,
        may_trade="trade" in rights,
        may_withdraw="withdraw" in rights,
        is_bound=bool(ours[0].optional_text("ipAddresses")),
    )


def coins_of(market_id: str, _kind: Kind) -> tuple[str, str]:
    """BTC-USD."""
    base = market_id.partition("-")[0]
    return base, base


def _side(row: Row) -> Side:
    return side_of(row, "direction")


WALLET: Final = WalletForm(
    coin="symbol", wallet=("margin_static",), gains=("profit_unreal",), equity="margin_balance"
)
POSITION: Final = PositionForm(
    market="contract_code",
    quantity=signed("volume", "direction", {"buy": 1, "sell": -1}),
    entry="cost_open",
    pnl="profit_unreal",
    pnl_from="cost_hold",
    liquidation="liquidation_price",
    mark="last_price",  # which is what profit is reckoned with
)
PRICE: Final = PriceForm(
    mark="mark.close",
    index="index_price",
    bid="bid_price",
    ask="ask_price",
    last="close",
    rate="funding_rate",
    next="funding_time",
    interval=Decimal(8),
)
ORDER: Final = OrderForm(
    client_id="ours",
    venue_id="order_id_str",
    side=_side,
    quantity="volume",
    filled="trade_volume",
    average="trade_avg_price",
    working=frozenset({"1", "2", "3", "4", "11"}),
    done=frozenset({"5", "6", "7"}),
    reduce_only=lambda row: meant(row, "offset", {"open": False, "close": True, "both": False}),
    created="created_at",
)
FILL: Final = FillForm(
    venue_id="order_id_str",
    side=_side,
    quantity="trade_volume",
    price="trade_price",
    fee="trade_fee",
    paid=-1,
    fee_coin="fee_asset",
    is_maker=lambda row: meant(
        row, "role", {"Taker": False, "Maker": True, "taker": False, "maker": True}
    ),
    at="create_date",
    kind=lambda row: _SOURCES.get(row.text("order_source"), FillKind.TRADE),
)


FLOW: Final = FlowForm(
    flow_id=("id",),
    kind="type",
    kinds={
        **dict.fromkeys(("3", "4", "5", "6", "7", "8"), FlowKind.TRADE),  # profit, and fees
        **dict.fromkeys(("9", "10", "11", "16", "17"), FlowKind.SETTLEMENT),
        **dict.fromkeys(("12", "13"), FlowKind.LIQUIDATION),
        **dict.fromkeys(("46", "47"), FlowKind.ADL),
        **dict.fromkeys(("30", "31"), FlowKind.FUNDING),
        **dict.fromkeys(("14", "15"), FlowKind.TRANSFER),  # from and to the spot account
        **dict.fromkeys(("34", "35", "36", "37"), FlowKind.TRANSFER),  # of sub-accounts
    },
    change="amount",
    coin="coin",
    at="ts",
    market="contract_code",
    fees=frozenset({"5", "6", "7", "8", "11"}),
)


def flow(row: Row) -> Flow:
    """A financial record, of one contract's coin."""
    return FLOW.flow(row.also(coin=coins_of(row.text("contract_code"), Kind.INVERSE)[0]))


def prices(row: Row) -> Prices:
    """Mark, index, best prices and funding of a market, put together."""
    return PRICE.prices(row.also(bid_price=_best(row, "bid"), ask_price=_best(row, "ask")))


def _best(row: Row, side: str) -> Any:
    """The price on one side; None: nobody offers any."""
    best = row.values.get(side)
    if best is not None and not (isinstance(best, list) and best):
        raise row.odd(side, "a price and a size")
    return best[0] if best else None


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order; client ids are numbers there."""
    told = row.values.get("client_order_id")
    return ORDER.report(row.also(ours="" if told is None else str(told)), instrument)
