"""Loops: one cycle at a time, wakes coalesced, a stop that finishes what it began."""

import asyncio
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from hedged.engine.hedger import Hedger
from hedged.engine.supervisor import Loop, supervise, until

pytestmark = pytest.mark.asyncio


@dataclass
class Slow:
    """Stands in for a hedger: each cycle waits until the test lets it end."""

    name: str = "core"
    began: int = 0
    ended: int = 0
    under_way: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None

    @property
    def book(self) -> "Slow":
        return self

    async def pause(self) -> None:
        await asyncio.Event().wait()

    async def run_cycle(self) -> None:
        self.began += 1
        self.under_way += 1
        assert self.under_way == 1
        self.entered.set()
        await self.gate.wait()
        self.under_way -= 1
        self.ended += 1
        if self.fault:
            raise self.fault


def loop_of(slow: Slow) -> Loop:
    hedger: Hedger = slow  # type: ignore[assignment] # it only needs run_cycle, pause and book.name
    return Loop(hedger)


async def test_wakes_during_a_cycle_coalesce_into_one() -> None:
    slow, stop = Slow(), asyncio.Event()
    loop = loop_of(slow)
    running = asyncio.create_task(supervise([loop], stop))
    await slow.entered.wait()
    for _ in range(5):
        loop.wake()
    slow.entered.clear()
    slow.gate.set()
    await slow.entered.wait()
    stop.set()
    await running
    assert (slow.began, slow.ended) == (2, 2)


async def test_a_stop_lets_the_cycle_under_way_end() -> None:
    slow, stop = Slow(), asyncio.Event()
    running = asyncio.create_task(supervise([loop_of(slow)], stop))
    await slow.entered.wait()
    stop.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not running.done()
    slow.gate.set()
    await running
    assert slow.ended == 1


async def test_a_cycle_that_never_ends_is_abandoned_after_the_grace() -> None:
    slow, stop = Slow(), asyncio.Event()
    running = asyncio.create_task(supervise([loop_of(slow)], stop, grace_s=0.01))
    await slow.entered.wait()
    stop.set()
    await running
    assert slow.ended == 0


async def test_fault_31_a_loop_that_dies_ends_the_others_well_and_is_raised() -> None:
    dying, other, stop = Slow("a", fault=RuntimeError("a bug")), Slow("b"), asyncio.Event()
    running = asyncio.create_task(supervise([loop_of(dying), loop_of(other)], stop))
    await asyncio.gather(dying.entered.wait(), other.entered.wait())
    dying.gate.set()
    for _ in range(10):
        await asyncio.sleep(0)
    other.gate.set()
    with pytest.raises(ExceptionGroup, match="a loop failed"):
        await running
    assert other.ended == 1


async def test_a_cycle_that_hangs_is_given_up_and_the_next_one_begins() -> None:
    slow, stop = Slow(), asyncio.Event()
    running = asyncio.create_task(supervise([loop_of(slow)], stop, cycle_s=0.01))
    with capture_logs() as logs:
        while slow.began < 2:
            slow.entered.clear()
            await slow.entered.wait()
            slow.under_way = 0  # it was cancelled
    slow.gate.set()
    stop.set()
    await running
    assert slow.ended == 1
    assert [entry["event"] for entry in logs] == ["cycle.hung"]


async def test_a_supervision_that_is_cancelled_between_cycles_leaves_nothing_behind() -> None:
    slow, stop = Slow(), asyncio.Event()
    slow.gate.set()
    running = asyncio.create_task(supervise([loop_of(slow)], stop))
    await slow.entered.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    assert slow.ended == 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_until_lets_what_ends_first_end() -> None:
    stop, done = asyncio.Event(), []

    async def quick() -> None:
        await asyncio.sleep(0)
        done.append(1)

    assert await until(stop, quick())
    assert done == [1]


async def test_until_ends_what_waits_as_soon_as_stop_is_set() -> None:
    stop, ended = asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    racing = asyncio.create_task(until(stop, endless()))
    await asyncio.sleep(0)
    stop.set()
    assert not await racing
    assert ended.is_set()


async def test_until_begins_nothing_after_stop() -> None:
    stop, begun = asyncio.Event(), []

    async def begin() -> None:
        begun.append(1)

    stop.set()
    assert not await until(stop, begin())
    assert begun == []


async def test_until_raises_what_went_wrong() -> None:
    async def failing() -> None:
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await until(asyncio.Event(), failing())


async def test_until_raises_too_what_went_wrong_on_the_way_out() -> None:
    stop = asyncio.Event()

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("a bug")

    racing = asyncio.create_task(until(stop, failing()))
    await asyncio.sleep(0)
    stop.set()
    with pytest.raises(ValueError, match="a bug"):
        await racing


async def test_until_takes_what_it_waits_for_along_when_it_is_cancelled() -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    racing = asyncio.create_task(until(asyncio.Event(), endless()))
    await asyncio.sleep(0)
    racing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await racing
    assert ended.is_set()
