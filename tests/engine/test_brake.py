"""The operator's last word: a halt that is said while another word is being recorded holds."""

import asyncio

import pytest

from hedged.core.events import Entry, Event, StateChanged
from hedged.core.types import TradingState
from hedged.engine.brake import Brake
from hedged.ports import StoreError
from tests.engine.desk import FullDisk
from tests.engine.fake import virtual

pytestmark = pytest.mark.asyncio
HALT = StateChanged(TradingState.HALTED, "anna", "look at this")
RESUME = StateChanged(TradingState.ACTIVE, "bert", "")


class SlowDisk(FullDisk):
    """A journal that records nothing before the test lets it."""

    def __init__(self) -> None:
        super().__init__(virtual())
        self.turns: asyncio.Queue[None] = asyncio.Queue()

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        await self.turns.get()
        return await super().append(*events)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_resume_that_is_recorded_late_ends_no_halt_that_was_said_after_it() -> None:
    journal = SlowDisk()
    brake = Brake(journal)
    resuming = asyncio.create_task(brake.say(RESUME))
    await settled()
    halting = asyncio.create_task(brake.say(HALT))
    await settled()
    assert brake.state is TradingState.HALTED
    journal.turns.put_nowait(None)
    await resuming
    assert brake.state is TradingState.HALTED
    journal.full = True
    journal.turns.put_nowait(None)
    with pytest.raises(StoreError):
        await halting
    assert brake.state is TradingState.HALTED
    assert brake.unrecorded is HALT


async def test_a_resume_that_is_recorded_ends_a_halt_that_never_was() -> None:
    journal = FullDisk(virtual())
    brake = Brake(journal)
    journal.full = True
    with pytest.raises(StoreError):
        await brake.say(HALT)
    assert brake.unrecorded is HALT
    journal.full = False
    await brake.say(RESUME)
    assert brake.state is TradingState.ACTIVE
    assert brake.unrecorded is None
