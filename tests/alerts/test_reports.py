"""A report that fails for whatever reason is logged, and the next one is made."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import structlog

from hedged.alerts.reports import Regular
from hedged.clock import settle
from hedged.report.scheduled import Made, Period, day_before
from tests.engine.fake import virtual


class Press:
    """A reporter that fails the first time as nobody expected."""

    def __init__(self) -> None:
        self.asked = 0
        self.done = asyncio.Event()

    async def write(self, _period: Period, _folder: Path) -> Made:
        self.asked += 1
        if self.asked == 1:
            raise ValueError("not JSON")
        self.done.set()
        return Made()


@pytest.mark.asyncio
async def test_a_bug_in_one_report_ends_no_other(tmp_path: Path) -> None:
    press: Any = Press()
    nobody: Any = None
    clock = virtual()
    report = Regular("0 0 * * *", day_before, tmp_path, press, nobody, clock)
    with structlog.testing.capture_logs() as logs:
        going = asyncio.create_task(report.go_on())  # at once, as the last one is missing
        async with asyncio.timeout(5):
            await settle()
            assert press.asked == 1
            report.due.set()
            await press.done.wait()
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    assert [(entry["event"], entry["effect"]) for entry in logs] == [
        ("report.failed", "none on trading")
    ]
