"""How Gate v4 states futures accounts, positions, prices, orders, fills and its account book.

Sizes are in contracts, and signed: a sale is negative. Times are in seconds. A client id is the
`text` of an order, after "t-"; orders that the venue made say there what for.
"""

from collections.abc import Collection
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO, plain
from hedged.core.types import CoinBalance, Flow, FlowKind, Instrument, Kind, Level
from hedged.ports import NO_LIQUIDITY, REDUCE_ONLY, WOULD_TAKE, Fill, FillKind, OrderReport
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm
from hedged.venue.profiles.books import Book
from hedged.venue.profiles.forms import (
    FillForm,
    OrderForm,
    PriceForm,
    in_seconds,
    meant,
    side_of_sign,
)
from hedged.venue.profiles.profile import Leg, Prices

PREFIX: Final = "t-"
_NO_LIQUIDATION: Final = 99_999_999  # USD; what stands for none
_REASONS: Final = {"ioc": NO_LIQUIDITY, "poc": WOULD_TAKE, "reduce_only": REDUCE_ONLY}


async def access(client: Any) -> Access:
    """The account, and whether its key is bound to addresses."""
    told = row_at("account", await client.privateAccountGetDetail(), ())
    return Access(account_id=told.name("user_id"), is_bound=bool(told.values.get("ip_whitelist")))


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """BTC_USD, BTC_USDT."""
    base, _, quote = market_id.partition("_")
    return base, base if kind is Kind.INVERSE else quote


def is_one_way(row: Row) -> bool:
    """Hedge mode has a long and a short beside each other."""
    modes = {"single": True, "dual_long": False, "dual_short": False}
    return meant(row, "mode", modes)


def delisting(listing: Row) -> str | None:
    """Why a market is about to go."""
    return "it is being delisted" if listing.flag("in_delisting") else None


def book(reply: Row) -> Book:
    """Bids and asks: objects of price and contracts."""
    return _levels(reply, "bids"), _levels(reply, "asks")


def _levels(reply: Row, side: str) -> tuple[Level, ...]:
    entries = reply.values.get(side)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise reply.odd(side, "a list of prices and sizes")
    rows = [Row(f"{reply.what}: {side}", entry) for entry in entries]
    return tuple(Level(row.positive("p"), row.positive("s")) for row in rows)


def own_id(text: str) -> str:
    """The client id in a text; empty where the order is not of an API user's naming."""
    return text.removeprefix(PREFIX) if text.startswith(PREFIX) else ""


def _forced(text: str) -> FillKind:
    if "liq" in text:
        return FillKind.LIQUIDATION
    return FillKind.ADL if "deleverag" in text else FillKind.TRADE


WALLET: Final = WalletForm(
    coin="currency",
    wallet=("position_margin", "order_margin", "available"),
    gains=("unrealised_pnl",),
    equity="equity",
)
POSITION: Final = PositionForm(
    market="contract",
    quantity=lambda row: row.number("size"),
    entry="entry_price",
    pnl="unrealised_pnl",
    liquidation="liq_price",
    mark="mark_price",
)
PRICE: Final = PriceForm(
    mark="mark_price",
    index="index_price",
    bid="highest_bid",
    ask="lowest_ask",
    last="last",
    rate="funding_rate",
    next="funding_next_apply",
    interval="hours",
    time=in_seconds,
)
ORDER: Final = OrderForm(
    client_id="text",
    venue_id="id",
    side=side_of_sign("size"),
    quantity="size",
    filled="filled",
    average="fill_price",
    working=frozenset({"open"}),
    done=frozenset({"finished"}),
    reduce_only=lambda row: row.flag("is_reduce_only"),
    created="create_time",
    time=in_seconds,
    reason=lambda row: _REASONS.get(
        row.optional_text("finish_as"), row.optional_text("finish_as").replace("cancelled", "")
    ),
    own_id=own_id,
    is_signed=True,
)
FILL: Final = FillForm(
    trade_id=("id",),
    client_id="text",
    venue_id="order_id",
    side=side_of_sign("size"),
    quantity="size",
    fee="fee",
    fee_coin="",
    is_maker=lambda row: meant(row, "role", {"taker": False, "maker": True}),
    at="create_time",
    time=in_seconds,
    kind=lambda row: _forced(row.optional_text("text")),
    own_id=own_id,
    is_signed=True,
)
FLOW: Final = FlowForm(
    flow_id=("told_at", "type", "text"),
    kind="type",
    kinds={
        "dnw": FlowKind.TRANSFER,
        "pnl": FlowKind.TRADE,
        "fee": FlowKind.TRADE,
        "fund": FlowKind.FUNDING,
    },
    change="change",
    coin="coin",
    market="contract",
    balance="balance",
    time=in_seconds,
    fees=frozenset({"fee"}),
)


def balances(rows: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """The one coin of the account, whose total is told without the unrealised profit."""
    equities = [plain(row.number("total") + row.number("unrealised_pnl")) for row in rows]
    told = [row.also(equity=equity) for row, equity in zip(rows, equities, strict=True)]
    return WALLET.balances(told, coins)


def leg(row: Row, kind: Kind) -> Leg | None:
    """A position; a liquidation price out of reach stands for none."""
    price = row.optional("liq_price") or ZERO
    return POSITION.leg(row.also(liq_price="0") if price >= _NO_LIQUIDATION else row, kind)


def prices(row: Row) -> Prices:
    """Listing and ticker of a market, put together; its interval is in seconds."""
    hours = row.positive("funding_interval") / 3600
    return PRICE.prices(row.also(hours=plain(hours)))


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order; what is left of it is told, with its sign."""
    filled = plain(abs(row.number("size")) - abs(row.number("left")))
    return ORDER.report(row.also(filled=filled), instrument)


def fill(row: Row, instrument: Instrument) -> Fill | None:
    """An execution, whose number the documentation calls `trade_id` and the venue `id`."""
    told = row if "id" in row.values else row.also(id=row.values.get("trade_id"))
    return FILL.fill(told, instrument)


def flow(coin: str, row: Row) -> Flow:
    """A line of the account book of one coin; it has no number."""
    return FLOW.flow(row.also(told_at=str(row.values.get("time")), coin=coin))
