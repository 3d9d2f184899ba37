"""What a period came to: causes, effectiveness, time in band, carry, basis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Final

from hedged.core.contracts import basis_bps
from hedged.core.decimals import ZERO, exact
from hedged.core.looks import NOTHING_WATCHED, Watched
from hedged.report.causes import Causes, Step, steps
from hedged.report.effectiveness import Change, Effectiveness, changes, effectiveness
from hedged.report.samples import AssetRecords, Place, Sample
from hedged.report.statement import Statement

_SECOND: Final = timedelta(seconds=1)
_HOUR_S: Final = 3600
_YEAR_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Basis:
    """Mark less index of one contract, in basis points of the index."""

    place: Place
    last: Decimal
    mean: Decimal
    least: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """One asset of one book over a period; USD unless said."""

    records: AssetRecords
    steps: tuple[Step, ...]
    causes: Causes
    changes: tuple[Change, ...]
    effectiveness: Effectiveness
    watched: Watched
    orders: int
    fills: int
    turnover: Decimal
    carry_per_year: Decimal | None  # realised: funding over the average position
    carry_forecast: Decimal | None  # per year, as the last look told it
    funding_forecast: Decimal | None  # USD a day, likewise
    basis: tuple[Basis, ...]

    @property
    def value_before(self) -> Decimal:
        """At the first sample."""
        return self.steps[0].start.value

    @property
    @exact
    def value_after(self) -> Decimal:
        """At the last, with what linear contracts paid meanwhile."""
        return self.steps[-1].end.value + sum((step.quote for step in self.steps), ZERO)

    @property
    @exact
    def exposed_usd_hours(self) -> Decimal:
        """Integral of |drift|."""
        return self.watched.exposed_usd_s / _HOUR_S

    @property
    @exact
    def in_band(self) -> Decimal | None:
        """Share of the time in which something could be told; None: there was none."""
        told_s = self.watched.seconds - self.watched.blind_s
        return self.watched.in_band_s / told_s if told_s else None


@exact
def summary(records: AssetRecords, statement: Statement) -> Summary | None:
    """None: there are not two samples to tell anything between.

    `statement` is of the asset's own accounts.
    """
    found = steps(records.samples, records.trades, statement)
    if not found:
        return None
    causes = Causes.summed(step.causes for step in found)
    held = sum((_seconds(step) * abs(step.start.position_usd) for step in found), ZERO)
    first, last = found[0].start.seq, found[-1].end.seq
    made = [trade for trade in records.trades if first < trade.seq <= last]
    last_sample = records.samples[-1]
    all_changes = changes(found)
    return Summary(
        records=records,
        steps=found,
        causes=causes,
        changes=all_changes,
        effectiveness=effectiveness(all_changes),
        watched=reduce(_with, map(_watched, found), NOTHING_WATCHED),
        orders=sum(first < seq <= last for seq in records.orders),
        fills=len(made),
        turnover=sum((trade.usd for trade in made), ZERO),
        carry_per_year=causes.funding * _YEAR_S / held if held else None,
        carry_forecast=last_sample.carry_per_year,
        funding_forecast=last_sample.funding_usd_per_day,
        basis=tuple(_basis(records.samples)),
    )


def _watched(step: Step) -> Watched:
    """What the cycles saw; of an old journal the drift at the beginning counts for all of it."""
    if step.end.watched is not None:
        return step.end.watched
    seconds, drift = _seconds(step), abs(step.start.drift_usd)
    calm_s = seconds if drift <= step.start.band_usd else ZERO
    return Watched(seconds, calm_s, ZERO, seconds * drift, 1)


def _with(one: Watched, other: Watched) -> Watched:
    return Watched(
        one.seconds + other.seconds,
        one.in_band_s + other.in_band_s,
        one.blind_s + other.blind_s,
        one.exposed_usd_s + other.exposed_usd_s,
        one.cycles + other.cycles,
    )


def _basis(samples: Sequence[Sample]) -> list[Basis]:
    history: dict[Place, list[Decimal]] = {}
    for sample in samples:
        for leg in sample.legs:
            if leg.index is not None:
                history.setdefault(leg.place, []).append(basis_bps(leg.mark, leg.index))
    return [
        Basis(place, bps[-1], sum(bps, ZERO) / len(bps), min(bps), max(bps))
        for place, bps in history.items()
    ]


def _seconds(step: Step) -> Decimal:
    return Decimal((step.end.at - step.start.at) // _SECOND)
