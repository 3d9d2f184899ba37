"""`hedged bugreport`: what a maintainer needs to know, in one file, without any secret."""

import json
import os
import platform
import zipfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Final

import typer

from hedged import __version__
from hedged.cli.common import ConfigOption, Exit, JsonOption, fail, load, run_async
from hedged.cli.journal import entry_object
from hedged.config import ConfigError, Settings, resolve
from hedged.ops.notify import secret_parts
from hedged.ops.redaction import Redaction
from hedged.ports import Selection, StoreError
from hedged.store import entries_in, journal_file

LAST: Final = 1000
PRIVATE: Final = 0o600


def bugreport(
    *,
    config: ConfigOption,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write it; must not exist.", dir_okay=False),
    ] = None,
    last: Annotated[
        int, typer.Option("--last", help="How many entries of the journal, the newest.", min=0)
    ] = LAST,
    as_json: JsonOption = False,
) -> None:
    """Write versions, settings and the newest journal entries to a file, without secrets."""

    async def loaded() -> Settings:
        return load(config)

    settings = run_async(loaded)
    now = datetime.now(UTC)
    path = output or Path(f"hedged-bugreport-{now:%Y%m%d-%H%M%S}.zip")
    secrets, unread = _secrets(settings, config.parent)
    redaction = Redaction(secrets)

    def clean(**parts: object) -> str:
        return json.dumps(redaction(None, "", parts), default=str, indent=1)

    parts = {
        "about.json": clean(made_at=now.isoformat(), unread_secrets=unread, **_about()),
        "settings.json": clean(**settings.model_dump(warnings=False)),
        "journal.json": clean(**_journal(settings, last)),
    }
    try:
        _write(path, parts)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", Exit.ERROR)
    if as_json:
        typer.echo(json.dumps({"file": str(path), "parts": list(parts)}))
        return
    typer.echo(f"{path} holds {', '.join(parts)}")
    typer.echo("keys are cut out; positions and sizes are in it: read it before you pass it on")


def _secrets(settings: Settings, base: Path) -> tuple[list[str], list[str]]:
    """The secrets that must not be in it, and why others could not be read."""
    secrets: list[str] = []
    unread: list[str] = []
    for reference in (*settings.keys, *settings.addresses):
        try:
            secrets += secret_parts(resolve(reference, os.environ, base).get_secret_value())
        except ConfigError as error:
            unread.append(str(error))
    return secrets, unread


def _about() -> dict[str, object]:
    return {
        "hedged": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": dict(sorted((d.name, d.version) for d in metadata.distributions())),
    }


def _journal(settings: Settings, last: int) -> dict[str, object]:
    """The newest entries; why there are none is a finding, too."""
    path = journal_file(settings, os.environ)
    try:
        return {
            "entries": [entry_object(entry) for entry in entries_in(path, Selection(last=last))]
        }
    except StoreError as error:
        return {"entries": [], "unreadable": str(error)}


def _write(path: Path, parts: dict[str, str]) -> None:
    """Write a file that only its owner can read; what exists is never overwritten.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, text in parts.items():
                archive.writestr(name, text)
    except OSError:
        path.unlink(missing_ok=True)
        raise
