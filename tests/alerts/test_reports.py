"""Each day and each month is reported once, whenever the daemon ran and whatever the zone is."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hedged.alerts.reports import Regular
from hedged.alerts.watchman import Watchman
from hedged.clock import VirtualClock, settle
from hedged.config.settings import AlertSettings
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
    """Writes pages of nothing, but for days of which there is nothing."""

    empty: frozenset[str] = frozenset()
    made: list[str] = field(default_factory=list)

    async def write(self, period: Period, folder: Path) -> Made:
        self.made.append(period.name)
        await asyncio.sleep(0)
        if period.name in self.empty:
            return Made(why="nothing to report")
        return Made(written=put(period, folder))


def put(period: Period, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    page = page_of(period, folder)
    page.write_text("")
    return page


async def lived(folder: Path, writing: Writing, *runs: tuple[datetime, datetime]) -> list[str]:
    """Daemons that run from one moment to another, their cron with them."""
    for start, end in runs:
        clock = VirtualClock(start)
        watchman = Watchman(AlertSettings.model_validate({}), [], clock)
        regular = Regular(DAILY, day_before, folder, writing, watchman, clock)
        going = asyncio.create_task(regular.go_on())
        await settle()
        while (ring := next_at(DAILY, clock.now())) < end:
            await clock.advance((ring - clock.now()).total_seconds())
            regular.due.set()
            regular.due.set()
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
