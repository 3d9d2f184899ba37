"""When another ratio holds: single windows, and windows that a cron line opens.

A window is in force from its start until, not including, its end. Its ramp takes it in in equal
steps, the first at once, and out again in the same number at its end: with four steps over an
hour it is at 1/4, 2/4, 3/4 and 4/4 from the start and from each quarter on. The first window of
the list that is in force holds; where none is, the base ratio does.

Cron lines are local times. A time that a change to summer time skips opens its window as much
later as the clock jumped, and one that occurs twice opens it at the first: every day that the
line names opens it exactly once per time that it names. Day of the month and day of the week
must both fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from hedged.core.types import ActiveWindow, Window

MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD: Final = timedelta(days=366)  # a change that is further away is not told


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the windows say of one moment."""

    active: ActiveWindow | None
    next_change_at: datetime | None  # None: none within a year


NO_WINDOWS: Final = Schedule(None, None)


@dataclass(frozen=True, slots=True)
class _Span:
    """One occurrence of a window."""

    window: Window
    starts_at: datetime
    ends_at: datetime

    def step(self, at: datetime) -> int:
        """How many of its steps are in force at this moment, from 1 to all of them."""
        window = self.window
        if not window.ramp_s:
            return window.steps
        one = timedelta(seconds=window.ramp_s) / window.steps
        inward = (at - self.starts_at) // one + 1
        outward = -((at - self.ends_at) // one)
        return min(inward, outward, window.steps)

    def changes(self) -> Iterator[datetime]:
        """Every moment at which the step changes, its start and end among them."""
        one = timedelta(seconds=self.window.ramp_s) / self.window.steps
        for number in range(self.window.steps if self.window.ramp_s else 1):
            yield self.starts_at + number * one
            yield self.ends_at - number * one


def schedule(windows: Sequence[Window], at: datetime) -> Schedule:
    """The window in force and the next change, at an aware moment."""
    if not windows:
        return NO_WINDOWS
    active: ActiveWindow | None = None
    changes: list[datetime] = []
    for window in windows:
        for span in _spans(window, at):
            changes += (change for change in span.changes() if change > at)
            if active is None and span.starts_at <= at < span.ends_at:
                step = span.step(at)
                active = ActiveWindow(window.name, window.ratio, step, window.steps, span.ends_at)
    return Schedule(active, min(changes, default=None))


def _spans(window: Window, at: datetime) -> Iterator[_Span]:
    """The occurrence that holds at this moment, if any, and the next one."""
    if window.starts_at is not None and window.ends_at is not None:
        yield _Span(window, window.starts_at, window.ends_at)
    if window.cron is not None and window.duration_s is not None:
        length = timedelta(seconds=window.duration_s)
        last = _last_start(window.cron, window.zone, at, length)
        if last is not None:
            yield _Span(window, last, last + length)
        following = _next_start(window.cron, window.zone, at)
        if following is not None:
            yield _Span(window, following, following + length)


def _last_start(line: str, zone: str, at: datetime, within: timedelta) -> datetime | None:
    """The latest time that a cron line names not after `at` and less than `within` ago."""
    today = at.astimezone(ZoneInfo(zone)).date()
    named = (
        instant
        for back in range(-1, within.days + 3)
        for instant in _instants(line, zone, today - timedelta(days=back))
        if instant <= at < instant + within
    )
    return max(named, default=None)


def _next_start(line: str, zone: str, at: datetime) -> datetime | None:
    """The first time that a cron line names after `at`; None: there is none within a year."""
    yesterday = at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    found: datetime | None = None
    for ahead in range(LOOK_AHEAD.days + 2):
        later = [i for i in _instants(line, zone, yesterday + timedelta(days=ahead)) if i > at]
        if found is not None:  # a clock that jumps at midnight may mix two days
            return min([found, *later])
        found = min(later, default=None)
    return None


@lru_cache(maxsize=2048)
def _instants(line: str, zone: str, day: date) -> tuple[datetime, ...]:
    """The times that a cron line names on a local day, in UTC."""
    cron = cron_of(line)
    if not cron.names(day):
        return ()
    return tuple(
        datetime.combine(day, moment, ZoneInfo(zone)).astimezone(UTC) for moment in cron.times
    )


@dataclass(frozen=True, slots=True)
class CronLine:
    """The times of day and the days that a cron line names."""

    times: tuple[time, ...]  # ascending
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # Monday is 0

    def names(self, day: date) -> bool:
        """Whether the line names this day."""
        return day.month in self.months and day.day in self.days and day.weekday() in self.weekdays


@lru_cache(maxsize=256)
def cron_of(line: str) -> CronLine:
    """A cron line of minute, hour, day of the month, month and day of the week by name."""
    minutes, hours, days, months, weekdays = line.lower().split()
    return CronLine(
        times=tuple(
            time(hour, minute)
            for hour in sorted(_numbers(hours, range(24)))
            for minute in sorted(_numbers(minutes, range(60)))
        ),
        days=_numbers(days, range(1, 32)),
        months=_numbers(months, range(1, 13), MONTHS),
        weekdays=_numbers(weekdays, range(7), WEEKDAYS),
    )


def _numbers(field: str, allowed: range, names: tuple[str, ...] = ()) -> frozenset[int]:
    """The numbers that one field names: lists, ranges, steps, and names in place of numbers."""
    found: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        if first == "*":
            numbers = allowed
        else:
            low = _number(first, allowed, names)
            numbers = range(low, (_number(last, allowed, names) if last else low) + 1)
        found.update(numbers[:: int(step or 1)])
    return frozenset(found)


def _number(text: str, allowed: range, names: tuple[str, ...]) -> int:
    return allowed[names.index(text)] if text in names else int(text)
