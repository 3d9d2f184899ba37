"""`hedged halt`, `pause`, `resume`, `ack`: operator commands, with the daemon alive or dead.

A living daemon is told over its socket. When there is none, the command takes the journal's
lock and does the same to the journal, and the next start finds it done.
"""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from hedged.app import control_path, journal_file
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async
from hedged.clock import SystemClock
from hedged.engine.control import CommandError, effect, told
from hedged.ports import StoreError
from hedged.store import SqlJournal, held, journal_lock

Why = Annotated[str, typer.Option("--why", help="For the record.")]


def halt(*, config: ConfigOption, why: Why = "") -> None:
    """Stop trading until `resume`; survives a restart. The hedge stays as it is."""
    _do(config, {"verb": "halt", "why": why})


def pause(*, config: ConfigOption, why: Why = "") -> None:
    """Let only reduce-only orders pass until `resume`."""
    _do(config, {"verb": "pause", "why": why})


def resume(*, config: ConfigOption, why: Why = "") -> None:
    """Trade again after `halt` or `pause`."""
    _do(config, {"verb": "resume", "why": why})


def ack(
    *,
    config: ConfigOption,
    venue: Annotated[str, typer.Option(help="Only at this venue.")] = "",
    symbol: Annotated[str, typer.Option(help="Only this instrument.")] = "",
    why: Why = "",
) -> None:
    """Acknowledge a position that somebody else changed, and hedge from there."""
    _do(config, {"verb": "ack", "venue": venue, "symbol": symbol, "why": why})


def _do(config: Path, command: dict[str, str]) -> None:
    command["who"] = getpass.getuser()

    async def loaded() -> tuple[Path, Path]:
        settings = load(config)
        return journal_file(settings, os.environ), control_path(settings, os.environ)

    journal, socket = run_async(loaded)
    try:
        said = told(socket, command)
        if said is None:
            said = run_async(lambda: _alone(journal, command))
    except (CommandError, StoreError) as error:
        fail(str(error), Exit.ERROR)
    typer.echo(said)


async def _alone(path: Path, command: dict[str, str]) -> str:
    """Do it to the journal of a daemon that does not run."""
    clock = SystemClock()
    with held(journal_lock(path), f"the journal {path}", clock.now()):
        journal = await SqlJournal.open(path, clock)
        try:
            events, said = effect(command, journal.ledger)
            await journal.append(*events)
        finally:
            await journal.close()
    return f"{said} (no daemon is running)"
