"""Operator commands where no daemon runs: the command takes its locks and does it itself.

What changes the journal alone needs the journal's lock, and no key. What reaches the venue
needs the locks of the accounts too, the keys, and a file that says `execution = "live"`: without
that hedged never sends anything, not even a cancel. A halt is recorded first, whatever becomes
of the cancels after it; and when the store cannot be used, the cancels are sent all the same.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from hedged.app import Daemon, build, recorded
from hedged.clock import SystemClock
from hedged.config import ConfigError, Problem, Settings
from hedged.core.types import Execution
from hedged.engine.control import Answer, Command
from hedged.engine.operator import Operator
from hedged.engine.supervisor import supervise
from hedged.ports import Journal, StoreError, VenueAuthError, VenueRefused
from hedged.store import (
    LockHeldError,
    MemoryJournal,
    SqlJournal,
    held,
    journal_file,
    journal_lock,
)

_CLOCK: Final = SystemClock()
_BY_JOURNAL: Final = frozenset({"pause", "resume", "ack", "disarm"})


async def alone(settings: Settings, base: Path, command: Command) -> Answer:
    """Do a command in the place of a daemon.

    Raises:
        CommandError: not possible as things are.
        LockHeldError: a daemon, or another command, is at work after all.
        StoreError: the journal cannot be used.
        ConfigError: the file does not let anything be sent, or a key cannot be read.
        VenueAuthError, VenueRefused: the venue does not let us in.
    """
    verb = command["verb"]
    if verb in _BY_JOURNAL:
        return await _on_record(settings, command)
    if verb == "halt":
        return await _halted(settings, base, command)
    _refuse_dry_run(settings)
    if verb == "cancel":
        try:
            return await _at_the_venues(settings, base, command)
        except LockHeldError:
            raise
        except StoreError as error:
            return _also(await unrecorded(settings, base, command), f"not on record: {error}")
    return await _at_the_venues(settings, base, command)


async def unrecorded(settings: Settings, base: Path, command: Command) -> Answer:
    """Cancel what the venues list, with nothing but their word: no lock, no journal."""
    async with _venues(settings, base, MemoryJournal(_CLOCK)) as daemon:
        return await daemon.perform({**command, "verb": "cancel"})


async def _on_record(settings: Settings, command: Command) -> Answer:
    path = journal_file(settings, os.environ)
    with held(journal_lock(path), f"the journal {path}", _CLOCK.now()):
        journal = await SqlJournal.open(path, _CLOCK)
        try:
            return await Operator(journal, _CLOCK, settings.books).perform(command)
        finally:
            await journal.close()


async def _halted(settings: Settings, base: Path, command: Command) -> Answer:
    """Record the halt, then cancel; neither keeps the other from being tried."""
    failure = ""
    try:
        answer = await _on_record(settings, command)
    except LockHeldError:
        raise
    except StoreError as error:
        failure = f"the halt is NOT on record: {error}"
        answer = Answer((), {"state": None, "recorded": False}, is_whole=False)
    if settings.execution is Execution.DRY_RUN:
        swept = Answer(('the file says "dry-run": nothing is sent, not even a cancel',))
    else:
        swept = await _swept(settings, base, command, failure)
    said = (*answer.said, *((failure,) if failure else ()), *swept.said)
    return Answer(said, {**answer.found, **swept.found}, answer.is_whole and swept.is_whole)


async def _swept(settings: Settings, base: Path, command: Command, failure: str) -> Answer:
    try:
        if failure:
            return await unrecorded(settings, base, command)
        return await _at_the_venues(settings, base, {**command, "verb": "cancel"})
    except (ConfigError, StoreError, VenueAuthError, VenueRefused) as error:
        return Answer((f"working orders were NOT cancelled: {error}",), {}, is_whole=False)


async def _at_the_venues(settings: Settings, base: Path, command: Command) -> Answer:
    async with (
        recorded(settings, os.environ, base, _CLOCK) as journal,
        _venues(settings, base, journal) as daemon,
    ):
        is_closing = command["verb"] == "flatten" and command.get("confirmed") == "yes"
        if is_closing or command["verb"] == "arm":
            return await _cycling(daemon, command)
        return await daemon.perform(command)


async def _cycling(daemon: Daemon, command: Command) -> Answer:
    """Run the loops of the books that are meant, and no others, until the command is done."""
    await daemon.open()
    chosen = command.get("book", "")
    loops = [loop for loop in daemon.loops if chosen in ("", loop.hedger.book.name)]
    stop = asyncio.Event()
    doing = asyncio.create_task(daemon.perform(command))
    doing.add_done_callback(lambda _: stop.set())
    try:
        await supervise(loops, stop)
        return await doing
    finally:
        doing.cancel()


@asynccontextmanager
async def _venues(settings: Settings, base: Path, journal: Journal) -> AsyncIterator[Daemon]:
    daemon = build(
        settings, Execution.LIVE, env=os.environ, base=base, clock=_CLOCK, journal=journal
    )
    try:
        yield daemon
    finally:
        await daemon.close()


def _refuse_dry_run(settings: Settings) -> None:
    if settings.execution is Execution.DRY_RUN:
        message = (
            'the file says "dry-run", and no daemon is running: nothing may be sent to the venue, '
            'not even a cancel; set execution = "live" there first'
        )
        raise ConfigError([Problem("", None, "execution", message)])


def _also(answer: Answer, line: str) -> Answer:
    return replace(answer, said=(*answer.said, line), is_whole=False)
