"""What is new about what stands: (before, now) → alerts. Pure.

A condition is told once it has lasted, again after an interval that doubles each time, at once
when it grows graver, and its end is told when it has been gone for a while. One that comes and
goes counts as there in between; each time that it comes back within the hour its end takes twice
as long to believe, so that what flaps grows quiet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hedged.ops.notify import Alert, Level

A_DAY_S: Final = 86_400.0
FORGOTTEN_S: Final = 3600.0  # after its end
LONGEST_HOLD_S: Final = 3600.0

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that stands, and that somebody should know of."""

    key: Key  # what it is, whatever its figures are just now
    level: Level
    title: str
    text: str
    patience_s: float = 0.0  # how long it must last to be told
    hold_s: float = 0.0  # how long it must be gone to be over
    grave_s: float | None = None  # after how long it is critical


@dataclass(frozen=True, slots=True)
class Course:
    """How one condition has gone so far; times are monotonic seconds."""

    condition: Condition
    since_s: float
    seen_s: float
    told_s: float | None = None  # None: not yet
    told_level: Level = Level.INFO
    times: int = 0
    returns: int = 0  # within an hour of its end
    ended_s: float | None = None


Memory = Mapping[Key, Course]


def turned(
    before: Memory, conditions: Iterable[Condition], now_s: float, repeat_s: float
) -> tuple[Memory, tuple[Alert, ...]]:
    """The courses with what stands now, and what is to be told about it."""
    after: dict[Key, Course] = {}
    alerts: list[Alert] = []
    standing = {condition.key: condition for condition in conditions}
    for key, condition in standing.items():
        course = _gone_on(before.get(key), condition, now_s)
        if _is_due(course, now_s, repeat_s):
            course, alert = _told(course, now_s)
            alerts.append(alert)
        after[key] = course
    for key, course in before.items():
        if key in standing:
            continue
        hold_s = min(course.condition.hold_s * 2.0 ** min(course.returns, 20), LONGEST_HOLD_S)
        gone_s = now_s - course.seen_s
        if course.ended_s is not None:
            if now_s - course.ended_s < FORGOTTEN_S:
                after[key] = course
        elif gone_s < hold_s:
            after[key] = course
        elif course.told_s is not None:
            after[key] = replace(course, ended_s=now_s)
            alerts.append(_over(course))
    return after, tuple(alerts)


def _gone_on(course: Course | None, condition: Condition, now_s: float) -> Course:
    if course is None:
        return Course(condition, now_s, now_s)
    if course.ended_s is not None:
        return Course(condition, now_s, now_s, returns=course.returns + 1)
    return replace(course, condition=condition, seen_s=now_s)


def _level(course: Course, now_s: float) -> Level:
    grave_s = course.condition.grave_s
    is_grave = grave_s is not None and now_s - course.since_s >= grave_s
    return Level.CRITICAL if is_grave else course.condition.level


def _is_due(course: Course, now_s: float, repeat_s: float) -> bool:
    if course.told_s is None:
        return now_s - course.since_s >= course.condition.patience_s
    if _level(course, now_s).rank > course.told_level.rank:
        return True
    interval_s = min(repeat_s * 2.0 ** min(course.times - 1, 20), A_DAY_S)
    return now_s - course.told_s >= interval_s


def _told(course: Course, now_s: float) -> tuple[Course, Alert]:
    level = _level(course, now_s)
    told = replace(course, told_s=now_s, told_level=level, times=course.times + 1)
    lasted_s = now_s - course.since_s
    since = f" (for {duration(lasted_s)})" if lasted_s >= 1 else ""
    return told, Alert(level, f"{course.condition.title}{since}", course.condition.text)


def _over(course: Course) -> Alert:
    lasted = duration(course.seen_s - course.since_s)
    title, text = course.condition.title, f"It lasted {lasted}."
    return Alert(course.told_level, title, text, is_over=True)


def duration(seconds: float) -> str:
    """A time span for people: 42 s, 7 min, 3 h, 2 d."""
    for size_s, unit in ((A_DAY_S, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size_s:
            return f"{seconds / size_s:.0f} {unit}"
    return f"{seconds:.0f} s"
