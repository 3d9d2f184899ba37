"""What an operator can have done, by a living daemon and by a command that stands in for it.

A halt is in force before anything else happens, and the cancels go out while it is being
recorded; neither waits for a cycle, however long that hangs. `flatten` replaces a book's target
by zero, on record, until `resume BOOK`; the closing itself is done by the book's own cycles,
through every gate, and only watched here. `release` and `flatten` ask first: what they would do
is answered with `asks`, and done when the command comes again with `confirmed`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from hedged.core.decimals import plain
from hedged.core.events import Event, Flattened, StateChanged
from hedged.core.types import TradingState
from hedged.engine.arm import armed
from hedged.engine.brake import Brake
from hedged.engine.canceller import Sweep
from hedged.engine.control import Answer, Command, CommandError, effect
from hedged.engine.cycle import Cycle
from hedged.engine.executor import Executor
from hedged.engine.release import released
from hedged.engine.supervisor import Loop
from hedged.ports import Clock, Journal, StoreError

log = structlog.get_logger("hedged.operator")

RECORD_S: Final = 5.0  # how long a halt waits to hear that it is on record
CLOSING_S: Final = 60.0  # how long `flatten` watches the closing
PAUSE_S: Final = 1.0  # between two looks while nothing can be sent


class Operator:
    """Does commands; without an executor only those that change the journal alone."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        books: Collection[str],
        *,
        executor: Executor | None = None,
        loops: Collection[Loop] = (),
    ) -> None:
        """`books` are all that the configuration names; `loops` those that may trade here."""
        self._journal = journal
        self._clock = clock
        self._books = books
        self._executor = executor
        self._loops = {loop.hedger.book.name: loop for loop in loops}
        self._brake = executor.brake if executor else Brake(journal)
        self._acts: Mapping[str, Callable[[Command], Awaitable[Answer]]] = {
            "halt": self._halt,
            "pause": self._change,
            "resume": self._change,
            "ack": self._change,
            "cancel": self._cancel,
            "flatten": self._flatten,
            "reconcile": self._reconcile,
            "release": self._release,
            "arm": self._arm,
            "disarm": self._change,
        }

    async def perform(self, command: Command) -> Answer:
        """Do one command; the loops look at the world afresh afterwards.

        Raises:
            CommandError: unknown, incomplete, or not possible as things are.
            StoreError: it could not be recorded; nothing was done.
        """
        act = self._acts.get(command.get("verb", ""))
        if act is None:
            raise CommandError(f"no such command: {command.get('verb', '')!r}")
        try:
            answer = await act(command)
        finally:
            for loop in self._loops.values():
                loop.wake()
        log.info("operator.command", **dict(sorted(command.items())), effect="; ".join(answer.said))
        return answer

    async def _change(self, command: Command) -> Answer:
        events, said = effect(command, self._journal.ledger, self._books)
        await self._record(events)
        return Answer((said,), {"state": self._brake.state.value})

    async def _record(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, StateChanged):
                await self._brake.say(event)
            else:
                await self._journal.append(event)

    async def _halt(self, command: Command) -> Answer:
        why = command.get("why", "")
        change = StateChanged(TradingState.HALTED, command.get("who", ""), why)
        unrecorded, sweep = await asyncio.gather(
            self._unrecorded(change), self._swept(why or "halt")
        )
        said = ["trading state is halted"]
        if unrecorded:
            said.append(f"the halt is NOT on record, a restart would trade: {unrecorded}")
        if sweep is not None:
            said += _told(sweep)
        found = {"state": "halted", "recorded": not unrecorded, **_found(sweep)}
        return Answer(tuple(said), found, not unrecorded and (sweep is None or sweep.is_whole))

    async def _unrecorded(self, change: StateChanged) -> str:
        """Halt, and say why that is not on record; empty: it is."""
        try:
            async with asyncio.timeout(RECORD_S):
                await self._brake.say(change)
        except StoreError as error:
            return str(error)
        except TimeoutError:
            return "the store does not answer"
        return ""

    async def _swept(self, why: str) -> Sweep | None:
        return None if self._executor is None else await self._executor.canceller.sweep(why)

    async def _cancel(self, command: Command) -> Answer:
        sweep = await self._swept(command.get("why", "") or "cancelled by the operator")
        if sweep is None:
            raise CommandError("there is no venue at hand to cancel at")
        said = _told(sweep)
        if self._brake.state is TradingState.ACTIVE and self._loops:
            said.append("trading goes on: the next cycle may order again; `hedged halt` stops it")
        return Answer(tuple(said), _found(sweep), sweep.is_whole)

    async def _reconcile(self, _command: Command) -> Answer:
        if self._executor is None:
            raise CommandError("there is no venue at hand to reconcile with")
        said, venues = [], []
        for name, done in (await self._executor.reconcile_all()).items():
            notes = [note.text for note in done.last.notes] if done.last and not done.failed else []
            if done.failed:
                said.append(f"{name}: could not be compared: {done.failed}")
            elif done.frozen:
                said += [f"{name} {what}: frozen: {why}" for what, why in done.frozen.items()]
            said += [f"{name}: {note}" for note in notes if note not in done.frozen.values()]
            if not (notes or done.failed):
                said.append(f"{name}: journal and venue agree")
            venues.append(
                {
                    "venue": name,
                    "clean": not (done.failed or done.frozen),
                    "failed": done.failed or None,
                    "notes": notes,
                    "frozen": dict(done.frozen),
                }
            )
        return Answer(tuple(said), {"venues": venues}, all(venue["clean"] for venue in venues))

    async def _release(self, command: Command) -> Answer:
        if self._executor is None:
            raise CommandError("there is no venue at hand to look the order up at")
        return await released(command, self._journal, self._executor)

    async def _arm(self, command: Command) -> Answer:
        loop = self._loops.get(command.get("book", ""))
        if loop is None or self._executor is None:
            books = ", ".join(self._loops) or "none here"
            raise CommandError(f"there is no book {command.get('book', '')!r}; there are: {books}")
        try:
            async with asyncio.timeout(CLOSING_S), _cycles(loop) as cycles:
                loop.wake()
                cycle = await cycles.get()
        except TimeoutError:
            raise CommandError(f"no cycle has ended within {CLOSING_S:g} s") from None
        return await armed(command, cycle, self._journal, self._executor)

    async def _flatten(self, command: Command) -> Answer:
        events, said = effect(command, self._journal.ledger, self._books)
        books = [event.book for event in events if isinstance(event, Flattened)]
        if self._brake.state is TradingState.HALTED:
            raise CommandError("trading is halted; `hedged pause` first: reduce-only orders pass")
        if command.get("confirmed") != "yes":
            return Answer(tuple(line for book in books for line in self._legs(book)), asks=True)
        await self._record(events)
        loops = [self._loops[book] for book in books if book in self._loops]
        closed = await asyncio.gather(*map(self._closed, loops))
        found = [
            {"book": loop.hedger.book.name, "closed": not why, "why": why or None}
            for loop, why in zip(loops, closed, strict=True)
        ]
        lines = [
            f"{loop.hedger.book.name}: not closed after {CLOSING_S:g} s: {why}"
            if why
            else f"{loop.hedger.book.name}: closed"
            for loop, why in zip(loops, closed, strict=True)
        ]
        return Answer((said, *lines), {"books": found}, not any(closed))

    def _legs(self, book: str) -> list[str]:
        """What there is to close, as far as the journal knows."""
        loop = self._loops.get(book)
        legs = [leg for hedge in loop.hedger.book.hedges for leg in hedge.legs] if loop else []
        lines = []
        for leg in legs:
            slot = self._journal.ledger.slots.get((leg.venue, leg.symbol))
            holds = "not read yet" if slot is None else f"{plain(slot.quantity.value)} "
            unit = "" if slot is None else slot.quantity.unit
            lines.append(f"{book}: {leg.symbol} at {leg.venue}: {holds}{unit}")
        return lines or [f"{book}: every position of its hedges"]

    async def _closed(self, loop: Loop) -> str:
        """Watch a book's cycles until it is closed; why it is not, after long enough."""
        left = "no cycle has ended yet"
        try:
            async with asyncio.timeout(CLOSING_S), _cycles(loop) as cycles:
                while left:
                    loop.wake()
                    cycle = await cycles.get()
                    left = _left(cycle)
                    if left and not cycle.decision.approved:
                        await self._clock.sleep(PAUSE_S)
        except TimeoutError:
            return left
        return ""


