"""One process of the daemon, which may be killed at any of its effects.

A process is known to the world by its effects alone: what it journals and what it asks of the
venue. To kill it between two effects is therefore the same as to kill it right after the first of
them, and a kill right before and right after every effect covers every await there is.
"""

import asyncio

from hedged.core.events import Entry, Event, Intended
from hedged.core.ledger import Ledger
from hedged.ports import Journal, Selection, StoreError
from tests.simulation.truth import Truth


class Life:
    """Counts effects; a dead process does nothing any more, not even while it unwinds."""

    def __init__(self) -> None:
        self.points = 0
        self.killed = asyncio.Event()
        self._grave: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._dies_at: int | None = None

    def kill_in(self, points: int) -> None:
        """Let it die so many points from now; 0: at once."""
        self._dies_at = self.points + points
        if not points:
            self.killed.set()

    async def point(self) -> None:
        """Before or after an effect."""
        self.points += 1
        if self.points == self._dies_at:
            self.killed.set()
        if self.killed.is_set():
            await self._grave

    @property
    def buried(self) -> bool:
        """Whether it is over."""
        return self._grave.cancelled()

    def bury(self) -> None:
        """Let what is left of a dead process unwind, without any effect."""
        self._grave.cancel()


class WatchedJournal:
    """The journal as one process has it: watched, slow at times, and on a disk that fills."""

    def __init__(self, journal: Journal, life: Life, truth: Truth) -> None:
        self.full = False
        self.delay_s = 0.0
        self.at_next_intent: Event | None = None  # what an operator does at the worst moment
        self._journal = journal
        self._life = life
        self._truth = truth

    @property
    def ledger(self) -> Ledger:
        """See `ports.Journal`."""
        return self._journal.ledger

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        """See `ports.Journal`."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        await self._life.point()
        if self.full:
            raise StoreError("No space left on device")
        entries = await self._journal.append(*events)
        self._truth.committed(entries, self._journal.ledger)
        if self.at_next_intent is not None and any(isinstance(e, Intended) for e in events):
            between, self.at_next_intent = self.at_next_intent, None
            self._truth.committed(await self._journal.append(between), self._journal.ledger)
        await self._life.point()
        return entries

    async def entries(self, selection: Selection) -> tuple[Entry, ...]:
        """See `ports.Journal`."""
        return await self._journal.entries(selection)

    async def close(self) -> None:
        """See `ports.Journal`: the stage closes what is beneath."""
