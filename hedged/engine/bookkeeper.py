"""Keeps each account's statement in the journal, beside the trading and never in its way.

Once an hour what each venue lists is read from where the last reading ended. Venues list some
records late, so an hour is read again: the journal takes each line once. What cannot be read is
read the next time, from the same moment on; a gap that no venue tells of any more stays a gap, as
the spans on record show.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from hedged.core.statement import StatementLine, StatementRead
from hedged.ports import (
    Clock,
    Journal,
    Selection,
    StoreError,
    Venue,
    VenueAuthError,
    VenueRefused,
    VenueUnavailable,
)

EVERY_S: Final = 3600.0
FIRST_S: Final = 60.0  # a start has more urgent things to ask
OVERLAP: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=364)  # that any venue tells of
LOOKED_AT: Final = 24  # readings of each venue, for the last of it
EFFECT: Final = "none on trading; it is read again in an hour"
AT_ONCE: Final = 500  # lines in one job: orders must not wait long behind them

log = structlog.get_logger("hedged.bookkeeper")


class Bookkeeper:
    """Of the venues that a daemon hedges at."""

    def __init__(self, venues: Iterable[Venue], journal: Journal, clock: Clock) -> None:
        """A venue that does not tell of its statement is asked once."""
        self._venues = {venue.name: venue for venue in venues}
        self._journal = journal
        self._clock = clock
        self._ends: dict[str, datetime] | None = None  # of the last reading, as on record

    async def keep(self) -> None:
        """Read what is new everywhere, and record it."""
        try:
            if self._ends is None:
                self._ends = await self._recorded_ends()
        except StoreError as error:
            log.warning("statement.unread", why=str(error), effect=EFFECT)
            return
        await asyncio.gather(*(self._keep(v, self._ends) for v in list(self._venues.values())))

    async def _keep(self, venue: Venue, ends: dict[str, datetime]) -> None:
        now = self._clock.now() - timedelta(seconds=float(venue.skew_s or 0))
        begun = datetime.fromtimestamp(self._journal.ledger.epoch_ms / 1000, UTC)
        since = max(ends.get(venue.name, begun) - OVERLAP, now - LONGEST)
        try:
            flows = await venue.flows(since)
            for first in range(0, len(flows), AT_ONCE):
                lines = (StatementLine(venue.name, f) for f in flows[first : first + AT_ONCE])
                await self._journal.append(*lines)
            await self._journal.append(StatementRead(venue.name, since, now))
        except VenueRefused as refused:
            log.info("statement.not_told", venue=venue.name, why=str(refused))
            del self._venues[venue.name]
        except (VenueUnavailable, VenueAuthError, StoreError) as error:
            log.warning("statement.unread", venue=venue.name, why=str(error), effect=EFFECT)
        else:
            ends[venue.name] = now

    async def _recorded_ends(self) -> dict[str, datetime]:
        """Where the last readings ended."""
        newest = Selection(kinds=(StatementRead.kind,), last=LOOKED_AT * len(self._venues))
        spans = (entry.event for entry in await self._journal.entries(newest))
        return {span.venue: span.until for span in spans if isinstance(span, StatementRead)}
