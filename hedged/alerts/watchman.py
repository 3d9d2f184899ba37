"""Looks once a second at what stands, and has what is new about it delivered.

It runs beside the trading and only reads. What a second brings goes out together. Whatever goes
wrong here is logged and ends nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from hedged.alerts.conditions import Facts, conditions, happened
from hedged.alerts.course import Memory, turned
from hedged.config import AlertSettings
from hedged.ops.notify import Alert, Level, Outbox
from hedged.ports import Clock

log = structlog.get_logger("hedged.alerts")

LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Recipient:
    """An outbox, and the least level that goes there."""

    outbox: Outbox
    least: Level


@dataclass(slots=True)
class Told:
    """What was told so far; a reload of the configuration goes on with it."""

    memory: Memory = field(default_factory=dict)
    facts: Facts | None = None  # as of the last look
    outboxes: tuple[Outbox, ...] = ()  # of those who are told

    @property
    def standing(self) -> list[str]:
        """What was told and is not over, one line each."""
        return [
            course.condition.title
            for course in self.memory.values()
            if course.told_s is not None and course.ended_s is None
        ]


class Watchman:
    """Tells the recipients what is new."""

    def __init__(
        self,
        settings: AlertSettings,
        recipients: Sequence[Recipient],
        clock: Clock,
        told: Told | None = None,
    ) -> None:
        self.told = told or Told()
        self._settings = settings
        self._recipients = tuple(recipients)
        self.told.outboxes = tuple(recipient.outbox for recipient in recipients)
        self._clock = clock

    def tell(self, *alerts: Alert) -> None:
        """Have these delivered to whom they concern."""
        for alert in alerts:
            log.info("alert.told", level=alert.level, title=alert.title, over=alert.is_over)
        for recipient in self._recipients:
            fit = [alert for alert in alerts if alert.level.rank >= recipient.least.rank]
            if fit:
                recipient.outbox.put(fit)

    def send(self, digest: Alert) -> None:
        """Deliver what was asked for by schedule: to all but those that hear of the worst only."""
        for recipient in self._recipients:
            if recipient.least is not Level.CRITICAL:
                recipient.outbox.put([digest])

    def look(self, facts: Facts) -> None:
        """Compare what stands with what was told."""
        before = self.told.facts
        alerts = () if before is None else tuple(happened(before, facts))
        self.told.facts = facts
        self.told.memory, news = turned(
            self.told.memory,
            conditions(facts, float(self._settings.lasting_s)),
            self._clock.monotonic(),
            float(self._settings.repeat_s),
        )
        self.tell(*alerts, *news)

    async def watch(self, facts: Callable[[], Facts]) -> None:
        """Look once a second, for ever."""
        while True:
            try:
                self.look(facts())
            except Exception:
                log.exception("alerts.failed", effect="none on trading")
            await asyncio.sleep(LOOK_S)
