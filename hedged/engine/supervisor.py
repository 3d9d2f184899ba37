"""Keeps the loops alive and ends them well.

Each book has one loop: wait until something wakes it, run one cycle, again. Wakes that arrive
during a cycle coalesce into one. A stop lets the cycle that is under way finish, so that an
order in flight is resolved, and never closes the hedge. A loop that dies takes the process
down with it: a silent half-daemon is worse than a restart.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from hedged.engine.hedger import Hedger

log = structlog.get_logger("hedged.supervisor")

GRACE_S: Final = 20.0  # for a cycle under way at the end; what follows needs some time too
CYCLE_S: Final = 120.0  # beyond all time-outs of its reads and orders: it will not end any more


@dataclass(slots=True)
class Loop:
    """A hedger with the bell that wakes it."""

    hedger: Hedger
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Ask for a cycle; asking again before it runs asks for the same one."""
        self.bell.set()


async def supervise(
    loops: Iterable[Loop],
    stop: asyncio.Event,
    *,
    grace_s: float = GRACE_S,
    cycle_s: float = CYCLE_S,
) -> None:
    """Run every loop until `stop` is set, then let the cycles under way end.

    A cycle that takes longer than `cycle_s` is given up, and the next one begins: what it had
    under way stands in the journal, which is held against the venue first.

    Raises:
        ExceptionGroup: a loop failed; the others have been stopped, as by `stop`.
    """
    failures: list[Exception] = []

    async def guarded(loop: Loop) -> None:
        try:
            await _run(loop, stop, grace_s, cycle_s)
        except Exception as error:  # noqa: BLE001 - raised again below, once all have ended well
            failures.append(error)
            stop.set()

    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(guarded(loop), name=f"book {loop.hedger.book.name}")
    if failures:
        raise ExceptionGroup("a loop failed", failures)


async def _run(loop: Loop, stop: asyncio.Event, grace_s: float, cycle_s: float) -> None:
    loop.wake()
    while await _woken(loop, stop):
        loop.bell.clear()
        cycle = asyncio.create_task(loop.hedger.run_cycle())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({cycle, stopping}, timeout=cycle_s, return_when=asyncio.FIRST_COMPLETED)
        await _dismiss(stopping)
        if not cycle.done() and not stop.is_set():
            log.error("cycle.hung", book=loop.hedger.book.name, limit_s=cycle_s)
            await _dismiss(cycle)
            loop.wake()
        if cycle.cancelled():
            continue
        if not cycle.done():
            log.debug("stop.waiting", book=loop.hedger.book.name, grace_s=grace_s)
            await asyncio.wait({cycle}, timeout=grace_s)
        if not cycle.done():
            log.error("stop.abandoned_cycle", book=loop.hedger.book.name)
            await _dismiss(cycle)
            return
        await cycle


async def _woken(loop: Loop, stop: asyncio.Event) -> bool:
    """True when the bell rings, or what rests must be looked after; False on stop."""
    if not stop.is_set() and not loop.bell.is_set():
        works = (loop.bell.wait(), stop.wait(), loop.hedger.pause())
        waits: list[asyncio.Task[object]] = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                await _dismiss(wait)
    return not stop.is_set()


async def _dismiss(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait({task})  # unlike awaiting it, this lets our own cancellation through


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Do `work` until it ends, or until `stop` is set: then it is cancelled and waited for.

    True when it ended by itself; what it raises is raised.
    """
    if stop.is_set():
        work.close()
        return False
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _dismiss(stopping)
        await _dismiss(working)
    if working.cancelled():
        return False
    await working
    return True
