"""What a period came to: causes, effectiveness, time in band, carry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Final

from hedged.core.decimals import ZERO, exact
from hedged.core.effectiveness import (
    Regression,
    dollar_offset,
    is_effective,
    regression,
    variance_reduction,
)
from hedged.core.types import Flow
from hedged.report.causes import Causes, Step, steps
from hedged.report.records import AssetRecords

_SECOND: Final = timedelta(seconds=1)
_HOUR_S: Final = 3600
_YEAR_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """Changes of the hedge against those of the coins; None: nothing varied."""

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
    def is_effective(self) -> bool | None:
        """Whether the offset is within 80 to 125 %."""
        return None if self.offset is None else is_effective(self.offset)


@dataclass(frozen=True, slots=True)
class Summary:
    """One asset of one book over a period; USD unless said."""

    records: AssetRecords
    steps: tuple[Step, ...]
    causes: Causes
    effectiveness: Effectiveness
    exposed_usd_hours: Decimal  # integral of |drift|
    in_band: Decimal | None  # share of the time; None: no time passed
    turnover: Decimal
    carry_per_year: Decimal | None  # funding over the average position

    @property
    def value_before(self) -> Decimal:
        """At the first sample."""
        return self.steps[0].start.value

    @property
    def value_after(self) -> Decimal:
        """At the last."""
        return self.steps[-1].end.value


@exact
def summary(records: AssetRecords, flows: Iterable[Flow]) -> Summary | None:
    """None: there are not two samples to tell anything between."""
    own = [flow for flow in flows if flow.change.unit == records.asset]
    found = steps(records.samples, records.trades, own)
    if not found:
        return None
    causes = reduce(add, (step.causes for step in found))
    passed = [(_seconds(step), step) for step in found]
    whole = sum((seconds for seconds, _ in passed), ZERO)
    exposed = sum((seconds * abs(step.start.drift_usd) for seconds, step in passed), ZERO)
    held = sum((seconds * abs(step.start.q_usd) for seconds, step in passed), ZERO)
    calm = sum((s for s, step in passed if abs(step.start.drift_usd) <= step.start.band_usd), ZERO)
    first, last = found[0].start.at, found[-1].end.at
    return Summary(
        records=records,
        steps=found,
        causes=causes,
        effectiveness=effectiveness(found),
        exposed_usd_hours=exposed / _HOUR_S,
        in_band=calm / whole if whole else None,
        turnover=sum((abs(t.q_usd) for t in records.trades if first < t.at <= last), ZERO),
        carry_per_year=causes.funding * _YEAR_S / held if held else None,
    )


@exact
def effectiveness(found: Sequence[Step]) -> Effectiveness:
    """Of the changes from sample to sample."""
    item = [step.causes.inventory for step in found]
    hedge = [step.causes.perp for step in found]
    net = [one + other for one, other in zip(item, hedge, strict=True)]
    return Effectiveness(
        dollar_offset(item, hedge),
        regression(item, hedge),
        variance_reduction(item, net),
        len(item),
    )


def _seconds(step: Step) -> Decimal:
    return Decimal((step.end.at - step.start.at) // _SECOND)
