"""What charts are drawn from: a bounded series per asset, thinned so that no spike is lost.

The series lives in memory that is taken once, so that a daemon of a week holds what one of an
hour does. It is for the eye: values are floats here, and nowhere is a decision made from them.
Each figure is thinned by itself (see `report.thinning`).
"""

import asyncio
import math
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Final

from hedged.core.figures import Figures
from hedged.report.thinning import telling

CAPACITY: Final = 100_000  # points an asset: eleven days at a look every 10 s
COLUMNS: Final = (
    "net_delta",
    "target_delta",
    "band",
    "hedge_ratio",
    "price",
    "funding_rate",
    "collateral_fraction",
    "liquidation_distance",
)
assert {field.name for field in fields(Figures)} >= set(COLUMNS)  # noqa: S101 - names that must agree

Thinned = Mapping[str, tuple[list[float], list[float]]]


class Series:
    """The newest points of one asset; the oldest make room."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._at = array("d", bytes(8 * capacity))
        self._columns = {name: array("f", bytes(4 * capacity)) for name in COLUMNS}
        self._capacity = capacity
        self._count = 0  # points ever added

    def __len__(self) -> int:
        return min(self._count, self._capacity)

    def add(self, at_s: float, point: Figures | None) -> None:
        """One more point; None leaves a gap, because nothing could be told."""
        place = self._count % self._capacity
        last = self._at[(self._count - 1) % self._capacity] if self._count else at_s
        self._at[place] = max(at_s, last)  # the wall clock may step back, a chart cannot
        for name, column in self._columns.items():
            column[place] = _number(None if point is None else getattr(point, name))
        self._count += 1

    async def thinned(self, since_s: float, parts: int) -> Thinned:
        """Each figure since a moment, as times and values; not-a-number is a gap.

        Other work may run in between: a long series takes some milliseconds a figure.
        """
        at = self._ordered(self._at)
        begin = bisect_left(at, since_s)
        found = {}
        for name, column in self._columns.items():
            values = self._ordered(column)[: len(at)]
            kept = list(telling(values, begin, max(1, parts)))
            found[name] = [at[i] for i in kept], [values[i] for i in kept]
            await asyncio.sleep(0)
        return found

    def _ordered(self, ring: "array[float]") -> "array[float]":
        """Oldest first."""
        place = self._count % self._capacity
        return ring[:place] if self._count < self._capacity else ring[place:] + ring[:place]


def _number(value: Decimal | None) -> float:
    return math.nan if value is None else float(value)
