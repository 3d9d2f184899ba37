"""Reports at their times: made elsewhere, put into a folder, and told in a few lines."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from hedged.alerts.watchman import Watchman
from hedged.config.settings import ReportSettings
from hedged.ops.notify import Alert, Level
from hedged.ports import Clock
from hedged.report.scheduled import (
    Made,
    Period,
    Reporter,
    day_before,
    last_day,
    missing,
    month_before,
    told,
)

FIRST_S: Final = 300.0  # a start has enough to do

log = structlog.get_logger("hedged.alerts")


@dataclass(frozen=True, slots=True)
class Regular:
    """A report that is made each time that `due` is set."""

    line: str  # of cron
    period_of: Callable[[datetime], Period]
    folder: Path
    reporter: Reporter
    watchman: Watchman
    clock: Clock
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # one is made at a time
    due: asyncio.Event = field(default_factory=asyncio.Event)

    async def go_on(self) -> None:
        """Make what is missing soon, and whenever one is due: each period is reported once."""
        await self.clock.sleep(FIRST_S)
        self.due.set()
        while True:
            await self.due.wait()
            self.due.clear()
            try:
                async with self.turn:
                    await self._make_missing()
            except Exception as error:
                log.exception("report.failed", effect="none on trading")
                self.watchman.tell(Alert(Level.WARNING, "no report", repr(error)))

    async def _make_missing(self) -> None:
        """Oldest first, up to one that fails: a later page would hide that it is missing."""
        for period in missing(self.period_of, self.folder, self.clock.now()):
            if await self._make(period):
                return

    async def _make(self, period: Period) -> bool:
        """Whether it failed."""
        try:
            made = await self.reporter.write(period, self.folder)
        except OSError as error:
            made = Made(why=f"{self.folder}: {error.strerror}", is_failed=True)
        if made.is_failed:
            self.watchman.tell(Alert(Level.WARNING, f"no report {period.name}", made.why))
        elif made.written is not None:
            text = "\n".join((*told(made), f"Written: {made.written}"))
            self.watchman.send(Alert(Level.INFO, f"report {period.name}", text))
        return made.is_failed


def regular(
    settings: ReportSettings, reporter: Reporter, watchman: Watchman, clock: Clock
) -> tuple[Regular, ...]:
    """Those that the settings want."""
    turn = asyncio.Lock()

    def wanted(folder: Path) -> Iterator[Regular]:
        kinds = ((settings.daily, day_before), (settings.monthly, month_before))
        for line, period_of in kinds:
            if line is not None:
                yield Regular(line, period_of, folder, reporter, watchman, clock, turn)

    if settings.folder is None:
        return ()
    return tuple(wanted(reporter.place(Path(settings.folder))))


async def of_the_day(reporter: Reporter, now: datetime) -> tuple[str, ...]:
    """What the last day came to by cause, a line an asset."""
    try:
        return tuple(told(await reporter.tell(last_day(now))))
    except OSError as error:
        return (f"No figures: {error}",)
