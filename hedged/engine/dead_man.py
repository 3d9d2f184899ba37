"""The dead-man switch of one venue: its promise to cancel our orders when it hears no more of us.

It counts only while the venue confirms it, well within its window; otherwise resting orders get
short lifetimes. It cancels orders, never positions.
"""

from math import inf
from typing import Final

import structlog

from hedged.ports import OUTAGE, Clock, TradingVenue

log = structlog.get_logger("hedged.dead_man")

WINDOW_S: Final = 60
REFRESH_S: Final = WINDOW_S / 3
ASK_AGAIN_S: Final = 600.0  # a venue that has no switch, or did not confirm it


class DeadMan:
    """One venue's switch; times are monotonic seconds."""

    def __init__(self, venue: TradingVenue, clock: Clock) -> None:
        self._venue = venue
        self._clock = clock
        self._armed_s: float | None = None
        self._due_s = -inf  # to be armed, or refreshed

    @property
    def protects(self) -> bool:
        """Whether the venue would cancel our orders if this process died now."""
        return self._armed_s is not None and self._clock.monotonic() - self._armed_s < WINDOW_S

    async def keep(self) -> None:
        """Arm it, or refresh it where that is due; never raises for what the venue does."""
        now_s = self._clock.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + REFRESH_S
        try:
            confirmed = await self._venue.arm_dead_man(WINDOW_S)
        except OUTAGE as error:
            log.warning("dead_man.unknown", venue=self._venue.name, why=str(error))
            return
        if confirmed is not (self._armed_s is not None):
            log.info("dead_man.armed" if confirmed else "dead_man.none", venue=self._venue.name)
        self._armed_s = now_s if confirmed else None
        if not confirmed:
            self._due_s = now_s + ASK_AGAIN_S

    async def disarm(self) -> None:
        """On a clean stop: nothing rests any more, or what rests is meant to."""
        if self._armed_s is None:
            return
        try:
            await self._venue.disarm_dead_man()
        except OUTAGE as error:
            log.warning("dead_man.not_disarmed", venue=self._venue.name, why=str(error))
        self._armed_s = None
