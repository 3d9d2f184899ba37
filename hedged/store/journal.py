"""The journal on disk behind the `Journal` port: one thread writes, one job after the other.

An append that is cancelled while it waits is finished all the same, and the ledger learns of
it: what was committed is never forgotten by the process that committed it. An append that
fails leaves journal and ledger as they were, and the next one may succeed: disks get space
back. Whatever could not be recorded must not be sent, so the caller lets the error stop it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self, TypeVar

import structlog

from hedged.core.events import Entry, Event
from hedged.core.ledger import Ledger
from hedged.ports import Clock, Selection, StoreError
from hedged.store.failpoints import point
from hedged.store.reading import entries_in
from hedged.store.retention import Retention
from hedged.store.writer import Writer

T = TypeVar("T")

CHECKPOINT_EVERY: Final = 5000  # entries; a start folds at most about so many

log = structlog.get_logger("hedged.store")


class SqlJournal:
    """A journal in one SQLite file; made by `open`."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._writer = Writer(path)
        self._turn = asyncio.Lock()
        self._ledger = Ledger()

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> Self:
        """Make, migrate or open a journal. The caller holds its lock.

        Raises:
            StoreError: damaged, newer, or not to be read or written.
        """
        journal = cls(path, clock)
        try:
            journal._ledger = await journal._on_thread(lambda: journal._writer.open(clock.now()))
        except BaseException:
            await journal._release()
            raise
        return journal

    @property
    def ledger(self) -> Ledger:
        """What the committed events come to."""
        return self._ledger

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        """Commit all of the events or none; on disk when this returns.

        Raises:
            StoreError: nothing was recorded.
            IllegalStepError: a bug; nothing was recorded.
        """
        return await _finished(self._append(events))

    async def entries(self, selection: Selection) -> tuple[Entry, ...]:
        """The selected entries, oldest first.

        Raises:
            StoreError: they could not be read.
        """
        return await asyncio.to_thread(lambda: tuple(entries_in(self.path, selection)))

    async def prune(self, retention: Retention) -> int:
        """Delete what is older than it has to be kept; how many entries went.

        Raises:
            StoreError: what is left could not be deleted.
        """
        pruned = 0
        while True:
            count = await _finished(self._prune(retention))
            pruned += count
            if not count:
                return pruned

    async def tidy(self) -> None:
        """Prune by the usual retention; what could not be done now is done the next time."""
        try:
            log.info("journal.pruned", entries=await self.prune(Retention()))
        except StoreError as error:
            log.warning("journal.not_pruned", why=str(error))

    async def close(self) -> None:
        """Finish what is under way, keep the ledger for the next start, release the file."""
        await _finished(self._close())

    async def _append(self, events: tuple[Event, ...]) -> tuple[Entry, ...]:
        async with self._turn:
            self._ledger.check(events)
            at = self._clock.now()
            point("journal.before")
            entries = await self._on_thread(lambda: self._writer.write(events, at))
            point("journal.after")
            for entry in entries:
                self._ledger.apply(entry)
            if entries and entries[-1].seq - self._writer.checkpointed >= CHECKPOINT_EVERY:
                await self._checkpoint()
            return entries

    async def _prune(self, retention: Retention) -> int:
        async with self._turn:
            await self._keep()
            unresolved = [order.client_id for order in self._ledger.unresolved()]
            now = self._clock.now()
            point("journal.before")
            count = await self._on_thread(lambda: self._writer.prune(retention, now, unresolved))
            point("journal.after")
            return count

    async def _close(self) -> None:
        async with self._turn:
            await self._checkpoint()
            await self._release()

    async def _checkpoint(self) -> None:
        """Keep the ledger; without it the next start only takes longer."""
        try:
            await self._keep()
        except StoreError as error:
            log.warning("journal.no_checkpoint", why=str(error))

    async def _keep(self) -> None:
        at_rest = self._ledger.checkpoint()
        point("journal.before")
        await self._on_thread(lambda: self._writer.keep(at_rest))
        point("journal.after")

    async def _release(self) -> None:
        await self._on_thread(self._writer.close)
        self._thread.shutdown()

    async def _on_thread(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


async def _finished(work: Awaitable[T]) -> T:
    """Wait for work that goes on to its end even when the waiting is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_tell)
        raise


def _tell(task: "asyncio.Future[T]") -> None:
    """What nobody waits for any more still must not fail in silence."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("journal.lost_job", why=str(error))
