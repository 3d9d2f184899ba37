"""Each day and each month is reported once, whenever the daemon ran and whatever the zone is."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hedged.alerts.reports import FIRST_S, Regular, regular
from hedged.alerts.watchman import Watchman
from hedged.clock import VirtualClock, settle
from hedged.config.settings import AlertSettings, ReportSettings
from hedged.ops.notify import Alert
from hedged.ops.schedule import next_at
from hedged.report.scheduled import (
    MOST,
    Made,
    Period,
    Reporter,
    day_before,
    missing,
    month_before,
    page_of,
)

DAILY = "30 0 * * *"


@dataclass
class Writing(Reporter):
    """Writes pages of nothing, but for days of which there is nothing, and at first may not."""

    empty: frozenset[str] = frozenset()
    made: list[str] = field(default_factory=list)
    failures: list[Made | Exception] = field(default_factory=list)
    under_way: int = 0
    told: list[str] = field(default_factory=list)

    def place(self, named: Path) -> Path:
        return named

    async def write(self, period: Period, folder: Path) -> Made:
        self.made.append(period.name)
        self.under_way += 1
        assert self.under_way == 1, "two side by side"
        await asyncio.sleep(0)
        self.under_way -= 1
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        if period.name in self.empty:
            return Made(why="nothing to report")
        return Made(written=put(period, folder))


def put(period: Period, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    page = page_of(period, folder)
    page.write_text("")
    return page


class Telling(Watchman):
    """Remembers what it told."""

    def __init__(self, clock: VirtualClock, told: list[str]) -> None:
        super().__init__(AlertSettings.model_validate({}), [], clock)
        self._said = told

    def tell(self, *alerts: Alert) -> None:
        self._said += [alert.title for alert in alerts]


async def lived(folder: Path, writing: Writing, *runs: tuple[datetime, datetime]) -> list[str]:
    """Daemons that run from one moment to another, their cron with them."""
    for start, end in runs:
        clock = VirtualClock(start)
        report = Regular(DAILY, day_before, folder, writing, Telling(clock, writing.told), clock)
        going = asyncio.create_task(report.go_on())
        await settle()
        await clock.advance(FIRST_S)
        await settle()
        while (ring := next_at(DAILY, clock.now())) < end:
            await clock.advance((ring - clock.now()).total_seconds())
            report.due.set()
            report.due.set()
            await settle()
            await clock.advance(1)
        going.cancel()
    return writing.made


def at(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.asyncio
async def test_each_day_once_when_the_clocks_change(tmp_path: Path, zone: str) -> None:
    """New York on 2026-03-08, Berlin on 2026-03-29."""
    made = await lived(tmp_path / "r", Writing(), (at(5, 12), at(31, 12)))
    assert made == [f"daily-2026-03-{day:02}" for day in range(4, 31)]


@pytest.mark.asyncio
async def test_a_start_shortly_before_one_is_due_makes_it_once(tmp_path: Path) -> None:
    made = await lived(tmp_path / "r", Writing(), (at(5, 0, 10), at(5, 12)), (at(5, 12), at(5, 13)))
    assert made == ["daily-2026-03-04"]


@pytest.mark.asyncio
async def test_days_that_ended_while_nothing_ran_are_made_up_for(tmp_path: Path) -> None:
    """Down from the afternoon of the 6th to the 9th: of the 7th and 8th there is nothing."""
    writing = Writing(empty=frozenset({"daily-2026-03-07", "daily-2026-03-08"}))
    made = await lived(tmp_path / "r", writing, (at(5, 12), at(6, 15)), (at(9, 10), at(10, 12)))
    assert [name[-2:] for name in made] == ["04", "05", "06", "07", "08", "07", "08", "09"]
    written = {path.stem[-2:] for path in (tmp_path / "r").iterdir()}
    assert written == {"04", "05", "06", "09"}


def test_an_empty_or_forgotten_folder_is_not_filled_with_years(tmp_path: Path) -> None:
    (only,) = missing(month_before, tmp_path, at(3))
    assert only.name == "monthly-2026-02"
    put(day_before(at(3) - timedelta(days=MOST + 1)), tmp_path)
    assert [p.name for p in missing(day_before, tmp_path, at(3))] == ["daily-2026-03-02"]
    put(day_before(at(1)), tmp_path)
    assert [p.name for p in missing(day_before, tmp_path, at(3))] == [
        "daily-2026-03-01",
        "daily-2026-03-02",
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("failure", [Made(why="no", is_failed=True), ValueError("odd JSON")])
async def test_one_that_failed_is_told_and_tried_again_before_later_ones(
    tmp_path: Path, failure: Made | Exception
) -> None:
    put(day_before(at(3)), tmp_path)
    writing = Writing(failures=[failure])
    made = await lived(tmp_path, writing, (at(5, 12), at(6, 12)))
    assert [name[-2:] for name in made] == ["03", "03", "04", "05"]
    assert len(writing.told) == 1


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_looked_into_ends_no_later_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []

    def closed_at_first(page: Path) -> bool:
        looks.append(page)
        if len(looks) == 1:
            raise PermissionError(13, "Permission denied", str(page))
        return page in set(tmp_path.iterdir())

    put(day_before(at(4)), tmp_path)
    monkeypatch.setattr(Path, "exists", closed_at_first)
    writing = Writing()
    assert await lived(tmp_path, writing, (at(5, 12), at(6, 12))) == [
        "daily-2026-03-04",
        "daily-2026-03-05",
    ]
    assert writing.told == ["no report"]


@pytest.mark.asyncio
async def test_a_start_is_left_alone_and_then_one_report_is_made_at_a_time(tmp_path: Path) -> None:
    clock, writing = VirtualClock(at(5, 12)), Writing()
    settings = ReportSettings(folder=str(tmp_path), daily=DAILY, monthly="0 1 1 * *")
    both = regular(settings, writing, Telling(clock, writing.told), clock)
    going = [asyncio.create_task(report.go_on()) for report in both]
    await settle()
    await clock.advance(FIRST_S - 1)
    await settle()
    assert writing.made == []
    await clock.advance(1)
    await settle()
    assert sorted(writing.made) == ["daily-2026-03-04", "monthly-2026-02"]
    assert writing.told == []
    for one in going:
        one.cancel()
