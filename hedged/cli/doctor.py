"""`hedged doctor`: everything around a daemon that can be wrong, each with its remedy.

It changes nothing, and never ends with a traceback: a look that fails is a row as well. What the
venues say is the preflight's, as in `hedged check --online`.
"""

import json
import os
import platform
import shutil
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import typer

from hedged import __version__
from hedged.app import account_locks, build
from hedged.cli.check import SIGNS, looked
from hedged.cli.common import ConfigOption, Exit, JsonOption, load, run_async, secrets_of
from hedged.cli.console import console
from hedged.cli.status import found_by
from hedged.clock import SystemClock
from hedged.config import ConfigError, Settings, resolve
from hedged.core.preflight import Check, Mark
from hedged.core.types import Execution
from hedged.onlookers import audience_of, tokens_of
from hedged.ops import logging
from hedged.ops.schedule import next_at
from hedged.ports import StoreError
from hedged.store import PastJournal, holder_of, journal_file, journal_lock
from hedged.web.access import refuse_open_door

SCARCE_MB: Final = 500
TOO_LITTLE_MB: Final = 50
_MB: Final = 1024 * 1024
_HERE: Final = "this machine"

Looks = Callable[[], Iterable[Check] | Awaitable[Iterable[Check]]]


def doctor(
    *,
    config: ConfigOption,
    offline: bool = typer.Option(False, "--offline", help="Reach no venue."),
    as_json: JsonOption = False,
) -> None:
    """Look at everything around the daemon: ✓ well, ! look at it, ✗ wrong, each with its remedy.

    Exit code 0: all is well; 3: something should be looked at; 1: something is wrong; 78: the
    configuration is.
    """
    checks, code = run_async(lambda: _examined(config, offline=offline))
    if as_json:
        typer.echo(json.dumps({"checks": [asdict(check) for check in checks]}))
    else:
        out = console()
        for one in checks:
            remedy = f"; {one.remedy}" if one.remedy else ""
            line = f"{SIGNS[one.mark]} {one.subject}: {one.what}: {one.found}{remedy}"
            out.print(line, soft_wrap=True)
    raise typer.Exit(code)


async def _examined(config: Path, *, offline: bool) -> tuple[list[Check], Exit]:
    checks = [*_versions()]
    try:
        settings = load(config)
    except ConfigError as error:
        checks += [
            Check(
                str(config),
                "configuration",
                Mark.WRONG,
                f"{problem.key}: {problem.message}" if problem.key else problem.message,
                "correct the file",
            )
            for problem in error.problems
        ]
        return checks, Exit.CONFIG
    said = f"{settings.execution.value} on {settings.environment.value}"
    checks.append(Check(str(config), "configuration", Mark.GOOD, said))
    base = config.parent
    logging.configure(
        style=settings.log.format, level="critical", secrets=_known_secrets(settings, base)
    )
    examinations: dict[str, Looks] = {
        "secrets": lambda: _secrets(settings, base),
        "disk": lambda: _disk(settings),
        "journal": lambda: _journal(settings),
        "locks": lambda: _locks(settings, base),
        "daemon": lambda: _daemon(settings, config),
        "schedule": lambda: _schedule(settings),
        "alerts": lambda: _alerts(settings, base),
        "dashboard": lambda: _dashboard(settings, config),
    }
    if not offline:
        examinations["venues"] = lambda: _venues(settings, base)
    for what, look in examinations.items():
        checks += await _guarded(what, look)
    marks = {one.mark for one in checks}
    if Mark.WRONG in marks:
        return checks, Exit.ERROR
    return checks, Exit.DEGRADED if Mark.DOUBT in marks else Exit.OK


async def _guarded(what: str, look: Looks) -> list[Check]:
    """What a look finds; one that fails has found that, too."""
    try:
        found = look()
        return [*(await found if isinstance(found, Awaitable) else found)]
    except ConfigError as error:
        return [Check(_HERE, what, Mark.WRONG, str(error), "as the text says")]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other rows are worth seeing
        found_was = f"could not be looked at: {type(error).__name__}: {error}"
        return [Check(_HERE, what, Mark.WRONG, found_was, "as the text says")]


def _known_secrets(settings: Settings, base: Path) -> list[str]:
    try:
        return secrets_of(settings, os.environ, base)
    except ConfigError:  # a key that cannot be read cannot be shown either
        return []


def _versions() -> Iterator[Check]:
    python = platform.python_version()
    yield Check(_HERE, "versions", Mark.GOOD, f"hedged {__version__}, Python {python}")
    required = [r for r in metadata.requires("hedged") or () if r.startswith("ccxt==")]
    pinned, installed = (
        required[0].removeprefix("ccxt==") if required else "",
        metadata.version("ccxt"),
    )
    if installed == pinned:
        yield Check(_HERE, "ccxt", Mark.GOOD, installed)
    else:
        found = f"{installed}, and hedged was made for {pinned}"
        yield Check(_HERE, "ccxt", Mark.WRONG, found, "install from the lock file: `make demo`")


def _secrets(settings: Settings, base: Path) -> Iterator[Check]:
    for name, venue in settings.venues.items():
        for reference in (venue.api_key, venue.secret):
            try:
                resolve(reference, os.environ, base)
            except ConfigError as error:
                remedy = "put it there; config/example.toml tells how"
                yield Check(name, str(reference), Mark.WRONG, str(error), remedy)
            else:
                yield Check(name, str(reference), Mark.GOOD, "it can be read")


