"""Funding that was paid and received, as the venues list it: for those who look on.

A venue is asked at most once in a while, beside the trading, and what it said last is kept: the
list that it answers with grows slowly, and asking counts toward its limit.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from hedged.core.types import Flow, FlowKind
from hedged.ports import OUTAGE, Clock, Venue

AGAIN_S: Final = 900.0
LONGEST: Final = timedelta(days=30)

log = structlog.get_logger("hedged.payments")


@dataclass(frozen=True, slots=True)
class Payments:
    """Of one venue, oldest first; `flow.funding` is received > 0, in `flow.change.unit`."""

    venue: str
    flows: tuple[Flow, ...] = ()
    as_of: datetime | None = None  # None: not told yet
    why: str = ""  # the last question came to nothing


class FundingLog:
    """What each venue listed last."""

    def __init__(self, venues: Mapping[str, Venue], clock: Clock) -> None:
        self._venues = venues
        self._clock = clock
        self._found = {name: Payments(name) for name in venues}
        self._asked_s: dict[str, float] = {}

    async def payments(self) -> Sequence[Payments]:
        """Those of the last thirty days, read anew where that is due."""
        now_s = self._clock.monotonic()
        due = [
            venue
            for name, venue in self._venues.items()
            if now_s - self._asked_s.get(name, -AGAIN_S) >= AGAIN_S
        ]
        self._asked_s |= {venue.name: now_s for venue in due}  # who asks meanwhile does not wait
        for told in await asyncio.gather(*map(self._read, due)):
            self._found[told.venue] = told
        return tuple(self._found.values())

    async def _read(self, venue: Venue) -> Payments:
        now, known = self._clock.now(), self._found[venue.name]
        try:
            flows = await venue.flows(now - LONGEST)
        except OUTAGE as error:
            log.debug("payments.not_read", venue=venue.name, why=str(error))
            return Payments(venue.name, known.flows, known.as_of, str(error))
        funding = tuple(f for f in flows if f.kind is FlowKind.FUNDING or f.funding)
        return Payments(venue.name, funding, now)
