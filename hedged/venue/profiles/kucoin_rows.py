"""How KuCoin states futures accounts, positions, prices, orders and fills, in contracts.

Bitcoin is called XBT. Sizes of positions are signed. An account tells of one coin at a time.
"""

from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import plain
from hedged.core.types import Flow, FlowKind, Instrument, Kind
from hedged.ports import NO_LIQUIDITY, WOULD_TAKE, Fill, FillKind, OrderReport
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm, average_of, meant

_NAMES: Final = {"XBT": "BTC"}
_SIDES: Final = {"": True, "BOTH": True, "LONG": False, "SHORT": False}
_FILLS: Final = {
    "trade": FillKind.TRADE,
    "cancel": FillKind.TRADE,
    "liquid": FillKind.LIQUIDATION,
    "liquidation": FillKind.LIQUIDATION,
    "adl": FillKind.ADL,
    "settlement": FillKind.SETTLEMENT,
}


def coin(name: str) -> str:
    """The coin that KuCoin calls by this name."""
    return _NAMES.get(name, name)


def by_coin(wanted: str) -> dict[str, str]:
    """Asks for the account of one coin."""
    return {"currency": next((name for name, its in _NAMES.items() if its == wanted), wanted)}


async def access(client: Any) -> Access:
    """The account, and what this key may do there."""
    told = row_at("api key", await client.privateGetUserApiKey(), ("data",))
    rights = told.text("permission").split(",")
    return Access(
        account_id=told.name("uid"),
        may_trade="Futures" in rights,
        may_withdraw="Withdrawal" in rights,
        is_bound=bool(told.optional_text("ipWhitelist")),
    )


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """XBTUSDM, XBTUSDTM, XBTUSDCM, XBTMU26 (dated, inverse)."""
    for quote in ("USDTM", "USDCM", "USDM"):
        if market_id.endswith(quote):
            base = coin(market_id.removesuffix(quote))
            return base, base if kind is Kind.INVERSE else quote.removesuffix("M")
    base = coin(market_id[:3])
    return base, base


def kind(market_id: str) -> Kind:
    """What is in a stablecoin is linear."""
    return Kind.LINEAR if market_id.endswith(("USDTM", "USDCM")) else Kind.INVERSE


def is_one_way(row: Row) -> bool:
    """Hedge mode has a long and a short beside each other; older replies know no such mode."""
    side = row.optional_text("positionSide")
    if side not in _SIDES:
        raise row.odd("positionSide", "a known side")
    return _SIDES[side]


def _reason(row: Row) -> str:
    if row.values.get("postOnly") is True:
        return WOULD_TAKE
    return NO_LIQUIDITY if row.optional_text("timeInForce") == "IOC" else ""


WALLET: Final = WalletForm(
    coin="currency",
    wallet=("marginBalance",),
    gains=("unrealisedPNL",),
    equity="accountEquity",
    own_name=coin,
)
POSITION: Final = PositionForm(
    quantity=lambda row: row.number("currentQty"),
    entry="avgEntryPrice",
    pnl="unrealisedPnl",
    kind=kind,
)
PRICE: Final = PriceForm(
    bid="bestBidPrice",
    ask="bestAskPrice",
    last="price",
    rate="fundingFeeRate",
    next="",
    interval=Decimal(8),
)
ORDER: Final = OrderForm(
    client_id="clientOid",
    venue_id="id",
    quantity="size",
    filled="filledSize",
    average="average",
    working=frozenset({"open"}),
    done=frozenset({"done"}),
    created="createdAt",
    reason=_reason,
)
FILL: Final = FillForm(
    trade_id=("tradeId",),
    quantity="size",
    fee="fee",
    fee_coin="feeCoin",
    is_maker=lambda row: meant(row, "liquidity", {"taker": False, "maker": True}),
    at="createdAt",
    kind=lambda row: meant(row, "tradeType", _FILLS),
)


FUNDING: Final = FlowForm(
    flow_id=("what", "id"),
    kind="what",
    kinds={"funding": FlowKind.FUNDING},
    change="funding",
    coin="settleCurrency",
    at="timePoint",
)
FLOW: Final = FlowForm(
    flow_id=("type", "currency", "time", "offset"),
    kind="type",
    # Profit is told of all fills and payments since eight hours before.
    kinds={
        "RealisedPNL": FlowKind.SETTLEMENT,
        **dict.fromkeys(("Deposit", "Withdrawal"), FlowKind.TRANSFER),
        **dict.fromkeys(("TransferIn", "TransferOut"), FlowKind.TRANSFER),
    },
    change="change",
    coin="currency",
    market="",
)


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order; it tells what its fills were worth, in the coin that the contract settles in."""
    filled, value = row.unsigned("filledSize"), row.optional_price("filledValue")
    return ORDER.report(row.also(average=average_of(filled, value, instrument)), instrument)


def fill(row: Row, instrument: Instrument) -> Fill | None:
    """An execution."""
    return FILL.fill(row.also(feeCoin=coin(row.text("feeCurrency"))), instrument)


def funding(row: Row) -> Flow:
    """A payment of funding, received above 0."""
    return FUNDING.flow(row.also(what="funding", settleCurrency=coin(row.text("settleCurrency"))))


def flow(row: Row) -> Flow | None:
    """A line of the account's log; None: a profit that is not settled yet."""
    if meant(row, "status", {"Completed": False, "Pending": True}):
        return None
    amount = row.number("amount")
    if row.text("type") in {"Withdrawal", "TransferOut"}:
        amount = -abs(amount)  # whatever sign it is told with
    return FLOW.flow(row.also(change=plain(amount), currency=coin(row.text("currency"))))
