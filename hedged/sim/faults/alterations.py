"""What faults make replies and messages say; the exchange's own figures stay as they are.

A dialect's `Words` say under which names the figures stand that a fault changes.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.decimals import plain
from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind

Row = dict[str, object]
Rows = list[Row]

QUOTES = (Kind.PRICE, Kind.CROSSED)


class Words(NamedTuple):
    """The names that a dialect has for what faults change."""

    prices: tuple[str, ...]  # in tickers
    bid: str  # how the names of the best bid and ask begin
    ask: str
    bids: str  # the sides of an order book
    asks: str
    coin: str  # names the coin of a balance
    ages: tuple[
        str, ...
    ]  # when an order or a fill came to be, in ms: the first of them that is there
    kept: tuple[str, ...]  # what a zero balance or a flat position does not change


def altered_rows(fault: Fault, rows: Rows, now_ms: int, words: Words) -> Rows:
    """Return the rows of a list as the fault makes them; most kinds leave them as they are."""
    change = _CHANGES.get(fault.kind)
    return rows if change is None else change(fault, rows, now_ms, words)


def altered_quote(fault: Fault, quote: Row, words: Words) -> Row:
    """Return an order book, or else a ticker, with other prices."""
    if words.bids in quote:
        return _book(fault, quote, words)
    return _ticker(fault, quote, words)


def _ticker(fault: Fault, row: Row, words: Words) -> Row:
    if fault.kind is Kind.CROSSED:
        bid, ask = words.bid, words.ask
        swapped = {name: name.replace(bid, ask, 1) for name in row if name.startswith(bid)}
        swapped |= {name: name.replace(ask, bid, 1) for name in row if name.startswith(ask)}
        return {swapped.get(name, name): value for name, value in row.items()}
    return {
        name: _price(fault.value, str(value)) if name in words.prices else value
        for name, value in row.items()
    }


def _book(fault: Fault, book: Row, words: Words) -> Row:
    bids, asks = words.bids, words.asks
    if fault.kind is Kind.CROSSED:
        return {**book, bids: book[asks], asks: book[bids]}
    return {**book, bids: _levels(fault, book[bids]), asks: _levels(fault, book[asks])}


def _levels(fault: Fault, levels: object) -> list[list[str]]:
    found = levels if isinstance(levels, list) else []
    return [[_price(fault.value, price), quantity] for price, quantity in found]


def _price(value: str, price: str) -> str:
    if not value.startswith("x"):
        return value
    return plain(Decimal(price) * Decimal(value[1:])) if price else price


def _tickers(fault: Fault, rows: Rows, _now_ms: int, words: Words) -> Rows:
    return [_ticker(fault, row, words) for row in rows]


def _none(_fault: Fault, _rows: Rows, _now_ms: int, _words: Words) -> Rows:
    return []


def _zeros(fault: Fault, rows: Rows, now_ms: int, words: Words) -> Rows:
    def zero(name: str, value: object) -> object:
        if isinstance(value, list):
            return _zeros(fault, value, now_ms, words)
        if name == "side":
            return ""
        is_amount = isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdecimal()
        return "0" if is_amount and name not in words.kept else value

    return [{name: zero(name, value) for name, value in row.items()} for row in rows]


def _without_coin(fault: Fault, rows: Rows, now_ms: int, words: Words) -> Rows:
    def left(value: object) -> object:
        return _without_coin(fault, value, now_ms, words) if isinstance(value, list) else value

    return [
        {name: left(value) for name, value in row.items()}
        for row in rows
        if row.get(words.coin) != fault.coin
    ]


def _aged(fault: Fault, rows: Rows, now_ms: int, words: Words) -> Rows:
    since_ms = now_ms - int(fault.seconds * 1000)

    def at_ms(row: Row) -> int:
        return int(str(next(row[name] for name in words.ages if name in row)))

    return [row for row in rows if at_ms(row) <= since_ms]


def _twice(_fault: Fault, rows: Rows, _now_ms: int, _words: Words) -> Rows:
    return [row for row in rows for _ in range(2)]


def _reversed(_fault: Fault, rows: Sequence[Row], _now_ms: int, _words: Words) -> Rows:
    return list(reversed(rows))


_CHANGES: Mapping[Kind, Callable[[Fault, Rows, int, Words], Rows]] = {
    Kind.EMPTY: _none,
    Kind.NOT_FOUND: _none,
    Kind.ZERO: _zeros,
    Kind.MISSING_COIN: _without_coin,
    Kind.PRICE: _tickers,
    Kind.CROSSED: _tickers,
    Kind.INVISIBLE: _aged,
    Kind.DUPLICATE_FILLS: _twice,
    Kind.UNORDERED_FILLS: _reversed,
}
