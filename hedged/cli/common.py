"""What the commands share: loading, logs, exit codes, and one line for what went wrong."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import asdict
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final, NoReturn, TypeVar

import typer

from hedged.config import ConfigError, Problem, SecretRef, Settings, misplaced, resolve
from hedged.config import load as load_settings
from hedged.config.quantities import Duration
from hedged.core.types import Decision, Reason
from hedged.ops import logging
from hedged.ops.notify import secret_parts
from hedged.ports import OUTAGE, StoreError

T = TypeVar("T")

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="Configuration file (TOML).", show_default=False)
]


_as_json: Final = ContextVar("as_json", default=False)


def _noted(context: typer.Context, *, value: bool) -> bool:
    """Note how the command under way is to print, for when it fails."""
    before = _as_json.set(value)
    context.call_on_close(lambda: _as_json.reset(before))
    return value


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout.", callback=_noted)
]


class Exit(IntEnum):
    """Exit codes that tools rely on; 2 (usage) is given by the option parser."""

    OK = 0
    ERROR = 1
    DEGRADED = 3
    HALTED = 4
    CONFIG = 78


# Verdicts after which nothing is missing and nobody has to act.
HEALTHY = frozenset(
    {
        Reason.IN_BAND,
        Reason.ABOVE_BAND,
        Reason.BELOW_BAND,
        Reason.BELOW_MIN_QTY,
        Reason.ORDER_IN_FLIGHT,
        Reason.COOLDOWN,
        Reason.WINDOW,
    }
)


_DURATION = Duration(Decimal(5), Decimal(86_400), "from 5s to 1d")


def duration_s(text: str) -> float:
    """Seconds of an option such as "20s"."""
    try:
        return float(_DURATION(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not {_DURATION.expected}") from None


def load(path: Path) -> Settings:
    """The settings of a file.

    Raises:
        ConfigError: with every problem found.
    """
    settings = load_settings(path, env=os.environ)
    kept: list[tuple[SecretRef, str]] = []
    for reference in (*settings.keys, *settings.addresses):
        with suppress(ConfigError):  # whoever needs it will say so
            secret = resolve(reference, os.environ, path.parent).get_secret_value()
            is_key = reference in settings.keys
            parts = [secret] if is_key else secret_parts(secret)
            kept += [(reference, part) for part in parts]
    problems = list(misplaced(settings, kept))
    if problems:
        raise ConfigError(problems)
    return settings


def secrets_of(settings: Settings, env: Mapping[str, str], base: Path) -> list[str]:
    """Every secret of the configuration, for the log's redaction.

    An address of alerts that cannot be read cannot be shown either; only `run` needs it.
    """
    secrets = [resolve(reference, env, base).get_secret_value() for reference in settings.keys]
    for address in settings.addresses:
        with suppress(ConfigError):
            secrets += secret_parts(resolve(address, env, base).get_secret_value())
    return secrets


def set_up_logs(settings: Settings, base: Path, *, level: str | None = None) -> None:
    """Configure logging as the settings say, with their secrets cut out."""
    logging.configure(
        style=settings.log.format,
        level=level or settings.log.level,
        secrets=secrets_of(settings, os.environ, base),
    )


def verdict_exit(decisions: Iterable[Decision]) -> Exit:
    """OK, or what the worst verdict calls for."""
    found = {asset.reason for decision in decisions for asset in decision.assets}
    blocked = {f.reason for d in decisions for asset in d.assets for f in asset.blocked}
    if Reason.HALTED in found | blocked:
        return Exit.HALTED
    return Exit.OK if found <= HEALTHY else Exit.DEGRADED


def fail(message: str, code: Exit, problems: Sequence[Problem] = ()) -> NoReturn:
    """One line on stderr, with --json one object on stdout too, and out."""
    if _as_json.get():
        error = {
            "exit": int(code),
            "message": message,
            "problems": [asdict(problem) for problem in problems],
        }
        typer.echo(json.dumps({"error": error}))
    typer.echo(f"hedged: {message}", err=True)
    raise typer.Exit(code)


def run_async(job: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine to its end; operational failures become one line and an exit code.

    One that was ended because its log could not be written any more has failed, too.
    """

    async def awaited() -> T:
        return await job()

    try:
        result = asyncio.run(awaited())
    except ConfigError as error:
        fail(str(error), Exit.CONFIG, error.problems)
    except (*OUTAGE, StoreError) as error:
        fail(str(error), Exit.ERROR)
    except (KeyboardInterrupt, asyncio.CancelledError):  # asyncio gives Ctrl-C back as either
        sys.exit(130)
    finally:
        was_log_missed = logging.end_reliance()
    if was_log_missed:
        raise typer.Exit(Exit.ERROR)
    return result
