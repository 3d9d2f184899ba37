"""How MEXC states futures accounts, positions, prices, orders and fills; all in contracts.

A side is a number: 1 opens a long, 2 closes a short, 3 opens a short, 4 closes a long. A position
tells neither mark nor profit: what its coin's equity has beside the wallet is the profit of all.
"""

from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import plain
from hedged.core.types import Flow, FlowKind, Kind, Side
from hedged.ports import NO_LIQUIDITY, WOULD_TAKE, FillKind
from hedged.venue.fields import Row
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm, signed
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm, meant

_SIDES: Final = {"1": Side.BUY, "2": Side.BUY, "3": Side.SELL, "4": Side.SELL}
_CLOSING: Final = frozenset({2, 4})
_KINDS: Final = {
    "1": FillKind.TRADE,
    "2": FillKind.LIQUIDATION,
    "3": FillKind.SETTLEMENT,  # closed at a delisting
    "4": FillKind.ADL,
}
_REASONS: Final = {"2": WOULD_TAKE, "3": NO_LIQUIDITY}  # by the kind of an order


async def access(_client: Any) -> Access:
    """MEXC tells what an account may do, and nothing of a key."""
    return Access()


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """BTC_USD, BTC_USDT."""
    base, _, quote = market_id.partition("_")
    return base, base if kind is Kind.INVERSE else quote


def kind(market_id: str) -> Kind:
    """A contract in USD is paid in its coin."""
    return Kind.INVERSE if market_id.endswith("_USD") else Kind.LINEAR


def _side(row: Row) -> Side:
    return meant(row, "side", _SIDES)


WALLET: Final = WalletForm(coin="currency", equity="equity", gains=("unrealized",))
POSITION: Final = PositionForm(
    quantity=signed("holdVol", "positionType", {"1": 1, "2": -1}),
    entry="holdAvgPrice",
    liquidation="liquidatePrice",
    mark="",
    kind=kind,
)
PRICE: Final = PriceForm(
    mark="fairPrice",
    bid="bid1",
    ask="ask1",
    rate="fundingRate",
    next="nextSettleTime",
    interval="collectCycle",
)
ORDER: Final = OrderForm(
    client_id="externalOid",
    side=_side,
    quantity="vol",
    filled="dealVol",
    average="dealAvgPrice",
    state="state",
    working=frozenset({"1", "2"}),
    done=frozenset({"3", "4", "5"}),
    reduce_only=lambda row: row.number("side") in _CLOSING,
    created="createTime",
    reason=lambda row: _REASONS.get(row.name("orderType"), ""),
)
FUNDING: Final = FlowForm(
    flow_id=("what", "id"),
    kind="what",
    kinds={"funding": FlowKind.FUNDING},
    change="funding",
    coin="coin",
    at="settleTime",
)
TRANSFER: Final = FlowForm(
    flow_id=("what", "id"),
    kind="what",
    kinds=dict.fromkeys(("IN", "OUT"), FlowKind.TRANSFER),
    change="change",
    coin="currency",
    at="createTime",
    market="",
)
FILL: Final = FillForm(
    side=_side,
    quantity="vol",
    fee="fee",
    fee_coin="feeCurrency",
    is_maker=lambda row: not row.flag("taker"),
    at="timestamp",
    kind=lambda row: meant(row, "category", _KINDS),
)


def funding(row: Row) -> Flow:
    """A payment of funding, received above 0."""
    market_id = row.text("symbol")
    return FUNDING.flow(row.also(what="funding", coin=coins_of(market_id, kind(market_id))[1]))


def transfer(row: Row) -> Flow | None:
    """Coins that came from another account, or went there; None: they did not."""
    way = meant(row, "type", {"IN": 1, "OUT": -1})
    if not meant(row, "state", {"SUCCESS": True, "FAILED": False, "WAIT": False}):
        return None
    return TRANSFER.flow(
        row.also(what=row.text("type"), change=plain(way * row.positive("amount")))
    )