@asynccontextmanager
async def _cycles(loop: Loop) -> AsyncIterator[asyncio.Queue[Cycle]]:
    """The cycles of a book that end from now on."""
    cycles: asyncio.Queue[Cycle] = asyncio.Queue()
    loop.hedger.watchers.append(cycles.put_nowait)
    try:
        yield cycles
    finally:
        loop.hedger.watchers.remove(cycles.put_nowait)


def _left(cycle: Cycle) -> str:
    """What of a book's hedge is not closed, and why; empty: all of it is."""
    if cycle.snapshot.flattened is None:
        return "the cycle that was under way has not ended yet"
    carried = {policy.asset for policy in cycle.snapshot.hedges if policy.cross is not None}
    for asset in cycle.decision.assets:
        if asset.asset in carried:
            continue
        if asset.standing is None:
            return f"{asset.asset}: {asset.reason.value}: {asset.why}"
        for held in asset.standing.exposure.held:
            size = abs(held.quantity.value)
            if held.managed and size >= held.instrument.lot * held.instrument.contract_size:
                blocked = "; ".join(f"{f.reason.value}: {f.detail}" for f in asset.blocked)
                holds = f"{plain(held.quantity.value)} {held.quantity.unit}"
                return f"{held.instrument.symbol} still holds {holds}; {blocked or asset.why}"
    return ""


def _told(sweep: Sweep) -> list[str]:
    said = [str(cancel) for cancel in sweep.cancels]
    said += [f"what works at {unread}" for unread in sweep.unread]
    return said or ["no working order of ours was found"]


def _found(sweep: Sweep | None) -> dict[str, object]:
    if sweep is None:
        return {"cancels": None, "unread": None}
    cancels = [
        {
            "venue": cancel.venue,
            "instrument": cancel.symbol,
            "client_id": cancel.client_id,
            "failed": cancel.failed or None,
        }
        for cancel in sweep.cancels
    ]
    return {"cancels": cancels, "unread": list(sweep.unread)}
