"""A hedger in live execution on a venue in memory, with a journal that may fill its disk."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hedged.core.events import Entry, Event, Intended
from hedged.core.types import Decision, Environment, HedgePolicy, Reason, StyleKind
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.ports import Selection, StoreError
from hedged.store import MemoryJournal
from tests.engine.fake import SYMBOL, FakeVenue, btc

T = TypeVar("T")


class FullDisk(MemoryJournal):
    """A journal that stops taking anything when the test says so."""

    full = False
    on_intent: Callable[[], Awaitable[None]] | None = None  # once, when the next one is recorded

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        if self.full:
            raise StoreError("No space left on device")
        entries = await super().append(*events)
        if self.on_intent is not None and any(isinstance(event, Intended) for event in events):
            said, self.on_intent = self.on_intent, None
            await said()
        return entries


class Desk:
    """A hedger in live execution, its venue and its journal; `restarted` is the next process."""

    def __init__(
        self,
        venue: FakeVenue,
        journal: FullDisk | None = None,
        hedge: HedgePolicy | None = None,
    ) -> None:
        self.venue = venue
        self.hedge = hedge or btc()
        self.clock = venue.clock
        self.journal = journal or FullDisk(self.clock)
        self.executor = Executor(
            {"main": venue},
            {"main": (SYMBOL,)},
            self.journal,
            self.clock,
            makers=("main",) if self.hedge.style.kind is StyleKind.MAKER else (),
            books=("core",),
        )
        self.hedger = Hedger(
            Book("core", Environment.SIM, (self.hedge,)),
            Observer((self.hedge,), {"main": venue}, {}, self.clock),
            self.clock,
            executor=self.executor,
        )

    async def cycle_once(self) -> Decision:
        return await self.while_time_passes(self.hedger.run_cycle())

    async def cycle_after(self, seconds: float) -> Decision:
        await self.clock.advance(seconds)
        return await self.cycle_once()

    async def reason_after(self, seconds: float) -> Reason:
        return (await self.cycle_after(seconds)).assets[0].reason

    async def recorded(self, *kinds: type[Event]) -> list[Event]:
        wanted = Selection(kinds=tuple(kind.kind for kind in kinds))
        return [entry.event for entry in await self.journal.entries(wanted)]

    def restarted(self) -> "Desk":
        return Desk(self.venue, self.journal, self.hedge)

    async def while_time_passes(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.clock.advance(0.2)
        return await task
