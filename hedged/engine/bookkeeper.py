"""Keeps each account's statement in the journal, beside the trading and never in its way.

Once an hour what each venue lists is read from where the last reading ended. Venues list some
records late, so an hour is read again: the journal takes each line once. What cannot be read is
read the next time, from the same moment on.

Venues tell only so many lines, or so many pages: of a long or busy time some never tell all. Where
the whole has failed a few times while a shorter time could be read, the shorter one is recorded and
later readings go on from it. What lies before stays a gap, as the spans on record show. A venue
that is merely away tells of no shorter time either, and so opens none.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from hedged.core.statement import StatementLine, StatementRead
from hedged.core.types import Flow
from hedged.ports import (
    OUTAGE,
    Clock,
    Journal,
    Selection,
    StatementNotTold,
    StoreError,
    Venue,
    VenueRefused,
    VenueUnavailable,
)

EVERY_S: Final = 3600.0
FIRST_S: Final = 60.0  # a start has more urgent things to ask
OVERLAP: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=364)  # that any venue tells of
SHORTER: Final = (timedelta(days=7), timedelta(days=1), timedelta(hours=2))
PATIENCE: Final = 3  # readings at which only a shorter time is told, before that is settled for
LOOKED_AT: Final = 1000  # readings of each venue, for the last of one that was away for weeks
EFFECT: Final = "none on trading; it is read again in an hour"
AT_ONCE: Final = 500  # lines in one job: orders must not wait long behind them

log = structlog.get_logger("hedged.bookkeeper")


class Bookkeeper:
    """Of the venues that a daemon hedges at."""

    def __init__(self, venues: Iterable[Venue], journal: Journal, clock: Clock) -> None:
        """A venue that never tells of its statement is asked once."""
        self._venues = {venue.name: venue for venue in venues}
        self._journal = journal
        self._clock = clock
        self._ends: dict[str, datetime] | None = None  # of the last reading, as on record
        self._cut_short: Counter[str] = Counter()  # readings since then that a shorter one passed

    async def keep(self) -> None:
        """Read what is new everywhere, and record it."""
        try:
            if self._ends is None:
                self._ends = await self._recorded_ends()
        except StoreError as error:
            log.warning("statement.unread", why=str(error), effect=EFFECT)
            return
        except Exception:
            log.exception("statement.failed", effect=EFFECT)
            return
        await asyncio.gather(*(self._keep(v, self._ends) for v in list(self._venues.values())))

    async def _keep(self, venue: Venue, ends: dict[str, datetime]) -> None:
        try:
            now = self._clock.now() - timedelta(seconds=float(venue.skew_s or 0))
            begun = datetime.fromtimestamp(self._journal.ledger.epoch_ms / 1000, UTC)
            since = max(ends.get(venue.name, begun) - OVERLAP, now - LONGEST)
            told_since, flows = await self._told(venue, since, now)
            for first in range(0, len(flows), AT_ONCE):
                lines = (StatementLine(venue.name, f) for f in flows[first : first + AT_ONCE])
                await self._journal.append(*lines)
            await self._journal.append(StatementRead(venue.name, told_since, now))
        except StatementNotTold as refused:
            log.info("statement.not_told", venue=venue.name, why=str(refused))
            del self._venues[venue.name]
        except (*OUTAGE, StoreError) as error:
            log.warning("statement.unread", venue=venue.name, why=str(error), effect=EFFECT)
        except Exception:
            log.exception("statement.failed", venue=venue.name, effect=EFFECT)
        else:
            ends[venue.name] = now
            del self._cut_short[venue.name]

    async def _told(
        self, venue: Venue, since: datetime, now: datetime
    ) -> tuple[datetime, Sequence[Flow]]:
        """What is told, and since when: later than asked for where the whole is too much."""
        try:
            return since, await venue.flows(since)
        except (VenueUnavailable, VenueRefused) as error:
            shorter = await self._shorter(venue, since, now)
            if shorter is None:
                raise
            self._cut_short[venue.name] += 1
            if self._cut_short[venue.name] < PATIENCE:
                raise
            log.warning(
                "statement.gap",
                venue=venue.name,
                since=since.isoformat(),
                until=shorter[0].isoformat(),
                why=str(error),
                effect="none on trading; what it listed of this time is not kept",
            )
            return shorter

    async def _shorter(
        self, venue: Venue, since: datetime, now: datetime
    ) -> tuple[datetime, Sequence[Flow]] | None:
        """The longest shorter time that is told."""
        for later in (now - span for span in SHORTER):
            if later > since:
                with suppress(VenueUnavailable, VenueRefused):
                    return later, await venue.flows(later)
        return None

    async def _recorded_ends(self) -> dict[str, datetime]:
        """Where the last readings ended."""
        newest = Selection(kinds=(StatementRead.kind,), last=LOOKED_AT * len(self._venues))
        spans = (entry.event for entry in await self._journal.entries(newest))
        return {span.venue: span.until for span in spans if isinstance(span, StatementRead)}
