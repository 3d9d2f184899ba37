"""Tells a dead-man monitor that all is well, so that somebody hears of a daemon that is not there.

A request goes after a good cycle, at most so often; when they stop, the monitor calls. The address
is a secret. A monitor that is down or slow is logged once and has no effect on trading.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

import aiohttp
import structlog

from hedged.ports import Clock

log = structlog.get_logger("hedged.heartbeat")

TIMEOUT_S: Final = 10.0
_GOOD: Final = range(200, 300)


class Heartbeat:
    """Beats while the last cycle of every book was a good one."""

    def __init__(
        self, url: str, method: str, every_s: float, books: Iterable[str], clock: Clock
    ) -> None:
        self._url = url
        self._method = method
        self._every_s = every_s
        self._clock = clock
        self._waited_for = set(books)  # those without a good cycle since the last beat
        self._books = frozenset(self._waited_for)
        self._is_due = asyncio.Event()
        self._fails = False

    def cycle_ended(self, book: str, *, is_good: bool) -> None:
        """A cycle of this book ended."""
        if is_good:
            self._waited_for.discard(book)
        else:
            self._waited_for.add(book)
        if self._waited_for:
            self._is_due.clear()
        else:
            self._is_due.set()

    async def beat(self) -> None:
        """Beat for ever."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await self._is_due.wait()
                self._is_due.clear()
                self._waited_for = set(self._books)
                await self._tell(session)
                await self._clock.sleep(self._every_s)

    async def _tell(self, session: aiohttp.ClientSession) -> None:
        why = ""
        try:
            async with session.request(self._method, self._url) as answer:
                if answer.status not in _GOOD:
                    why = f"it answered {answer.status}"
        except Exception as error:  # noqa: BLE001 - nothing that happens here may touch trading
            why = type(error).__name__
        if why and not self._fails:
            log.warning("heartbeat.failed", why=why, effect="none on trading; the monitor may call")
        elif self._fails and not why:
            log.info("heartbeat.again")
        self._fails = bool(why)
