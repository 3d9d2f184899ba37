"""Halts that take no command line: a signal, and a file that appears.

SIGUSR1 halts. So does the file that `kill_file` names as long as it is there, looked for twice
a second and before the first cycle: a resume under it does not last. Its removal resumes
nothing. Both are the same halt as `hedged halt`, and wait for no cycle.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from hedged.core.types import TradingState
from hedged.engine.control import CommandError, Perform
from hedged.ports import StoreError

log = structlog.get_logger("hedged.halting")

LOOK_S: Final = 0.5


class Halting:
    """Watches for both, on behalf of whoever performs commands now."""

    def __init__(
        self,
        perform: Perform,
        state: Callable[[], TradingState | None],
        kill_file: Callable[[], Path | None],
    ) -> None:
        """`state` is None in a dry-run, where there is nothing to halt."""
        self._perform = perform
        self._state = state
        self._kill_file = kill_file
        self._tasks: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Halt if the file is there."""
        path = self._kill_file()
        if path is None or self._state() in {None, TradingState.HALTED}:
            return
        if await asyncio.to_thread(_is_there, path):
            await self._halt("kill_file", f"{path} is there")

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch as long as the block runs."""
        running = asyncio.get_running_loop()
        running.add_signal_handler(
            signal.SIGUSR1, lambda: self._start(self._halt("signal", "SIGUSR1"))
        )
        self._start(self._keep_looking())
        try:
            yield
        finally:
            running.remove_signal_handler(signal.SIGUSR1)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # one that comes late ends nothing
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_looking(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def _halt(self, who: str, why: str) -> None:
        try:
            answer = await self._perform({"verb": "halt", "who": who, "why": why})
        except (CommandError, StoreError) as error:
            log.warning("halt.refused", who=who, why=str(error))
            return
        log.warning("halted", who=who, why=why, effect="; ".join(answer.said))


def _is_there(path: Path) -> bool:
    """Whether the file is there; one that cannot be looked at counts as not there."""
    try:
        return path.exists()
    except OSError:
        return False
