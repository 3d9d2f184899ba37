"""How a venue is asked: one reading request, where the rows of its reply stand, what it may send.

What the rows say is read elsewhere; see `profile`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hedged.core.types import Flow, Kind
from hedged.ports import Fill
from hedged.venue.fields import Row
from hedged.venue.transport import Route


@dataclass(frozen=True, slots=True)
class Read:
    """One reading request: ccxt's method for it, and the path to its rows in the reply."""

    method: str
    rows: tuple[str, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = Kind.INVERSE  # of the positions in the rows
    settle: str = ""  # what all of these settle in; empty: in various coins
    cursor: tuple[str, ...] = ()  # path to the mark of the next page; empty: one page
    cursor_param: str = "cursor"
    # For so long, that nothing was held is believed without asking again; not where a hedge is.
    rest_s: float = 0
    one: bool = False  # the path leads to one object, not to a list
    or_none: bool = False  # or to null, where there is no such object
    last: str = ""  # the key of the last row that marks the next page, where the reply has no mark
    prefix: str = ""  # of its keys, where its row is put together with other reads' of that name
    oldest_first: bool = False  # the rows; else the newest stands first
    page: int = 0  # rows of a full page, after which more may follow; 0: a reply is never cut short
    # What names a market, given ccxt's; None: its id under the profile's `market_key`. Fills of a
    # read with such a name are asked for market by market.
    market: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None
    id_param: str = ""  # of a look-up: what names a client id, where it is not the profile's own
    # Of a look-up that cannot ask for one order and lists them newest first: whose a row is.
    named: Callable[[Row], str] | None = None
    # What names begin and end of a span of time, where it is not the profile's; two empty names:
    # nothing does, and only the latest rows are told.
    span: tuple[str, str] | tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """Where coins lie beside the trading account."""

    read: Read
    # The field of how many there are, or those that add up to it.
    amount: str | tuple[str, ...] = "amount"
    coins_param: str = ""  # asks for coins, each of which is then told of; empty: all there are
    coin: str = "coin"  # the field that names the coin
    blank_is_zero: bool = False  # figures are left blank where there is nothing
    by_coin: bool = False  # one row has them all: how many there are by the name of the coin
    # Kinds of coin that are another coin under a name of their own: `ETH2.S` is ETH.
    own_name: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a fill's order adds to it, at a venue whose fills do not tell whose they are."""

    read: Read
    param: str  # asks for an order by the venue's number
    completed: Callable[[Fill, Row], Fill]


@dataclass(frozen=True, slots=True)
class Log:
    """A list of how an account's coins changed; a venue may have one of each kind."""

    read: Read  # by market, where it names one
    flow: Callable[[Row], Flow | None]  # None: the row has changed nothing, or not yet
    coin_param: str = ""  # it is asked for coin by coin, under this name


def by_symbol(market: Mapping[str, Any]) -> dict[str, str]:
    """Names a market in a request whose reply need not repeat the name."""
    return {"symbol": market["id"]}


def newest_first(
    method: str,
    rows: tuple[str, ...],
    last: str,
    param: str,
    *,
    params: Mapping[str, str] | None = None,
    market: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None,
) -> Read:
    """Pages of 100 rows, of which the last says where the next page begins."""
    return Read(
        method,
        rows,
        {"limit": "100", **(params or {})},
        last=last,
        cursor_param=param,
        page=100,
        market=market,
        or_none=True,
    )


def routes(method: str, base: str, paths: str) -> frozenset[Route]:
    """Requests of one method, whose paths after `base` are separated by blanks."""
    return frozenset((method, base + path) for path in paths.split())
