"""Operator commands to a living daemon, over a Unix socket in its state folder.

One JSON object per line each way: `{"verb": "halt", "who": "anna", "why": "..."}` is answered
with `{"ok": "..."}` or `{"error": "..."}`. Only the owner of the folder can reach the socket. A
command changes the journal and wakes the loops; it never trades. What the commands do is here
too, for the command line to do on the journal itself when the daemon is dead.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from hedged.core.events import Acked, Event, StateChanged
from hedged.core.ledger import Ledger
from hedged.core.types import TradingState
from hedged.ports import Journal, StoreError

log = structlog.get_logger("hedged.control")

STATES: Final = {
    "halt": TradingState.HALTED,
    "pause": TradingState.REDUCING,
    "resume": TradingState.ACTIVE,
}
LONGEST_LINE: Final = 16 * 1024
PATIENCE_S: Final = 10.0

Command = Mapping[str, str]


class CommandError(Exception):
    """A command that cannot be done, with the reason in one line."""


def effect(command: Command, ledger: Ledger) -> tuple[tuple[Event, ...], str]:
    """The events that a command leads to, and what to tell the operator.

    Raises:
        CommandError: unknown, incomplete, or nothing there to do it to.
    """
    verb, who, why = (command.get(key, "") for key in ("verb", "who", "why"))
    if verb in STATES:
        state = STATES[verb]
        return (StateChanged(state, who, why),), f"trading state is {state.value}"
    if verb == "ack":
        return _acknowledged(command, ledger)
    raise CommandError(f"no such command: {verb!r}")


def _acknowledged(command: Command, ledger: Ledger) -> tuple[tuple[Event, ...], str]:
    waiting = {
        (slot.venue, slot.symbol): slot.unacked[-1].why
        for slot in ledger.slots.values()
        if slot.unacked
    }
    venue, symbol = command.get("venue", ""), command.get("symbol", "")
    chosen = [key for key in waiting if venue in ("", key[0]) and symbol in ("", key[1])]
    if not chosen:
        there = "; ".join(f"{v} {s}: {why}" for (v, s), why in waiting.items()) or "nothing"
        raise CommandError(f"nothing there to acknowledge; waiting: {there}")
    who, why = command.get("who", ""), command.get("why", "")
    events = tuple(Acked(v, s, who, why) for v, s in chosen)
    said = "; ".join(f"{v} {s}: {waiting[v, s]}" for v, s in chosen)
    return events, f"acknowledged {said}"


@asynccontextmanager
async def control(path: Path, journal: Journal, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Listen on `path` as long as the block runs. The caller holds the journal's lock.

    Raises:
        StoreError: the socket cannot be made.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE_S):
                answer = await _answer(await reader.readline(), journal)
                wake()
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        writer.close()

    _remove(path)  # whoever held the lock before us is gone
    try:
        server = await asyncio.start_unix_server(serve, path, limit=LONGEST_LINE)
    except OSError as error:
        raise StoreError(f"the control socket {path} cannot be made: {error}") from error
    try:
        yield
    finally:
        server.close()
        _remove(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _answer(line: bytes, journal: Journal) -> dict[str, str]:
    try:
        command = {str(key): str(value) for key, value in json.loads(line).items()}
        return {"ok": await obey(command, journal)}
    except (CommandError, StoreError) as error:
        return {"error": str(error)}
    except (ValueError, AttributeError):
        return {"error": "a command is one JSON object in one line"}


async def obey(command: Command, journal: Journal) -> str:
    """Record what a command leads to, whatever a cycle is doing; what to tell the operator.

    Raises:
        CommandError: unknown, incomplete, or nothing there to do it to.
        StoreError: it could not be recorded.
    """
    events, said = effect(command, journal.ledger)
    await journal.append(*events)
    log.info("operator.command", **{key: command[key] for key in sorted(command)}, effect=said)
    return said


def told(path: Path, command: Command) -> str | None:
    """Tell a living daemon and return what it says; None: there is no daemon to tell.

    Raises:
        CommandError: the daemon refused it, or did not answer.
    """
    return asyncio.run(_told(path, command))


async def _told(path: Path, command: Command) -> str | None:
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    try:
        async with asyncio.timeout(PATIENCE_S):
            writer.write(json.dumps(command).encode() + b"\n")
            answer = json.loads(await reader.readline() or b"{}")
    except (OSError, TimeoutError, ValueError) as error:
        raise CommandError(f"the daemon did not answer: {error!r}") from error
    finally:
        writer.close()
    if "ok" in answer:
        return str(answer["ok"])
    raise CommandError(str(answer.get("error", "the daemon gave no answer")))
