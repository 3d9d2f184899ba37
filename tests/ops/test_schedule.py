"""Work that is done at its times, and given up at the end."""

import asyncio

import pytest

from hedged.ops.schedule import Schedule


@pytest.mark.asyncio
async def test_work_that_is_given_up_at_the_end_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    has_begun, is_given_up = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        has_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            is_given_up.set()

    schedule = Schedule()
    schedule.regularly(60.0, work)
    schedule.start()
    await has_begun.wait()
    schedule.stop()
    await is_given_up.wait()
    await asyncio.sleep(0)  # whoever waits for the work is next
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
