"""Whether the hedge worked: over the whole period, and over windows that move through it.

Changes are taken over equal spans, because samples come at irregular times: right before and after
orders, and every hour. One figure over a long period hides the month in which the hedge failed;
windows show it. The slope stands before R² everywhere: R² alone does not see a wrong size.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Final

from hedged.core.decimals import ZERO, exact
from hedged.core.effectiveness import (
    OFFSET_LOW,
    Regression,
    dollar_offset,
    is_effective,
    regression,
    variance_reduction,
)
from hedged.report.causes import Step

SPAN: Final = timedelta(hours=1)  # that a change is taken over
WINDOW: Final = timedelta(days=7)
_WINDOWS_A_LENGTH: Final = 7  # a window's end moves by a seventh of its length
_LEAST: Final = 3  # changes, to tell anything of


@dataclass(frozen=True, slots=True)
class Change:
    """What coins and hedge made by prices over one span, USD."""

    start: datetime
    end: datetime
    item: Decimal
    hedge: Decimal


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """Changes of the hedge against those of the coins; None: nothing varied."""

    start: datetime
    end: datetime
    offset: Decimal | None
    line: Regression | None
    reduction: Decimal | None
    samples: int

    @property
    def slope(self) -> Decimal | None:
        """Of the hedge on the coins."""
        return None if self.line is None else self.line.slope

    @property
    def r_squared(self) -> Decimal | None:
        """Of the same line."""
        return None if self.line is None else self.line.r_squared

    @property
    def is_within(self) -> bool | None:
        """Whether slope and offset are within 80 to 125 %, and R² is 0.80 or more."""
        if self.line is None or self.offset is None:
            return None
        fits = is_effective(-self.line.slope) and self.line.r_squared >= OFFSET_LOW
        return fits and is_effective(self.offset)


@exact
def changes(steps: Sequence[Step], span: timedelta = SPAN) -> tuple[Change, ...]:
    """Steps put together until each spans long enough; what is left at the end is its own."""
    found: list[Change] = []
    start, item, hedge = None, ZERO, ZERO
    for number, step in enumerate(steps, 1):
        start = start or step.start.at
        item += step.causes.inventory
        hedge += step.causes.perp_index + step.causes.basis
        if step.end.at - start >= span or number == len(steps):
            found.append(Change(start, step.end.at, item, hedge))
            start, item, hedge = None, ZERO, ZERO
    return tuple(found)


@exact
def effectiveness(made: Sequence[Change]) -> Effectiveness:
    """Of all these changes; there is one at least."""
    item = [change.item for change in made]
    hedge = [change.hedge for change in made]
    net = [one + other for one, other in zip(item, hedge, strict=True)]
    return Effectiveness(
        made[0].start,
        made[-1].end,
        dollar_offset(item, hedge),
        regression(item, hedge),
        variance_reduction(item, net),
        len(made),
    )


def rolling(made: Sequence[Change], window: timedelta = WINDOW) -> Iterator[Effectiveness]:
    """Of each window, oldest first; the last one ends with the period."""
    if not made:
        return
    ends = made[-1].end
    end = made[0].start + window
    end += (ends - end) % (window / _WINDOWS_A_LENGTH)
    first = 0
    while end <= ends:
        while first < len(made) and made[first].start < end - window:
            first += 1
        within = made[first : bisect_right(made, end, first, key=attrgetter("end"))]
        if len(within) >= _LEAST:
            yield effectiveness(within)
        end += window / _WINDOWS_A_LENGTH
