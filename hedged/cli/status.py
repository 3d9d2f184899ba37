"""`hedged status`: what the daemon holds, wants, did last and why; dead or alive.

A living daemon is asked over its socket, or over its API where the socket is out of reach. When
there is none, the journal says how things stood when it was last written.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Final

import aiohttp
import typer
from rich.console import Group
from rich.live import Live

from hedged.cli.common import ConfigOption, Exit, JsonOption, fail, load, run_async
from hedged.cli.console import console
from hedged.cli.status_view import rendered
from hedged.clock import SystemClock
from hedged.config import Settings
from hedged.core.types import Execution
from hedged.engine.control import CommandError, told
from hedged.ops import logging
from hedged.ports import StoreError
from hedged.store import (
    PastJournal,
    control_path,
    holder_of,
    journal_file,
    journal_lock,
    rehearsal_path,
)
from hedged.web.overview import SHOWN, bygone
from hedged.web.recorder import Recorder
from hedged.web.subject import Subject
from hedged.web.view import View

AGAIN_S: Final = 2.0
PATIENCE_S: Final = 5.0
TOKEN: Final = "HEDGED_TOKEN"  # noqa: S105 - the name of a variable, not a token


def status(
    *,
    config: ConfigOption,
    watch: bool = typer.Option(False, "--watch", help="Show it anew every 2 s, until Ctrl-C."),
    as_json: JsonOption = False,
) -> None:
    """Show what the daemon holds, wants and did last; without a daemon, what its journal says.

    Exit code 0: alive and ready; 3: not ready, or no daemon; 4: halted. A dashboard that others
    can reach wants a token, of scope read, in HEDGED_TOKEN.
    """
    if watch and as_json:
        raise typer.BadParameter("--watch is for people; ask again for another --json")

    async def loaded() -> Settings:
        return load(config)

    settings = run_async(loaded)
    logging.configure(style=settings.log.format, level="error")
    if watch:
        run_async(lambda: _watch(settings, config))
    found = run_async(lambda: found_by(settings, config))
    if found is None:
        fail(
            "no daemon is running, and there is no journal of an earlier one; a dry-run keeps none",
            Exit.DEGRADED,
        )
    if as_json:
        typer.echo(json.dumps(found))
    else:
        console().print(Group(*rendered(found)), soft_wrap=True)
    raise typer.Exit(_code(found))


def _code(found: dict[str, Any]) -> Exit:
    if found["state"]["state"] == "halted":
        return Exit.HALTED
    return Exit.OK if found["alive"] and found["ready"] else Exit.DEGRADED


async def _watch(settings: Settings, config: Path) -> None:
    """Until Ctrl-C."""
    with Live(console=console(), auto_refresh=False, vertical_overflow="visible") as live:
        while True:
            found = await found_by(settings, config)
            shown = (
                rendered(found)
                if found
                else [f"{config}: no daemon, and no journal of one; waiting"]
            )
            live.update(Group(*shown), refresh=True)
            await asyncio.sleep(AGAIN_S)


async def found_by(settings: Settings, config: Path) -> dict[str, Any] | None:
    """What whoever knows says; None: nobody does."""
    why = ""
    for socket in (control_path(settings, os.environ), rehearsal_path(config, os.environ)):
        try:
            answer = await told(socket, {"verb": "status"})
        except CommandError as error:
            answer, why = None, str(error)
        if answer is not None:
            return {"alive": True, "source": "socket", "note": None, **answer.found}
    if settings.web.bind is not None and (asked := await _asked(settings.web.bind)):
        return {"alive": True, "source": "api", "note": None, **asked}
    path = journal_file(settings, os.environ)
    if not path.is_file():
        return None
    holder = holder_of(journal_lock(path))
    note = f"{holder} does not answer: {why}" if holder else "no daemon is running"
    return {"alive": False, "source": "journal", "note": note, **await _past(settings, path)}


async def _asked(bind: str) -> dict[str, Any] | None:
    """What the API says; None: it does not answer, or wants a token that is not there."""
    host, _, port = bind.rpartition(":")
    reached = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    token = os.environ.get(TOKEN)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    url = f"http://{reached}:{port}/api/v1"
    try:
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            found: dict[str, Any] = {}
            for part in ("status", f"orders?limit={SHOWN}", f"fills?limit={SHOWN}"):
                async with session.get(f"{url}/{part}") as answer:
                    answer.raise_for_status()
                    found |= await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    return found


async def _past(settings: Settings, path: Path) -> dict[str, Any]:
    journal = await asyncio.to_thread(PastJournal, path)
    clock = SystemClock()

    async def nothing(_command: object) -> Any:
        raise StoreError("there is no daemon")

    subject = Subject(
        settings=settings,
        execution=Execution.LIVE,  # only that keeps a journal
        journal=journal,
        venues={},
        perform=nothing,
        wake=lambda: None,
        clock=clock,
        started_at=clock.now(),
    )
    return await bygone(View(subject, Recorder(points=1)), journal)
