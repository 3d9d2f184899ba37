"""How Phemex states inverse contracts: prices in ten-thousandths of a dollar, sums in satoshis.

Rates are in hundred-millionths. A position's size is unsigned, in contracts of 1 USD. The account
tells its balance without what is unrealised, and of a position not always what that is.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import plain
from hedged.core.types import Amount, CoinBalance, Flow, FlowKind, Instrument, Kind, Level
from hedged.ports import NO_LIQUIDITY, WOULD_TAKE, Fill, FillKind, OrderReport, VenueUnavailable
from hedged.venue.fields import EPOCH, Row, row_at
from hedged.venue.profiles import books
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, signed
from hedged.venue.profiles.books import Book
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm, average_of, meant
from hedged.venue.profiles.profile import Leg, Prices

_PRICE: Final = Decimal("0.0001")
_SCALED: Final = {"Ep": _PRICE, "Ev": Decimal("0.00000001"), "Er": Decimal("0.00000001")}
_PRICE_DIGITS: Final = 4
_REASONS: Final = {"ImmediateOrCancel": NO_LIQUIDITY, "PostOnly": WOULD_TAKE}
_FILLS: Final = {
    "Trade": FillKind.TRADE,
    "Funding": FillKind.FUNDING,
    "LiqTrade": FillKind.LIQUIDATION,
    "AdlTrade": FillKind.ADL,
}


_ARRIVED: Final = "10"  # the status of a transfer
_WAYS: Final = {"1": -1, "2": 1}  # by its side: to the spot wallet, from there


def unscaled(row: Row) -> Row:
    """The row with each scaled figure in its unit, under its name without the scale."""
    values = dict(row.values)
    for name in row.values:
        scale = _SCALED.get(name[-2:])
        figure = row.optional(name) if scale is not None else None
        if scale is not None and figure is not None:
            values[name[:-2]] = plain(figure * scale)
    return Row(row.what, values)


def _in_ns(row: Row, key: str) -> datetime:
    """A moment that is given in nanoseconds since 1970; aware UTC."""
    return row.also(**{key: plain(row.positive(key) // 1_000_000)}).time(key)


async def access(_client: Any) -> Access:
    """Phemex tells nothing of a key."""
    return Access()


async def clock(client: Any) -> int:
    """Each ticker tells the venue's time; ccxt has no request for it."""
    reply = await client.v1GetMdTicker24hr({"symbol": "BTCUSD"})
    told = _in_ns(row_at("clock", reply, ("result",)), "timestamp")
    return int((told - EPOCH).total_seconds() * 1000)


def coins_of(market_id: str, _kind: Kind) -> tuple[str, str]:
    """BTCUSD."""
    base = market_id.removesuffix("USD")
    return base, base


def is_one_way(row: Row) -> bool:
    """Hedge mode has a long and a short beside each other."""
    told = row.optional_text("posSide")
    if told not in {"", "Merged", "Long", "Short"}:
        raise row.odd("posSide", "a known side")
    return told in {"", "Merged"}


def delisting(listing: Row) -> str | None:
    """Why a listed market cannot be hedged with: its figures have another scale."""
    if listing.number("priceScale") == _PRICE_DIGITS:
        return None
    return f"its prices have {listing.values.get('priceScale')} digits, not {_PRICE_DIGITS}"


