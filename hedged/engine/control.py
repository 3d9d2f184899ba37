"""Operator commands to a living daemon, over a Unix socket in its state folder.

One JSON object per line each way: `{"verb": "halt", "who": "anna", "why": "..."}` is answered
with `{"said": [...], "found": {...}, ...}` or `{"error": "..."}`. Only the owner of the folder
can reach the socket. Which events a command leads to is here as well, as a pure function; what
else is done about it is `operator`'s.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import structlog

from hedged.core.events import Acked, Disarmed, Event, Flattened, StateChanged
from hedged.core.ledger import Ledger
from hedged.core.listing import freezes
from hedged.core.types import TradingState
from hedged.ports import StoreError

log = structlog.get_logger("hedged.control")

STATES: Final = {
    "halt": TradingState.HALTED,
    "pause": TradingState.REDUCING,
    "resume": TradingState.ACTIVE,
}
LONGEST_LINE: Final = 16 * 1024
LONGEST_ANSWER: Final = 1024 * 1024
PATIENCE_S: Final = 10.0  # for a line to arrive
DONE_S: Final = 20.0  # for a command to be done, beyond the time-outs of venue and store
WATCHED_S: Final = 90.0  # for those that read a lot, or watch orders fill
WATCHED: Final = frozenset({"arm", "flatten", "reconcile", "release"})

Command = Mapping[str, str]


class CommandError(Exception):
    """A command that cannot be done, with the reason in one line."""


class NoAnswerError(CommandError):
    """A daemon is there and does not answer: whether it was done is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to."""

    said: tuple[str, ...]  # lines for people
    found: Mapping[str, object] = field(default_factory=dict)  # the same for programs
    is_whole: bool = True  # False: something of it could not be done
    asks: bool = False  # nothing was done: `said` is what it would be about


Perform = Callable[[Command], Awaitable[Answer]]


def effect(
    command: Command, ledger: Ledger, books: Collection[str] = ()
) -> tuple[tuple[Event, ...], str]:
    """The events that a command leads to, and what to tell the operator.

    Raises:
        CommandError: unknown, incomplete, or nothing there to do it to.
    """
    verb, who, why = (command.get(key, "") for key in ("verb", "who", "why"))
    if verb == "resume" and command.get("book"):
        return _hedged_again(command, ledger)
    if verb in STATES:
        state = STATES[verb]
        said = f"trading state is {state.value}"
        flat = ", ".join(ledger.flattened)
        if flat and state is TradingState.ACTIVE:
            said += f"; still flattened: {flat}; `hedged resume BOOK` has a book hedged again"
        return (StateChanged(state, who, why),), said
    if verb == "ack":
        return _acknowledged(command, ledger)
    if verb == "flatten":
        return _flattened(command, ledger, books)
    if verb == "disarm":
        return _disarmed(command, ledger)
    raise CommandError(f"no such command: {verb!r}")


def _acknowledged(command: Command, ledger: Ledger) -> tuple[tuple[Event, ...], str]:
    waiting = dict(freezes(ledger.listings, ledger.doubted)) | {
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


def _flattened(
    command: Command, ledger: Ledger, books: Collection[str]
) -> tuple[tuple[Event, ...], str]:
    book = command.get("book", "")
    if book and book not in books:
        raise CommandError(f"there is no book {book!r}; there are: {', '.join(books)}")
    if ledger.state is TradingState.HALTED:
        because = f" ({ledger.why})" if ledger.why else ""
        raise CommandError(
            f"trading is halted{because}, nothing is sent; after `hedged pause` reduce-only orders "
            "pass, and a flatten too"
        )
    chosen = [book] if book else list(books)
    who, why = command.get("who", ""), command.get("why", "")
    events = tuple(Flattened(name, on=True, who=who, why=why) for name in chosen)
    ways = ", ".join(f"`hedged resume {name}`" for name in chosen)
    return events, f"{', '.join(chosen)}: the target is 0 until {ways}"


def _hedged_again(command: Command, ledger: Ledger) -> tuple[tuple[Event, ...], str]:
    book = command["book"]
    if book not in ledger.flattened:
        flat = ", ".join(ledger.flattened) or "none"
        raise CommandError(f"{book!r} is not a flattened book; flattened: {flat}")
    said = f"{book} is hedged again"
    if ledger.state is not TradingState.ACTIVE:
        said += f" once `hedged resume` is said: the trading state is {ledger.state.value}"
    event = Flattened(book, on=False, who=command.get("who", ""), why=command.get("why", ""))
    return (event,), said


def _disarmed(command: Command, ledger: Ledger) -> tuple[tuple[Event, ...], str]:
    book = command.get("book", "")
    if book not in ledger.armed:
        there = ", ".join(ledger.armed) or "none"
        raise CommandError(f"{book!r} is not an armed book; armed: {there}")
    event = Disarmed(book, command.get("who", ""), command.get("why", ""))
    return (event,), f"{book} is disarmed: it proposes, and sends nothing on mainnet"


@asynccontextmanager
async def control(path: Path, perform: Perform) -> AsyncIterator[None]:
    """Listen on `path` as long as the block runs. The caller holds a lock beside it.

    Raises:
        StoreError: the socket cannot be made.
    """
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE_S):
                line = await reader.readline()
            async with asyncio.timeout(WATCHED_S):
                answer = await _answered(line, perform)
            writer.write(json.dumps(answer).encode() + b"\n")
            async with asyncio.timeout(PATIENCE_S):
                await writer.drain()
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    _remove(path)  # whoever held the lock before us is gone
    try:
        server = await asyncio.start_unix_server(accept, path, limit=LONGEST_LINE)
    except OSError as error:
        raise StoreError(f"the control socket {path} cannot be made: {error}") from error
    try:
        yield
    finally:
        server.close()
        _remove(path)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _answered(line: bytes, perform: Perform) -> dict[str, object]:
    try:
        command = {str(key): str(value) for key, value in json.loads(line).items()}
    except (ValueError, AttributeError, RecursionError):
        return {"error": "a command is one JSON object in one line"}
    try:
        return asdict(await perform(command))
    except (CommandError, StoreError) as error:
        return {"error": str(error)}


async def told(path: Path, command: Command) -> Answer | None:
    """Tell a living daemon and return what it answers; None: there is no daemon to tell.

    Raises:
        CommandError: the daemon refused it, or did not answer.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_ANSWER)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    except OSError as error:
        raise CommandError(f"the daemon's socket {path} cannot be used: {error}") from error
    patience_s = WATCHED_S + PATIENCE_S if command.get("verb") in WATCHED else DONE_S
    try:
        async with asyncio.timeout(patience_s):
            writer.write(json.dumps(command).encode() + b"\n")
            answer = json.loads(await reader.readline() or b"{}")
    except (OSError, TimeoutError, ValueError) as error:
        raise NoAnswerError(f"the daemon did not answer: {error!r}") from error
    finally:
        writer.close()
    if "said" in answer:
        return Answer(tuple(answer["said"]), answer["found"], answer["is_whole"], answer["asks"])
    raise CommandError(str(answer.get("error", "the daemon gave no answer")))
