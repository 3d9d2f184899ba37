"""What faults make replies and messages say; the exchange's own figures stay as they are."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from hedged.sim.decimals import plain
from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind

Row = dict[str, object]
Rows = list[Row]

_PRICES = ("lastPrice", "indexPrice", "markPrice", "bid1Price", "ask1Price", "usdIndexPrice")
# What a zero balance or a flat position does not change.
_NO_AMOUNTS = ("leverage", "markPrice", "createdTime", "updatedTime", "riskLimitValue", "coin")


def altered(fault: Fault, result: Mapping[str, object], now_ms: int) -> Row:
    """Return the `result` of a reply as the fault makes it."""
    if fault.kind in (Kind.PRICE, Kind.CROSSED) and "b" in result:
        return altered_book(fault, result)
    change = _CHANGES.get(fault.kind)
    rows = result.get("list")
    if change is None or not isinstance(rows, list):
        return dict(result)
    return {**result, "list": change(fault, rows, now_ms)}


def altered_message(fault: Fault, message: Mapping[str, object]) -> Row:
    """Return a market data message as the fault makes it."""
    data = message.get("data")
    if not isinstance(data, dict):
        return dict(message)
    changed = altered_book(fault, data) if "b" in data else altered_ticker(fault, data)
    return {**message, "data": changed}


def altered_ticker(fault: Fault, row: Mapping[str, object]) -> Row:
    """Return a ticker with other prices."""
    if fault.kind is Kind.CROSSED:
        swapped = {name: name.replace("bid1", "ask1") for name in row if name.startswith("bid1")}
        swapped |= {name: name.replace("ask1", "bid1") for name in row if name.startswith("ask1")}
        return {swapped.get(name, name): value for name, value in row.items()}
    return {
        name: _price(fault.value, str(value)) if name in _PRICES else value
        for name, value in row.items()
    }


def altered_book(fault: Fault, book: Mapping[str, object]) -> Row:
    """Return an order book with other prices."""
    if fault.kind is Kind.CROSSED:
        return {**book, "b": book["a"], "a": book["b"]}
    return {**book, "b": _levels(fault, book["b"]), "a": _levels(fault, book["a"])}


def _levels(fault: Fault, levels: object) -> list[list[str]]:
    found = levels if isinstance(levels, list) else []
    return [[_price(fault.value, price), quantity] for price, quantity in found]


def _price(value: str, price: str) -> str:
    if not value.startswith("x"):
        return value
    return plain(Decimal(price) * Decimal(value[1:])) if price else price


def _tickers(fault: Fault, rows: Rows, _now_ms: int) -> Rows:
    return [altered_ticker(fault, row) for row in rows]


def _none(_fault: Fault, _rows: Rows, _now_ms: int) -> Rows:
    return []


def _zeros(_fault: Fault, rows: Rows, _now_ms: int) -> Rows:
    return [{name: _zero(name, value) for name, value in row.items()} for row in rows]


def _zero(name: str, value: object) -> object:
    if isinstance(value, list):
        return _zeros(Fault(Kind.ZERO), value, 0)
    if name == "side":
        return ""
    is_amount = isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdecimal()
    return "0" if is_amount and name not in _NO_AMOUNTS else value


def _without_coin(fault: Fault, rows: Rows, _now_ms: int) -> Rows:
    def left(coins: object) -> Rows:
        found = coins if isinstance(coins, list) else []
        return [coin for coin in found if coin["coin"] != fault.coin]

    return [{**row, "coin": left(row.get("coin"))} for row in rows]


def _aged(fault: Fault, rows: Rows, now_ms: int) -> Rows:
    since_ms = now_ms - int(fault.seconds * 1000)
    return [
        row for row in rows if int(str(row.get("createdTime", row.get("execTime")))) <= since_ms
    ]


def _twice(_fault: Fault, rows: Rows, _now_ms: int) -> Rows:
    return [row for row in rows for _ in range(2)]


def _reversed(_fault: Fault, rows: Sequence[Row], _now_ms: int) -> Rows:
    return list(reversed(rows))


_CHANGES: Mapping[Kind, Callable[[Fault, Rows, int], Rows]] = {
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