def balances(rows: list[Row], _coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """The account's one coin."""
    if len(rows) != 1:
        raise VenueUnavailable(f"wallet: the reply lists {len(rows)} accounts")
    (row,) = map(unscaled, rows)
    coin = row.text("currency")
    wallet = row.called(f"wallet {coin}").number("accountBalance")
    return (CoinBalance(wallet=Amount(wallet, coin), equity=None),)


def book(reply: Row) -> Book:
    """Bids and asks: scaled price and contracts."""
    bids, asks = (
        tuple(Level(level.price * _PRICE, level.contracts) for level in side)
        for side in books.book(reply)
    )
    return bids, asks


POSITION: Final = PositionForm(
    quantity=signed("size", "side", {"Buy": 1, "Sell": -1}), entry="avgEntryPrice"
)
KNOWN_PNL: Final = replace(POSITION, pnl="unRealisedPnl")
PRICE: Final = PriceForm(
    mark="mark",
    index="index",
    bid="bid",
    ask="ask",
    last="last",
    rate="rate",
    next="",
    interval=Decimal(8),
)
ORDER: Final = OrderForm(
    client_id="clOrdID",
    venue_id="orderID",
    quantity="orderQty",
    filled="cumQty",
    average="average",
    state="ordStatus",
    working=frozenset({"Created", "Init", "New", "PartiallyFilled", "Untriggered", "Triggered"}),
    done=frozenset({"Filled", "Canceled", "Rejected", "Deactivated"}),
    created="actionTimeNs",
    time=_in_ns,
    reason=lambda row: _REASONS.get(row.optional_text("timeInForce"), ""),
)
FUNDING: Final = FlowForm(
    flow_id=("what", "symbol", "createTime"),
    kind="what",
    kinds={"funding": FlowKind.FUNDING},
    change="change",
    coin="currency",
    at="createTime",
)
TRANSFER: Final = FlowForm(
    flow_id=("what", "linkKey"),
    kind="what",
    kinds={"transfer": FlowKind.TRANSFER},
    change="change",
    coin="currency",
    at="createTime",
    market="",
)
FILL: Final = FillForm(
    trade_id=("execID",),
    client_id="clOrdID",
    venue_id="orderID",
    quantity="execQty",
    price="execPrice",
    fee="execFee",
    fee_coin="currency",
    is_maker=lambda row: row.optional_text("execStatus") == "MakerFill",
    at="transactTimeNs",
    time=_in_ns,
    kind=lambda row: meant(row, "tradeType", _FILLS),
)


def leg(row: Row, kind: Kind) -> Leg | None:
    """A position; its profit is told by some replies only, and must then fit its prices."""
    told = unscaled(row)
    if told.optional("size") == 0:
        return None  # whose side is "None"
    form = POSITION if told.optional("unRealisedPnl") is None else KNOWN_PNL
    return form.leg(told, kind)


def prices(row: Row) -> Prices:
    """Ticker and order book of a market, put together."""
    told = row_at(row.what, row.values, ("book",))
    bids, asks = book(told)
    mark, index = row.positive("markPrice") * _PRICE, row.positive("indexPrice") * _PRICE
    values = {
        "mark": plain(mark),
        "index": plain(index),
        "last": plain(row.positive("close") * _PRICE),
        "rate": plain(row.number("fundingRate") * _SCALED["Er"]),
        "bid": plain(bids[0].price) if bids else None,
        "ask": plain(asks[0].price) if asks else None,
    }
    return PRICE.prices(Row(row.what, values))


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order; it tells what its fills were worth in coins."""
    told = unscaled(row)
    filled, value = told.unsigned("cumQty"), told.optional_price("cumValue")
    return ORDER.report(told.also(average=average_of(filled, value, instrument)), instrument)


def fill(row: Row, instrument: Instrument) -> Fill | None:
    """An execution, or a payment of funding."""
    return FILL.fill(unscaled(row), instrument)


def funding(row: Row) -> Flow:
    """A payment of funding, which is told as a fee."""
    paid = unscaled(row).number("execFee")
    return FUNDING.flow(row.also(what="funding", change=plain(-paid)))


def transfer(row: Row) -> Flow | None:
    """Coins that came from the spot wallet, or went there; None: they did not, or not yet."""
    if row.name("status") != _ARRIVED:
        return None
    change = meant(row, "side", _WAYS) * unscaled(row).positive("amount")
    return TRANSFER.flow(row.also(what="transfer", change=plain(change)))
