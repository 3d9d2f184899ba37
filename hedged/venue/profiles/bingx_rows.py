"""How BingX states accounts, positions, prices, orders and fills, of both kinds of contracts.

Coin-M sizes are in contracts, USDT-M ones in coins. A position says LONG, SHORT or BOTH: the last
is one-way mode and signed, as is the others' where `onlyOnePosition` says so. Order books come with
the worst ask first. A fee that is paid is negative.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO, plain
from hedged.core.types import Amount, FlowKind, Instrument, Kind, Side
from hedged.ports import NO_LIQUIDITY, Fill, FillKind, OrderReport
from hedged.venue.fields import Row, row_at, rows_at
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm
from hedged.venue.profiles.books import Book, levels
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm, meant, named_by, side_of

TRADE: Final = 3  # of a key's permissions: perpetual futures
WITHDRAW: Final = 5
_NAMED: Final = named_by("clientOrderId")
DONE: Final = frozenset({"FILLED", "CANCELED", "CANCELLED", "EXPIRED", "FAILED"})


async def access(client: Any) -> Access:
    """The account, and what this key may do there."""
    told = row_at("account", await client.accountV1PrivateGetUid(), ("data",))
    keys = rows_at("api key", await client.accountV1PrivateGetApiKeyQuery(), ("data", "apiInfos"))
    key = next(iter(keys), Row("api key", {})).values
    rights, addresses = key.get("permissions"), key.get("ipAddresses")
    return Access(
        account_id=told.name("uid"),
        may_trade=TRADE in rights if isinstance(rights, list) else None,
        may_withdraw=WITHDRAW in rights if isinstance(rights, list) else None,
        is_bound=any(addresses) if isinstance(addresses, list) else None,
    )


async def inverse_listing(client: Any, params: dict[str, str]) -> Any:
    """Coin-M's markets, whose lots are their least orders: whole contracts."""
    markets = await client.fetch_inverse_swap_markets(params)
    for market in markets:
        market["precision"]["amount"] = market["limits"]["amount"]["min"]
    return markets


def coins_of(market_id: str, _kind: Kind) -> tuple[str, str]:
    """BTC-USD, BTC-USDT."""
    base, _, quote = market_id.partition("-")
    return base, base if quote == "USD" else quote


def quantity(row: Row) -> Decimal:
    """The signed size of a position."""
    size = row.number("positionAmt")
    side = meant(row, "positionSide", {"LONG": 1, "SHORT": -1, "BOTH": 0})
    return side * abs(size) if side else size


def is_one_way(row: Row) -> bool:
    """Whether it is the only position that its market can have."""
    return row.text("positionSide") == "BOTH" or row.values.get("onlyOnePosition") is True


def book(reply: Row, end: str = "") -> Book:
    """Bids and asks, best first; `end` of the columns' names."""
    bids, asks = levels(reply, f"bids{end}"), levels(reply, f"asks{end}")
    return (
        tuple(sorted(bids, key=lambda level: -level.price)),
        tuple(sorted(asks, key=lambda level: level.price)),
    )


def book_in_coins(reply: Row) -> Book:
    """Bids and asks of a linear market: the plain columns are in its least orders."""
    return book(reply, "Coin")


def _reduces(row: Row) -> bool:
    return row.values.get("reduceOnly") is True  # older replies leave it out


def _reason(row: Row) -> str:
    return NO_LIQUIDITY if row.optional_text("timeInForce") == "IOC" else ""


WALLET: Final = WalletForm(
    coin="asset",
    wallet=("balance",),
    equity="equity",
    gains=("unrealizedProfit",),
    dust=Decimal("0.0002"),  # printed with four decimals at USDT-M
)
POSITION: Final = PositionForm(
    quantity=quantity,
    entry="avgPrice",
    pnl="unrealizedProfit",
)
PRICE: Final = PriceForm(interval=Decimal(8))
ORDER: Final = OrderForm(
    working=frozenset({"NEW", "PENDING", "PARTIALLY_FILLED"}),
    done=DONE,
    reduce_only=_reduces,
    reason=_reason,
)


def fill(row: Row, instrument: Instrument) -> Fill:
    """A USDT-M execution, whose side is its order's to tell.

    It has no number of its own: two of one order, moment, size and price cannot be told apart.
    """
    parts = ("orderId", "filledTime", "volume", "price")
    return Fill(
        trade_id="-".join(map(row.name, parts)),
        client_id=row.optional_text("clientOrderID"),
        venue_id=row.name("orderId"),
        symbol=instrument.symbol,
        side=Side.BUY,  # until it is completed
        contracts=row.unsigned("volume"),
        price=row.positive("price"),
        fee=Amount(-row.number("commission"), row.text("currency")),
        is_maker=False,  # not told
        at=row.moment("filledTime"),
        kind=FillKind.LIQUIDATION if row.optional_price("liquidatedPrice") else FillKind.TRADE,
    )


def completed(fill_of_order: Fill, order: Row) -> Fill:
    """A USDT-M fill with what its order tells."""
    return replace(_NAMED(fill_of_order, order), side=side_of(order))


def _ended(row: Row) -> FillKind | None:
    """Coin-M lists no executions but orders: one that has ended counts as one, if it was filled."""
    is_filled = row.optional_price("executedQty") and row.text("status") in DONE
    return FillKind.TRADE if is_filled else None


FILL: Final = FillForm(
    trade_id=("orderId",),
    client_id="clientOrderId",
    quantity="executedQty",
    price="avgPrice",
    paid=-1,
    fee_coin="",
    is_maker=lambda _: False,  # not told
    at="updateTime",
    kind=_ended,
)
FLOW: Final = FlowForm(
    kinds={
        "TRANSFER": FlowKind.TRANSFER,
        "REALIZED_PNL": FlowKind.TRADE,
        "TRADING_FEE": FlowKind.TRADE,
        "FUNDING_FEE": FlowKind.FUNDING,
        "INSURANCE_CLEAR": FlowKind.LIQUIDATION,
        "ADL": FlowKind.ADL,
    },
    fees=frozenset({"TRADING_FEE"}),
)


def inverse_order(row: Row) -> Row:
    """A Coin-M order in the form of the others: sizes in contracts, states in capitals.

    `quantity` is in contracts; what `origQty` and `executedQty` are in is not documented, but they
    are in the same: their ratio tells how much of it was filled.
    """
    size, asked = row.unsigned("quantity"), row.optional_price("origQty")
    filled = row.optional_price("executedQty")
    if filled and not asked:
        raise row.odd("origQty", "the size that executedQty is a part of")
    done = size * filled / asked if filled and asked else ZERO
    return row.also(origQty=plain(size), executedQty=plain(done), status=row.text("status").upper())


def inverse_report(row: Row, instrument: Instrument) -> OrderReport:
    """A Coin-M order."""
    return ORDER.report(inverse_order(row), instrument)


def inverse_fill(row: Row, instrument: Instrument) -> Fill | None:
    """A Coin-M order that has ended, as one execution."""
    return FILL.fill(inverse_order(row), instrument)
