"""What a venue tells of an account, and of which times it tells all: the journal has it, mostly.

The daemon keeps statements line by line; the venue is asked only for what is not on record, such as
the last hour, and a report of last month needs no venue at all. Where neither tells of a time,
nothing is known of it, which is another thing than nothing having happened.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from hedged.core.events import Entry
from hedged.core.statement import StatementLine, StatementRead
from hedged.core.types import Flow

KINDS: Final = (StatementLine.kind, StatementRead.kind)
SLACK: Final = timedelta(seconds=30)  # by how much a venue's clock may differ from a sample's

Span = tuple[datetime, datetime]
ALWAYS: Final[Span] = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines, oldest first, and the times of which none is missing, in order and apart."""

    flows: tuple[Flow, ...] = ()
    spans: tuple[Span, ...] = (ALWAYS,)

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether all of this time is told."""
        return any(since <= start + SLACK and end - SLACK <= until for since, until in self.spans)

    def gaps(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The parts of this time of which nothing is told."""
        for since, until in self.spans:
            if start < min(since, end):
                yield start, min(since, end)
            start = max(start, until)
        if start < end:
            yield start, end

    def and_then(self, later: "Statement") -> "Statement":
        """With what the same venue told later; a line that comes twice is one."""
        by_id = {flow.flow_id: flow for flow in (*self.flows, *later.flows)}
        return Statement(_sorted(by_id.values()), _union((*self.spans, *later.spans)))

    def beside(self, other: "Statement") -> "Statement":
        """With another venue's: what is told of both, is."""
        both = ((max(a[0], b[0]), min(a[1], b[1])) for a in self.spans for b in other.spans)
        spans = _union(span for span in both if span[0] < span[1])
        return Statement(_sorted((*self.flows, *other.flows)), spans)


UNTOLD: Final = Statement(spans=())


def kept_statements(entries: Iterable[Entry]) -> dict[str, Statement]:
    """What the journal has of each venue that tells."""
    flows: dict[str, list[Flow]] = {}
    spans: dict[str, list[Span]] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, StatementLine):
            flows.setdefault(event.venue, []).append(event.flow)
        elif isinstance(event, StatementRead):
            spans.setdefault(event.venue, []).append((event.since, event.until))
    return {
        venue: Statement(_sorted(flows.get(venue, ())), _union(spans.get(venue, ())))
        for venue in dict.fromkeys((*spans, *flows))
    }


def _sorted(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    return tuple(sorted(flows, key=lambda flow: flow.at))


def _union(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return tuple(found)
