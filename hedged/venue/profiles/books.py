"""Order books as most venues tell them: two lists, whose entries begin with price and amount."""

from hedged.core.types import Level
from hedged.venue.fields import Row

Book = tuple[tuple[Level, ...], tuple[Level, ...]]  # bids and asks, best first


def book(reply: Row) -> Book:
    """Bids and asks under their usual names."""
    return levels(reply, "bids"), levels(reply, "asks")


def levels(reply: Row, side: str) -> tuple[Level, ...]:
    """One side of an order book, best first: lists that begin with price and amount."""
    entries = reply.values.get(side)
    if not isinstance(entries, list) or not all(isinstance(e, list) and e[1:] for e in entries):
        raise reply.odd(side, "a list of prices and sizes")
    rows = (Row(f"{reply.what}: {side}", {"price": e[0], "size": e[1]}) for e in entries)
    return tuple(Level(row.positive("price"), row.positive("size")) for row in rows)
