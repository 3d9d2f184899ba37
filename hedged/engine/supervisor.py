"""Keeps the loops alive and ends them well.

Each book has one loop: wait until something wakes it, run one cycle, again. Wakes that arrive
during a cycle coalesce into one. A stop lets the cycle that is under way finish, so that an
order in flight is resolved, and never closes the hedge. A loop that dies takes the process
down with it: a silent half-daemon is worse than a restart.
"""

import asyncio
import signal
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from hedged.engine.hedger import Hedger

log = structlog.get_logger("hedged.supervisor")

GRACE_S: Final = 30.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Loop:
    """A hedger with the bell that wakes it."""

    hedger: Hedger
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Ask for a cycle; asking again before it runs asks for the same one."""
        self.bell.set()


async def supervise(
    loops: Iterable[Loop], stop: asyncio.Event, *, grace_s: float = GRACE_S
) -> None:
    """Run every loop until `stop` is set, then let the cycles under way end.

    Raises:
        ExceptionGroup: a loop failed; the others have been stopped, as by `stop`.
    """
    failures: list[Exception] = []

    async def guarded(loop: Loop) -> None:
        try:
            await _run(loop, stop, grace_s)
        except Exception as error:  # noqa: BLE001 - raised again below, once all have ended well
            failures.append(error)
            stop.set()

    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(guarded(loop), name=f"book {loop.hedger.book.name}")
    if failures:
        raise ExceptionGroup("a loop failed", failures)


async def _run(loop: Loop, stop: asyncio.Event, grace_s: float) -> None:
    loop.wake()
    while await _woken(loop.bell, stop):
        loop.bell.clear()
        cycle = asyncio.create_task(loop.hedger.run_cycle())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({cycle, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await _dismiss(stopping)
        if not cycle.done():
            log.debug("stop.waiting", book=loop.hedger.book.name, grace_s=grace_s)
            await asyncio.wait({cycle}, timeout=grace_s)
        if not cycle.done():
            log.error("stop.abandoned_cycle", book=loop.hedger.book.name)
            await _dismiss(cycle)
            return
        await cycle


async def _woken(bell: asyncio.Event, stop: asyncio.Event) -> bool:
    """True when the bell rings first, False on stop."""
    if not stop.is_set() and not bell.is_set():
        waits = [asyncio.create_task(event.wait()) for event in (bell, stop)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            await _dismiss(wait)
    return not stop.is_set()


async def _dismiss(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait({task})  # unlike awaiting it, this lets our own cancellation through


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGINT and SIGTERM; a second signal ends the process at once."""
    running = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        log.info("stop.signal", signal=signal.Signals(number).name)
        stop.set()
        running.remove_signal_handler(number)

    for number in STOP_SIGNALS:
        running.add_signal_handler(number, on_signal, number)
