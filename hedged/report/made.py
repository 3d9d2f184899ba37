"""A whole report: every asset of the journal over a period, and what is beside them.

Coins belong to the asset that they are. What linear contracts pay in (USDT, USDC) may serve several
assets at once: their profit and funding belongs to the asset, the rest of what the venue lists in
that coin (interest, transfers, spot trades) is a line of its own, so that assets and lines together
are the change of the accounts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from hedged.core.access import Use
from hedged.core.decimals import ZERO, exact
from hedged.core.events import Entry, Reconciled
from hedged.core.types import Flow, FlowKind, Kind
from hedged.report.effectiveness import WINDOW, Effectiveness, rolling
from hedged.report.records import asset_records
from hedged.report.samples import UNNAMED, AssetRecords
from hedged.report.summary import Summary, summary

Flows = Mapping[str, Sequence[Flow]]  # by venue, oldest first; without those that do not tell


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
    entries: Iterable[Entry],
    flows: Flows | None,
    until: datetime,
    window: timedelta = WINDOW,
    notes: Sequence[str] = (),
) -> Report:
    """`entries` and `flows` of the period; `flows` None: no venue was asked. `notes`: why."""
    listed = [entry for entry in entries if entry.at <= until]
    known = asset_records(listed)
    told = None if flows is None else _until(flows, until)
    found = [(r, summary(r, own_flows(r, told))) for r in known.values()]
    summaries = tuple(one for _, one in found if one is not None)
    return Report(
        summaries=summaries,
        windows={
            (one.records.book, one.records.asset): tuple(rolling(one.changes, window))
            for one in summaries
        },
        uses=_uses(listed),
        quotes=() if told is None else tuple(_quotes(summaries, told)),
        notes=(_asked(told), *notes),
    )


def own_flows(records: AssetRecords, flows: Flows | None) -> tuple[Flow, ...] | None:
    """Those of an asset: in its coin at the venues that carry its hedge, and of its contracts.

    None: not all of these venues were asked, or tell.
    """
    if flows is None:
        return None
    venues = {place[0] for place in records.places if place != UNNAMED} or set(flows)
    if not venues <= flows.keys():
        return None  # one of them does not tell
    found = [
        flow for venue in venues for flow in flows.get(venue, ()) if _is_of(records, flow, venue)
    ]
    return tuple(sorted(found, key=lambda flow: flow.at))


def _is_of(records: AssetRecords, flow: Flow, venue: str) -> bool:
    if flow.change.unit == records.asset:
        return True
    return (venue, flow.symbol) in records.places


def _until(flows: Flows, until: datetime) -> Flows:
    return {venue: [f for f in listed if f.at <= until] for venue, listed in flows.items()}


@exact
def _quotes(summaries: Sequence[Summary], flows: Flows) -> list[Quote]:
    """Of the period that the summaries span."""
    settles = {
        (leg.venue, leg.settle)
        for one in summaries
        for sample in one.records.samples
        for leg in (() if sample.look is None else sample.look.legs)
        if leg.kind is Kind.LINEAR
    }
    found = []
    for venue, coin in sorted(settles):
        first = min(one.steps[0].start.at for one in summaries)
        last = max(one.steps[-1].end.at for one in summaries)
        places = {place for one in summaries for place in one.records.places}
        by_kind: dict[FlowKind, Decimal] = {}
        for flow in flows.get(venue, ()):
            is_beside = flow.change.unit == coin and (venue, flow.symbol) not in places
            if is_beside and first < flow.at <= last:
                by_kind[flow.kind] = by_kind.get(flow.kind, ZERO) + flow.change.value
        found.append(Quote(venue, coin, by_kind))
    return found


@exact
def _uses(entries: Iterable[Entry]) -> dict[str, Use]:
    """What each venue was asked, as comparisons with it keep it."""
    found: dict[str, Use] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, Reconciled):
            so_far = found.get(event.venue, Use())
            found[event.venue] = Use(so_far.requests + event.requests, so_far.weight + event.weight)
    return found


def _asked(flows: Flows | None) -> str:
    if flows is None:
        return "No exchange was asked: funding, interest and transfers have no name."
    count = sum(map(len, flows.values()))
    return f"{count} records of {', '.join(flows) or 'no exchange'} are in it."
