"""What a venue announces of its own availability: maintenance, ahead and under way.

Read when the venue is opened and anew every few minutes beside the reads. A venue that tells
nothing, or cannot be asked just now, is used all the same: what was told last stays.
"""

from math import inf
from typing import Final

import structlog

from hedged.core.types import Maintenance
from hedged.ports import Clock, VenueAuthError, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.profiles.profile import Profile
from hedged.venue.spec import VenueSpec

NOTICES: Final = "notices"  # what an environment lacks where it tells of no maintenance
_RENEWED_S: Final = 300.0
_log = structlog.get_logger("hedged.venue")


class Announcements:
    """The maintenance of one venue; a `Chore` of the connection."""

    def __init__(
        self, spec: VenueSpec, profile: Profile, connection: Connection, clock: Clock
    ) -> None:
        self._spec = spec
        self._notices = None if NOTICES in profile.lacks(spec.world) else profile.notices
        self._connection = connection
        self._clock = clock
        self._due_at_s = inf  # until it was read for the first time
        self.maintenance: tuple[Maintenance, ...] = ()

    async def open(self) -> None:
        """Read it for the first time; whatever goes wrong, the venue opens."""
        try:
            await self._connection.read(self.renew)
        except (VenueUnavailable, VenueAuthError) as error:
            _log.warning("venue.announcements_unknown", venue=self._spec.name, error=str(error))

    def is_due(self, now_s: float) -> bool:
        """Whether it is time to read it anew."""
        return now_s >= self._due_at_s

    async def renew(self) -> None:
        """Read it anew."""
        if self._notices is None:
            return
        self._due_at_s = self._clock.monotonic() + _RENEWED_S
        rows = await self._connection.rows("announcements", self._notices.read)
        told = (self._notices.notice(row, self._spec.name, self._spec.world) for row in rows)
        self.maintenance = tuple(notice for notice in told if notice is not None)
