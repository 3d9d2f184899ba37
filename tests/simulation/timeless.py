"""Virtual time for a whole event loop: when nothing is ready, time jumps to whatever is next.

Everything that waits on the loop (sleeps, time-outs, schedules) waits in virtual time, so that
hours of a daemon pass in seconds, and the same program always takes the same steps.
"""

import asyncio
import selectors
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 3, tzinfo=UTC)


class StandstillError(Exception):
    """Nothing is ready, and nothing ever will be."""


class _Impatient(selectors.SelectSelector):
    """Never waits; counts the time that it would have."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StandstillError
        self.passed_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time; no sockets and no threads."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._impatient.passed_s


class LoopClock:
    """`ports.Clock` on a virtual loop; `step_s` is how far the wall clock has been set wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.step_s = 0.0
        self._loop = loop

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        return START + timedelta(seconds=self._loop.time() + self.step_s)

    def monotonic(self) -> float:
        """Virtual seconds; never steps."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Suspend the caller."""
        await asyncio.sleep(seconds)
