"""`hedged halt`, `pause`, `resume`, `cancel`, `flatten`, `reconcile`, `ack`, `release`, `arm`.

A living daemon is told over its socket. When there is none, the command takes the locks and
does the same itself. Either way the output is the same; that no daemon runs is said on stderr.
"""

import getpass
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from hedged.cli.common import ConfigOption, Exit, JsonOption, fail, load, run_async, set_up_logs
from hedged.config import ConfigError, Settings
from hedged.core.types import Execution
from hedged.engine.control import Answer, Command, CommandError, NoAnswerError, told
from hedged.ops import logging
from hedged.store import LockHeldError, control_path, holder_of, journal_file, journal_lock

T = TypeVar("T")

LONGEST_WHY: Final = 500
STARTING_S: Final = 3.0  # how long a daemon that has its lock and no socket yet is waited for


def _readable(text: str) -> str:
    """A text for the record: one line that can be printed."""
    if len(text) > LONGEST_WHY or not (text.isprintable() or not text):
        raise typer.BadParameter(f"at most {LONGEST_WHY} printable characters on one line")
    return text


def _text(help_text: str, *names: str) -> typer.models.OptionInfo:
    info: typer.models.OptionInfo = typer.Option(*names, help=help_text, callback=_readable)
    return info


Why = Annotated[str, _text("For the record.", "--why")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Book = Annotated[str, typer.Argument(help="One book; all of them if not said.", metavar="[BOOK]")]


def halt(*, config: ConfigOption, why: Why = "", as_json: JsonOption = False) -> None:
    """Stop trading and cancel our working orders, at once, until `resume`.

    It survives a restart. The hedge stays as it is.
    """
    _do(config, {"verb": "halt", "why": why}, as_json=as_json)


def pause(*, config: ConfigOption, why: Why = "", as_json: JsonOption = False) -> None:
    """Let only reduce-only orders pass until `resume`."""
    _do(config, {"verb": "pause", "why": why}, as_json=as_json)


def resume(
    *,
    book: Annotated[
        str, typer.Argument(help="Hedge this flattened book again.", metavar="[BOOK]")
    ] = "",
    config: ConfigOption,
    why: Why = "",
    as_json: JsonOption = False,
) -> None:
    """Trade again after `halt` or `pause`; with BOOK, hedge it again after `flatten`.

    Without BOOK a flattened book stays flat.
    """
    _do(config, {"verb": "resume", "book": book, "why": why}, as_json=as_json)


def cancel(*, config: ConfigOption, why: Why = "", as_json: JsonOption = False) -> None:
    """Cancel all our working orders; orders of others are left alone. Trading goes on."""
    _do(config, {"verb": "cancel", "why": why}, as_json=as_json)


def flatten(
    *,
    book: Book = "",
    config: ConfigOption,
    why: Why = "",
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Close the hedge by reduce-only orders, and keep it closed until `resume BOOK`.

    The coins are then exposed. It asks first. With no daemon running the file must say
    execution = "live"; the closing then runs in this command.
    """
    question = "Close this, and keep it closed?"
    _do(config, {"verb": "flatten", "book": book, "why": why}, question, yes=yes, as_json=as_json)


def arm(
    *,
    book: Annotated[str, typer.Argument(help="The book.", metavar="BOOK")],
    config: ConfigOption,
    why: Why = "",
    rights_seen: Annotated[
        bool,
        typer.Option(
            "--rights-seen",
            help="You have seen at the exchange that the key may not withdraw: needed only where "
            "the exchange does not tell.",
        ),
    ] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            help="The number of the account, as it is shown; of several, each.",
            metavar="ID",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it takes --account.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let a book on mainnet trade real money: the third lock, after the file and --live.

    It shows account, limits and the first plan, and asks for the account's number. A change of
    account or limits disarms the book.
    """
    if yes and not account:
        raise typer.BadParameter("--yes arms nothing by itself: name the account, --account ID")
    question = "Let it trade real money? The number of the account (several: 1,2)"
    command = {
        "verb": "arm",
        "book": book,
        "why": why,
        "rights": "seen" if rights_seen else "",
        "account": ",".join(map(_readable, account or ())),
    }
    _do(config, command, question, yes=yes, as_json=as_json)


def disarm(
    *,
    book: Annotated[str, typer.Argument(help="The book.", metavar="BOOK")],
    config: ConfigOption,
    why: Why = "",
    as_json: JsonOption = False,
) -> None:
    """Take the arming of a book back: it goes on proposing, and sends nothing on mainnet."""
    _do(config, {"verb": "disarm", "book": book, "why": why}, as_json=as_json)


def reconcile(*, config: ConfigOption, as_json: JsonOption = False) -> None:
    """Hold the journal against the venues now, and say every difference."""
    _do(config, {"verb": "reconcile"}, as_json=as_json)


def ack(
    *,
    config: ConfigOption,
    venue: Annotated[str, _text("Only at this venue.", "--venue")] = "",
    symbol: Annotated[str, _text("Only this instrument.", "--symbol")] = "",
    why: Why = "",
    as_json: JsonOption = False,
) -> None:
    """Acknowledge a position that somebody else changed, and hedge from there."""
    command = {"verb": "ack", "venue": venue, "symbol": symbol, "why": why}
    _do(config, command, as_json=as_json)


def release(
    *,
    client_id: Annotated[str, typer.Argument(help="The order's client id, hg…")],
    config: ConfigOption,
    why: Why = "",
    yes: Yes = False,
    as_json: JsonOption = False,
) -> None:
    """Take an order for ended that its venue no longer tells of, and free its instrument.

    It shows the evidence and asks first.
    """
    command = {"verb": "release", "client_id": client_id, "why": why}
    _do(config, command, "Take this order for ended?", yes=yes, as_json=as_json)


def _do(
    config: Path, command: dict[str, str], question: str = "", *, yes: bool = False, as_json: bool
) -> None:
    """Have a command done by whoever can, asking first where it asks."""

    async def loaded() -> Settings:
        return load(config)

    settings = run_async(loaded)
    command["who"] = _me()
    if yes:
        command["confirmed"] = "yes"
    answer, is_alive = _answer(settings, config.parent, command)
    if answer.asks:
        command |= _asked(answer, command, question, as_json=as_json)
        answer, is_alive = _answer(settings, config.parent, command)
    if as_json:
        said = {"verb": command["verb"], "daemon": is_alive, "done": answer.is_whole}
        typer.echo(json.dumps({**said, "said": list(answer.said), **answer.found}))
    else:
        for line in answer.said:
            typer.echo(line)
    raise typer.Exit(Exit.OK if answer.is_whole else Exit.DEGRADED)


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())


def _asked(answer: Answer, command: Command, question: str, *, as_json: bool) -> Command:
    """What the operator adds to a command after having seen what it is about."""
    for line in answer.said:
        typer.echo(line, err=True)
    if as_json or not sys.stdin.isatty():
        way = "--yes --account ID" if command["verb"] == "arm" else "--yes"
        fail(f"nothing was done: there is nobody to ask; say {way}", Exit.ERROR)
    if command["verb"] == "arm":  # a "y" is typed out of habit, a number is not
        typed = command["account"] or typer.prompt(
            question, default="", show_default=False, err=True
        )
        return {"confirmed": "yes", "account": typed}
    if not typer.confirm(question, err=True):
        fail("nothing was done", Exit.ERROR)
    return {"confirmed": "yes"}


def _answer(settings: Settings, base: Path, command: Command) -> tuple[Answer, bool]:
    """What a living daemon answers, or what was done in its place; and whether one lives."""
    socket = control_path(settings, os.environ)
    deadline_s = time.monotonic() + STARTING_S
    while True:
        try:
            answer = _run(lambda: told(socket, command))
        except NoAnswerError as error:
            return _despite(settings, base, command, error), True
        except CommandError as error:
            fail(str(error), Exit.ERROR)
        if answer is not None:
            return answer, True
        _quiet(settings, base)
        from hedged.cli.alone import alone  # noqa: PLC0415 - a living daemon has no need of it

        try:
            answer = _run(lambda: alone(settings, base, command))
        except LockHeldError as error:
            if time.monotonic() >= deadline_s:
                fail(str(error), Exit.ERROR)
            time.sleep(0.1)
            continue
        except CommandError as error:
            fail(str(error), Exit.ERROR)
        typer.echo("hedged: no live daemon is running", err=True)
        return answer, False


def _despite(settings: Settings, base: Path, command: Command, error: NoAnswerError) -> Answer:
    """A daemon that does not answer cannot keep anybody from cancelling."""
    holder = holder_of(journal_lock(journal_file(settings, os.environ)))
    way = f"end {holder or 'it'} and say this again"
    if command["verb"] not in {"halt", "cancel"} or settings.execution is Execution.DRY_RUN:
        fail(f"{error}; {way}", Exit.ERROR)
    _quiet(settings, base)
    from hedged.cli.alone import unrecorded  # noqa: PLC0415 - a living daemon has no need of it

    swept = _run(lambda: unrecorded(settings, base, command))
    said = (*swept.said, f"{error}: cancelled in its place, nothing is on record; {way}")
    return Answer(said, swept.found, is_whole=False)


def _quiet(settings: Settings, base: Path) -> None:
    """What is done here is the answer; the log tells only what goes wrong."""
    try:
        set_up_logs(settings, base, level="error")
    except ConfigError:  # a key that cannot be read cannot be shown either
        logging.configure(style=settings.log.format, level="error")


def _run(job: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine; what the caller decides upon is raised, the rest is one line and out."""

    async def caught() -> T | CommandError | LockHeldError:
        try:
            return await job()
        except (CommandError, LockHeldError) as error:
            return error

    outcome = run_async(caught)
    if isinstance(outcome, CommandError | LockHeldError):
        raise outcome
    return outcome
