"""When books look at the world: on an interval, and on a cron expression if they have one.

APScheduler only rings the bell; it never runs a cycle itself. Its jobs are coroutines on the
loop's own thread, and a wake that comes late or twice is the same wake.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger


def next_at(expression: str, now: datetime) -> datetime:
    """When a five-field cron expression, UTC, rings next."""
    trigger = CronTrigger.from_crontab(expression, timezone="UTC")
    found: datetime = trigger.get_next_fire_time(None, now)
    return found


class Schedule:
    """Rings bells on time between `start` and `stop`."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, seconds: float, wake: Callable[[], None]) -> None:
        """Ring every so many seconds."""
        self._add(IntervalTrigger(seconds=seconds), wake)

    def cron(self, expression: str, wake: Callable[[], None]) -> None:
        """Ring at the times of a five-field cron expression, UTC."""
        self._add(CronTrigger.from_crontab(expression, timezone="UTC"), wake)

    def daily(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something once a day, first when a day has passed."""
        self._work(work, IntervalTrigger(days=1))

    def regularly(
        self, seconds: float, work: Callable[[], Awaitable[None]], *, first_s: float = 0.0
    ) -> None:
        """Do something every so many seconds, first after `first_s`; never twice at a time."""
        first = datetime.now(UTC) + timedelta(seconds=first_s)
        self._work(work, IntervalTrigger(seconds=seconds), next_run_time=first)

    def start(self) -> None:
        """Begin; needs a running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)

    def _work(
        self, work: Callable[[], Awaitable[None]], trigger: IntervalTrigger, **first: datetime
    ) -> None:
        async def do() -> None:
            with suppress(asyncio.CancelledError):  # by `stop`, which is no failure to log
                await work()

        self._scheduler.add_job(do, trigger, **first)

    def _add(self, trigger: IntervalTrigger | CronTrigger, wake: Callable[[], None]) -> None:
        async def ring() -> None:
            wake()

        self._scheduler.add_job(ring, trigger)