def _disk(settings: Settings) -> Iterator[Check]:
    """The folder of the journal; it need not be there yet."""
    folder = journal_file(settings, os.environ).parent
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        remedy = "give it to the user that runs hedged, or set STATE_DIRECTORY"
        yield Check(_HERE, "state folder", Mark.WRONG, f"{there} is not writable", remedy)
    else:
        yield Check(_HERE, "state folder", Mark.GOOD, f"{folder} is writable")
    free_mb = shutil.disk_usage(there).free // _MB
    found = f"{free_mb} MB are free at {there}"
    if free_mb >= SCARCE_MB:
        yield Check(_HERE, "disk", Mark.GOOD, found)
    else:
        mark = Mark.WRONG if free_mb < TOO_LITTLE_MB else Mark.DOUBT
        yield Check(_HERE, "disk", mark, found, "make room: what cannot be recorded is not sent")


def _journal(settings: Settings) -> Iterator[Check]:
    path = journal_file(settings, os.environ)
    if not path.is_file():
        yield Check(_HERE, "journal", Mark.GOOD, f"there is none yet at {path}")
        return
    ledger = PastJournal(path).ledger
    found = f"{path} can be read, {path.stat().st_size // _MB} MB"
    yield Check(_HERE, "journal", Mark.GOOD, found)
    unresolved = [order.client_id for order in ledger.unresolved()]
    if unresolved:
        found = f"not known to have ended: {', '.join(unresolved)}"
        yield Check(_HERE, "orders", Mark.DOUBT, found, "a running daemon looks them up")


def _locks(settings: Settings, base: Path) -> Iterator[Check]:
    path = journal_file(settings, os.environ)
    locks = {journal_lock(path): "journal lock"} if path.parent.is_dir() else {}
    for lock, venue in account_locks(settings, os.environ, base).items():
        locks[lock] = f"lock of the account of {venue}"
    for lock, what in locks.items():
        holder = holder_of(lock)
        yield Check(_HERE, what, Mark.GOOD, f"held by {holder}" if holder else "free")


async def _alive(settings: Settings, config: Path) -> dict[str, Any] | None:
    """What a living daemon says of itself; None: there is none."""
    try:
        found = await found_by(settings, config)
    except StoreError:  # a row of its own
        return None
    return found if found is not None and found["alive"] else None


async def _daemon(settings: Settings, config: Path) -> list[Check]:
    found = await _alive(settings, config)
    if found is None:
        return [
            Check("daemon", "alive", Mark.DOUBT, "none answers", "hedged run -c FILE starts it")
        ]
    checks = [Check("daemon", "alive", Mark.GOOD, f"running since {found['started_at']}")]
    state = found["state"]["state"]
    if state != "active":
        remedy = "find the cause, then hedged resume"
        checks.append(Check("daemon", "state", Mark.DOUBT, f"trading is {state}", remedy))
    for finding in found["findings"]:
        where = " ".join(filter(None, (finding["book"], finding["asset"]))) or "daemon"
        said = f"{finding['reason']}: {finding['detail']}"
        checks.append(Check(where, "finding", Mark.DOUBT, said, finding["what_to_do"] or ""))
    for venue in found.get("unprotected", ()):
        remedy = "keep resting orders short, or use a venue that has one"
        said = "not armed: orders that rest there would outlive the daemon"
        checks.append(Check(venue, "dead-man switch", Mark.DOUBT, said, remedy))
    return checks


def _schedule(settings: Settings) -> Iterator[Check]:
    now = SystemClock().now()
    for name, book in settings.books.items():
        said = f"every {book.poll_s:f} s"
        if book.cron is not None:
            said += f", and at {next_at(book.cron, now):%Y-%m-%d %H:%M} UTC by its cron line"
        yield Check(f"book {name}", "looks", Mark.GOOD, said)
    if settings.alerts.digest is not None:
        said = f"next at {next_at(settings.alerts.digest, now):%Y-%m-%d %H:%M} UTC"
        yield Check("alerts", "digest", Mark.GOOD, said)


def _alerts(settings: Settings, base: Path) -> Iterator[Check]:
    audience = audience_of(settings, os.environ, base)
    if audience.listeners:
        names = ", ".join(listener.name for listener in audience.listeners)
        yield Check("alerts", "addresses", Mark.GOOD, f"{names}; hedged notify test tries them")
    else:
        remedy = 'set `to = ["env:ALERT_URL"]` in [alerts]'
        yield Check("alerts", "addresses", Mark.DOUBT, "nobody is told when it goes wrong", remedy)
    if audience.heartbeat_url is not None:
        said = f"beats after good cycles, at most every {settings.heartbeat.every_s:f} s"
        yield Check("alerts", "heartbeat", Mark.GOOD, said)
    else:
        said = "no monitor hears of a machine that is dead"
        yield Check("alerts", "heartbeat", Mark.DOUBT, said, "set `url` in [heartbeat]")


async def _dashboard(settings: Settings, config: Path) -> list[Check]:
    bind = settings.web.bind
    if bind is None:
        return [Check("dashboard", "address", Mark.GOOD, "not served")]
    refuse_open_door(settings.web, tokens_of(settings, os.environ))
    host, _, port = bind.rpartition(":")
    found = await _alive(settings, config)
    if found is None:
        family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        try:
            socket.create_server((host.strip("[]"), int(port)), family=family).close()
        except OSError as error:
            said = f"{bind} cannot be listened on: {error.strerror}"
            return [Check("dashboard", "address", Mark.WRONG, said, "choose another port")]
    return [Check("dashboard", "address", Mark.GOOD, f"http://{bind}/")]


async def _venues(settings: Settings, base: Path) -> list[Check]:
    daemon = build(settings, Execution.DRY_RUN, env=os.environ, base=base)
    try:
        found: dict[str, Any] = await looked(daemon)
    finally:
        await daemon.close()
    return [Check(**row) for row in found["checks"]]
