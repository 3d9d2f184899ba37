"""Rows as most venues write them: a form says which column is which, and what its words mean.

A form is a fact about a venue, its methods are what a profile asks for. What stands in no column
of its own, such as a side that is the sign of a size, is a function over the row. Where a form has
a word of its own for a column, it is Binance's, which many have taken over: a venue's form tells
what is particular to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import TypeVar

from hedged.core.decimals import CONTEXT, plain
from hedged.core.types import Amount, Instrument, Kind, Side
from hedged.ports import Fill, FillKind, OrderReport, OrderStatus
from hedged.venue.fields import Row
from hedged.venue.profiles.profile import Fees, Prices

T = TypeVar("T")
Time = Callable[[Row, str], datetime]


def meant(row: Row, key: str, words: Mapping[str, T]) -> T:
    """What this word or number of the venue stands for.

    Raises:
        VenueUnavailable: hedged does not know it.
    """
    told = row.name(key)
    if told not in words:
        raise row.odd(key, f"one of {', '.join(words)}")
    return words[told]


def in_seconds(row: Row, key: str) -> datetime:
    """A moment that is given in seconds since 1970, with a fraction or not; aware UTC."""
    return row.also(**{key: plain(row.positive(key) * 1000)}).time(key)


def side_of(row: Row, key: str = "side") -> Side:
    """The side that a word tells, in capitals or not."""
    word = row.text(key).lower()
    if word not in {"buy", "sell"}:
        raise row.odd(key, "buy or sell")
    return Side(word)


def side_of_sign(key: str) -> Callable[[Row], Side]:
    """The side of a size, that is negative when sold."""
    return lambda row: Side.BUY if row.number(key) > 0 else Side.SELL


def size(row: Row, key: str, *, is_signed: bool) -> Decimal:
    """How much; a sign is odd where the side is told by itself."""
    return abs(row.number(key)) if is_signed else row.unsigned(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceForm:
    """The columns of a ticker, or of several that are put together."""

    mark: str = "markPrice"
    index: str = "indexPrice"
    bid: str = "bidPrice"
    ask: str = "askPrice"
    last: str = "lastPrice"
    rate: str = "lastFundingRate"
    next: str = "nextFundingTime"  # the next stamp of funding; empty: not told
    interval: str | Decimal  # hours from one stamp to the next, or the column with them
    time: Time = Row.time

    def best(self, row: Row) -> tuple[Decimal | None, Decimal | None]:
        """Bid and ask."""
        return row.optional_price(self.bid), row.optional_price(self.ask)

    def prices(self, row: Row) -> Prices:
        """All of it; mark and index must be told."""
        mark, index = row.optional_price(self.mark), row.optional_price(self.index)
        if mark is None or index is None:
            raise row.odd(self.index if mark else self.mark, "a number above zero")
        bid, ask = self.best(row)
        has_stamp = bool(self.next and row.optional(self.next))
        told = self.interval
        hours = row.optional_price(told) if isinstance(told, str) else told
        return Prices(
            mark=mark,
            index=index,
            bid=bid,
            ask=ask,
            last=row.optional_price(self.last),
            funding_rate=row.optional(self.rate),
            funding_at=self.time(row, self.next) if has_stamp else None,
            funding_interval_h=hours if has_stamp or not self.next else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """Rows of which each is one order."""

    client_id: str = "clientOrderId"
    venue_id: str = "orderId"
    side: Callable[[Row], Side] = side_of
    quantity: str = "origQty"
    filled: str = "executedQty"
    average: str = "avgPrice"
    price: str = "price"
    state: str = "status"
    working: frozenset[str]
    done: frozenset[str]
    reduce_only: Callable[[Row], bool] = lambda row: row.flag("reduceOnly")
    created: str = "time"
    time: Time = Row.time
    reason: Callable[[Row], str] = lambda _: ""  # why it ended early
    own_id: Callable[[str], str] = str  # a client id, given what the venue made of it
    is_signed: bool = False  # sizes are negative when sold

    def report(self, row: Row, instrument: Instrument) -> OrderReport:
        """One order; quantities in the unit of the venue's amounts."""
        state, filled = row.name(self.state), size(row, self.filled, is_signed=self.is_signed)
        if state not in self.working | self.done:
            raise row.odd(self.state, "a known state")
        quantity, is_done = size(row, self.quantity, is_signed=self.is_signed), state in self.done
        average = row.optional_price(self.average) if filled else None
        if filled and average is None:
            raise row.odd(self.average, "a number above zero")
        return OrderReport(
            client_id=self.own_id(row.optional_text(self.client_id)),
            venue_id=row.name(self.venue_id),
            symbol=instrument.symbol,
            side=self.side(row),
            contracts=quantity,
            filled=filled,
            average=average,
            limit_price=row.optional_price(self.price),
            status=OrderStatus.DONE if is_done else OrderStatus.WORKING,
            reduce_only=self.reduce_only(row),
            created_at=self.time(row, self.created),
            reason=self.reason(row) if is_done and filled < quantity else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FillForm:
    """Rows of which each is one execution."""

    trade_id: tuple[str, ...] = ("id",)  # columns that together are unique at the venue
    client_id: str = ""  # empty: not told
    venue_id: str = "orderId"
    side: Callable[[Row], Side] = side_of
    quantity: str = "qty"
    price: str = "price"
    fee: str = "commission"
    paid: int = 1  # the sign that a fee has which is paid
    fee_coin: str = "commissionAsset"  # empty: what the contract settles in
    is_maker: Callable[[Row], bool] = lambda row: row.flag("maker")
    at: str = "time"
    time: Time = Row.time
    kind: Callable[[Row], FillKind | None] = lambda _: FillKind.TRADE  # None: it is no fill
    own_id: Callable[[str], str] = str
    is_signed: bool = False  # sizes are negative when sold

    def fill(self, row: Row, instrument: Instrument) -> Fill | None:
        """One execution; quantities in the unit of the venue's amounts."""
        kind = self.kind(row)
        if kind is None:
            return None
        coin = row.text(self.fee_coin) if self.fee_coin else instrument.settle
        return Fill(
            trade_id="-".join(map(row.name, self.trade_id)),
            client_id=self.own_id(row.optional_text(self.client_id)),
            venue_id=row.name(self.venue_id),
            symbol=instrument.symbol,
            side=self.side(row),
            contracts=size(row, self.quantity, is_signed=self.is_signed),
            price=row.positive(self.price),
            fee=Amount(self.paid * row.number(self.fee), coin),
            is_maker=self.is_maker(row),
            at=self.time(row, self.at),
            kind=kind,
        )


def average_of(filled: Decimal, value: Decimal | None, instrument: Instrument) -> str | None:
    """What was filled of an order cost on average, given its worth in what the contract settles in.

    `filled` is in contracts; None: nothing was filled, or what it is worth is not told.
    """
    if not filled or not value:
        return None
    with localcontext(CONTEXT):
        units = filled * instrument.contract_size
        return plain(units / value if instrument.kind is Kind.INVERSE else value / units)


def named_by(key: str) -> Callable[[Fill, Row], Fill]:
    """A fill with the client id that its order has."""
    return lambda fill, order: replace(fill, client_id=order.optional_text(key))


def fee_rates(taker: str, maker: str) -> Callable[[Row], Fees]:
    """Fee rates, above 0 where they are paid."""
    return lambda row: Fees(taker=row.number(taker), maker=row.number(maker))
