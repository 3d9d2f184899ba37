"""A whole report: every asset of the journal over a period, and what is beside them.

Coins belong to the asset that they are. What linear contracts pay in (USDT, USDC) may serve several
assets at once: their profit and funding belongs to the asset, the rest of what the venue lists in
that coin (interest, transfers, spot trades) is a line of its own, so that assets and lines together
are the change of the accounts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce

from hedged.core.access import Use
from hedged.core.decimals import ZERO, exact
from hedged.core.types import Flow, FlowKind, Kind
from hedged.report.effectiveness import WINDOW, Effectiveness, rolling
from hedged.report.records import Journalled
from hedged.report.samples import UNNAMED, AssetRecords
from hedged.report.statement import SLACK, UNTOLD, Statement
from hedged.report.summary import Summary, summary

Statements = Mapping[str, Statement]  # by venue; without those that do not tell


@dataclass(frozen=True, slots=True)
class Quote:
    """What a venue lists in a coin that contracts pay in, beside what they paid; received > 0."""

    venue: str
    coin: str
    by_kind: Mapping[FlowKind, Decimal]


@dataclass(frozen=True, slots=True)
class Report:
    """What happened; a period without two looks at an asset has nothing of it."""

    summaries: tuple[Summary, ...]
    windows: Mapping[tuple[str, str], tuple[Effectiveness, ...]]  # by book and asset
    quotes: tuple[Quote, ...] = ()
    uses: Mapping[str, Use] = field(default_factory=dict)  # of the API, by venue
    notes: tuple[str, ...] = ()


def made(
    known: Journalled,
    statements: Statements,
    window: timedelta = WINDOW,
    notes: Sequence[str] = (),
) -> Report:
    """Of a period's journal and statements. `notes`: why not all venues tell."""
    found = [summary(r, own_statement(r, statements)) for r in known.assets.values()]
    summaries = tuple(one for one in found if one is not None)
    return Report(
        summaries=summaries,
        windows={
            (one.records.book, one.records.asset): tuple(rolling(one.changes, window))
            for one in summaries
        },
        uses=known.uses,
        quotes=tuple(_quotes(summaries, statements, known.edge)),
        notes=(*_told(summaries, statements), *notes),
    )


def own_statement(records: AssetRecords, statements: Statements) -> Statement:
    """That of an asset: in its coin at the venues that carry its hedge, and of its contracts.

    Where one of these venues tells nothing, no time is told whole.
    """
    venues = {place[0] for place in records.places if place != UNNAMED} or set(statements)
    own = (_own(records, venue, statements.get(venue, UNTOLD)) for venue in sorted(venues))
    return reduce(Statement.beside, own) if venues else UNTOLD


def _own(records: AssetRecords, venue: str, statement: Statement) -> Statement:
    places = records.places

    def is_own(flow: Flow) -> bool:
        return flow.change.unit == records.asset or (venue, flow.symbol) in places

    return replace(statement, flows=tuple(filter(is_own, statement.flows)))


@exact
def _quotes(
    summaries: Sequence[Summary], statements: Statements, edge: datetime | None
) -> list[Quote]:
    """Of the period that the summaries span, from its edge: the period before has the rest."""
    settles = {
        (leg.place[0], leg.settle)
        for one in summaries
        for sample in one.records.samples
        for leg in sample.legs
        if leg.kind is Kind.LINEAR
    }
    found = []
    for venue, coin in sorted(settles):
        if venue not in statements:
            continue
        first, last = _period(summaries)
        places = {place for one in summaries for place in one.records.places}
        by_kind: dict[FlowKind, Decimal] = {}
        for flow in statements[venue].flows:
            is_beside = flow.change.unit == coin and (venue, flow.symbol) not in places
            if is_beside and (edge or first) < flow.at <= last:
                by_kind[flow.kind] = by_kind.get(flow.kind, ZERO) + flow.change.value
        found.append(Quote(venue, coin, by_kind))
    return found


def _period(summaries: Sequence[Summary]) -> tuple[datetime, datetime]:
    return (
        min(one.steps[0].start.at for one in summaries),
        max(one.steps[-1].end.at for one in summaries),
    )


def _told(summaries: Sequence[Summary], statements: Statements) -> Iterator[str]:
    """Which records are in it, and of which times there are none."""
    if not statements:
        yield "No exchange tells: funding, interest and transfers have no name."
    if not summaries or not statements:
        return
    first, last = _period(summaries)
    count = sum(first <= f.at <= last for told in statements.values() for f in told.flows)
    yield f"{count} records of {', '.join(statements)} are in it."
    for venue, told in statements.items():
        for since, until in told.gaps(first + SLACK, last - SLACK):
            yield (
                f"{venue} tells nothing of {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC:"
                " what happened then has no name."
            )
