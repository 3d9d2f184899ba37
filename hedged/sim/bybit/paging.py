"""Paging: a page of rows, newest first, and the cursor that asks for the next one."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

from hedged.sim.bybit.errors import parameter_error
from hedged.sim.bybit.parameters import Parameters

Row = TypeVar("Row")


class Page(NamedTuple):
    """The rows of a page and the cursor behind its last row, empty after an empty page."""

    rows: list[dict[str, object]]
    cursor: str


def page(
    items: Iterable[Row],
    parameters: Parameters,
    *,
    place: Callable[[Row], int],
    rendered: Callable[[Row], dict[str, object]],
    default: int,
    highest: int,
) -> Page:
    """Return the page that the parameters `limit` and `cursor` ask for.

    `items` come newest first; `place` is the number that orders them and that the cursor holds.
    """
    limit = parameters.integer("limit", default=default, lowest=1, highest=highest)
    before = _place_in(parameters.text("cursor"))
    rows: list[dict[str, object]] = []
    last = 0
    for item in items:
        if before is not None and place(item) >= before:
            continue
        if len(rows) == limit:
            break
        rows.append(rendered(item))
        last = place(item)
    return Page(rows, f"{last}%3A{last}" if rows else "")


def _place_in(cursor: str) -> int | None:
    """Return the place that a cursor names, None for the first page."""
    if not cursor:
        return None
    number = unquote(cursor).partition(":")[0]
    if not number.isascii() or not number.isdecimal():
        raise parameter_error("cursor invalid")
    return int(number)
