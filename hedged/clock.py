"""Ambient time: the system's clock, and a virtual one that tests and replays move by hand."""

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Wall clock, aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never steps."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Suspend the caller."""
        await asyncio.sleep(seconds)


class VirtualClock:
    """Time that stands still until `advance` moves it and wakes the sleepers that are due."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """Virtual wall clock, aware UTC."""
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        """Virtual seconds since the start."""
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        """Suspend the caller until the clock has been advanced this far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._count += 1
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, self._count, waiter))
        await waiter

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers in order and letting each run before the next."""
        end_s = self._elapsed_s + seconds
        while self._sleepers and self._sleepers[0][0] <= end_s:
            due_s, _, waiter = heapq.heappop(self._sleepers)
            self._elapsed_s = due_s
            if not waiter.done():
                waiter.set_result(None)
            await settle()
        self._elapsed_s = end_s
        await settle()


async def settle(turns: int = 20) -> None:
    """Let every task that is ready run, without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)
