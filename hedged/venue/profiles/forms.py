"""Rows as most venues write them: a form says which column is which, and what its words mean.

A form is a fact about a venue, its methods are what a profile asks for. What stands in no column
of its own, such as a side that is the sign of a size, is a function over the row. Where a form has
a word of its own for a column, it is Binance's, which many have taken over: a venue's form tells
what is particular to it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, localcontext
from typing import TypeVar

from hedged.core.decimals import CONTEXT, ZERO, plain
from hedged.core.types import Amount, CoinBalance, Flow, FlowKind, Instrument, Kind, Side
from hedged.ports import Fill, FillKind, OrderReport, OrderStatus, VenueUnavailable
from hedged.venue.fields import Row
from hedged.venue.profiles.profile import Fees, Leg, Prices
from hedged.venue.profiles.rows import DUST, check_pnl

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


def number(row: Row, key: str) -> Decimal:
    """A plain figure, in the unit that the instrument has."""
    return row.number(key)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletForm:
    """Rows of which each tells one coin."""

    coin: str
    wallet: tuple[str, ...] = ()  # figures that add up to it; none: the equity without the gains
    equity: str = ""  # empty: what the wallet and the gains make
    gains: tuple[str, ...] = ()  # figures that make the equity of the wallet
    blank_gains: bool = False  # they may be left blank, where there is no position
    dust: Decimal = DUST  # how far figures may be apart that the venue rounds
    own_name: Callable[[str], str] = str  # a coin's, given the venue's for it

    def balances(self, rows: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
        """Every coin of which the rows tell; of `coins`, the figures must agree."""
        found: dict[str, CoinBalance] = {}
        for row in rows:
            coin = self.own_name(row.text(self.coin))
            if coin in found:
                raise VenueUnavailable(f"wallet: {coin} is listed twice")
            if coin in coins or not self.equity or row.optional(self.equity) is not None:
                named = row.called(f"wallet {coin}")
                found[coin] = self._balance(named, coin, is_wanted=coin in coins)
        return tuple(found.values())

    def _balance(self, row: Row, coin: str, *, is_wanted: bool) -> CoinBalance:
        told = row.number(self.equity) if self.equity else None
        is_told = [
            part for part in self.gains if not self.blank_gains or row.values.get(part) != ""
        ]
        gains = sum((row.number(part) for part in is_told), ZERO)
        parts = sum((row.number(part) for part in self.wallet), ZERO)
        equity = parts + gains if told is None else told
        wallet = parts if self.wallet else equity - gains
        given = wallet + gains
        if is_wanted and abs(equity - given) > self.dust:
            raise VenueUnavailable(
                f"{row.what}: {self.equity} is {plain(equity)}, its parts give {plain(given)}"
            )
        return CoinBalance(wallet=Amount(wallet, coin), equity=Amount(equity, coin))


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionForm:
    """Rows of which each is one position."""

    market: str = "symbol"
    quantity: Callable[[Row], Decimal]  # signed
    entry: str
    pnl: str = ""  # empty: not told
    liquidation: str = "liquidationPrice"
    pnl_from: str = ""  # the price that profit runs from; empty: the entry
    mark: str = "markPrice"  # empty: not told
    in_contracts: bool = True
    kind: Callable[[str], Kind | None] = lambda _: None  # given the market's id; None: the read's
    figure: Callable[[Row, str], Decimal] = number
    price: Callable[[Row, str], Decimal] = Row.positive

    def leg(self, row: Row, kind: Kind) -> Leg | None:
        """The position of a row; None for a flat one. One in contracts is checked as such later."""
        quantity, market_id = self.quantity(row), row.text(self.market)
        if quantity == 0:
            return None
        has_mark = bool(self.mark and row.optional(self.mark))
        if self.pnl and has_mark and not self.in_contracts:
            prices = self.price(row, self.entry), self.price(row, self.mark)
            check_pnl(row, self.pnl, self.kind(market_id) or kind, quantity, prices)
        return Leg(
            market_id=market_id,
            quantity=quantity,
            entry=self.price(row, self.entry),
            unrealised_pnl=self.figure(row, self.pnl) if self.pnl else None,
            liquidation_price=row.optional_price(self.liquidation),
            mark=self.price(row, self.mark) if has_mark else None,
            pnl_from=self.price(row, self.pnl_from) if self.pnl_from else None,
            kind=self.kind(market_id),
            in_contracts=self.in_contracts,
        )


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
    figure: Callable[[Row, str], Decimal | None] = Row.optional_price

    def best(self, row: Row) -> tuple[Decimal | None, Decimal | None]:
        """Bid and ask."""
        return self.figure(row, self.bid), self.figure(row, self.ask)

    def prices(self, row: Row) -> Prices:
        """All of it; mark and index must be told."""
        mark, index = self.figure(row, self.mark), self.figure(row, self.index)
        if mark is None or index is None:
            raise row.odd(self.index if mark else self.mark, "a number above zero")
        bid, ask = self.best(row)
        has_stamp = bool(self.next and row.optional(self.next))
        hours = self.interval
        return Prices(
            mark=mark,
            index=index,
            bid=bid,
            ask=ask,
            last=self.figure(row, self.last),
            funding_rate=row.optional(self.rate),
            funding_at=self.time(row, self.next) if has_stamp else None,
            funding_interval_h=row.optional_price(hours) if isinstance(hours, str) else hours,
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
    figure: Callable[[Row, str], Decimal] = number
    figure_of_price: Callable[[Row, str], Decimal | None] = Row.optional_price

    def report(self, row: Row, instrument: Instrument) -> OrderReport:
        """One order; quantities in the unit of the venue's amounts."""
        state, filled = row.name(self.state), abs(self.figure(row, self.filled))
        if state not in self.working | self.done:
            raise row.odd(self.state, "a known state")
        quantity, is_done = abs(self.figure(row, self.quantity)), state in self.done
        average = self.figure_of_price(row, self.average) if filled else None
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
            limit_price=self.figure_of_price(row, self.price),
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
    figure: Callable[[Row, str], Decimal] = number

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
            contracts=abs(self.figure(row, self.quantity)),
            price=self.figure(row, self.price),
            fee=Amount(self.paid * self.figure(row, self.fee), coin),
            is_maker=self.is_maker(row),
            at=self.time(row, self.at),
            kind=kind,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowForm:
    """Rows of which each is one change of a coin's balance."""

    flow_id: tuple[str, ...] = ("incomeType", "tranId")  # together unique at the venue
    kind: str = "incomeType"
    kinds: Mapping[str, FlowKind]  # any other word is `OTHER`
    change: str = "income"
    coin: str = "asset"
    at: str = "time"
    market: str = "symbol"
    balance: str = ""
    fee: str = ""
    time: Time = Row.time
    fees: frozenset[str] = field(default_factory=frozenset)  # kinds whose change is a fee

    def flow(self, row: Row) -> Flow:
        """One change."""
        told, change = row.name(self.kind), row.number(self.change)
        kind = self.kinds.get(told, FlowKind.OTHER)
        fee = -change if told in self.fees else row.optional(self.fee) or ZERO
        return Flow(
            flow_id="-".join(map(row.name, self.flow_id)),
            kind=kind,
            change=Amount(change, row.text(self.coin)),
            funding=change if kind is FlowKind.FUNDING else ZERO,
            fee=fee,
            balance=row.optional(self.balance),
            at=self.time(row, self.at),
            market=row.optional_text(self.market),
            trade_id="",
            detail=told,
        )


def signed(size: str, side: str, signs: Mapping[str, int]) -> Callable[[Row], Decimal]:
    """A size whose sign another column tells; of a flat row it need not."""

    def quantity(row: Row) -> Decimal:
        found = row.unsigned(size)
        return found * meant(row, side, signs) if found else found

    return quantity


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
