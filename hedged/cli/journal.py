"""`hedged journal`: show, export, and put aside the record of everything that was done.

Reading never disturbs a daemon that is writing. `rebuild` needs the journal's lock.
"""

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer

from hedged.cli.common import Exit, fail, load
from hedged.config import ConfigError
from hedged.core.events import EVENTS, Entry
from hedged.ports import Selection, StoreError
from hedged.store import entries_in, held, journal_lock, journal_path, rebuild, state_folder
from hedged.store.codec import dumps, encoded

COLUMNS: Final = ("seq", "at", "kind", "client_id", "event")
_KINDS: Final = ", ".join(event.kind for event in EVENTS)

journal = typer.Typer(
    help="Show or export the journal of everything that was decided, sent and filled.",
    no_args_is_help=True,
)

ConfigPath = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Configuration file (TOML).", show_default=False),
]
FilePath = Annotated[
    Path | None,
    typer.Option("--file", help="The journal itself, in place of -c.", show_default=False),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", help=f"Only this kind; may be repeated: {_KINDS}."),
]
OrderId = Annotated[str | None, typer.Option("--order", help="Only the order of this client id.")]
Since = Annotated[
    datetime | None, typer.Option("--since", help="Only entries from then on, in UTC.")
]


class Format(StrEnum):
    """What an export is written as."""

    JSON = "json"
    CSV = "csv"


@journal.command()
def show(
    *,
    config: ConfigPath = None,
    file: FilePath = None,
    kind: Kinds = None,
    order: OrderId = None,
    since: Since = None,
    last: Annotated[int, typer.Option("--last", help="How many, the newest.", min=1)] = 50,
) -> None:
    """Print the newest entries, one a line, oldest first."""
    with _one_line():
        for entry in entries_in(_journal(config, file), _selection(kind, order, since, last)):
            typer.echo(_line(entry))


@journal.command()
def export(
    *,
    format_: Annotated[Format, typer.Option("--format", help="json or csv.")] = Format.JSON,
    config: ConfigPath = None,
    file: FilePath = None,
    kind: Kinds = None,
    order: OrderId = None,
    since: Since = None,
) -> None:
    """Write all entries to stdout: one JSON object, or CSV with the event as JSON."""
    with _one_line():
        entries = entries_in(_journal(config, file), _selection(kind, order, since, None))
        if format_ is Format.JSON:
            _write_json(entries, sys.stdout)
        else:
            _write_csv(entries, sys.stdout)


@journal.command("rebuild")
def put_aside(
    *,
    config: ConfigPath = None,
    file: FilePath = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a damaged journal aside; the next start begins anew from what the venue reports."""
    path = _journal(config, file)
    if not yes:
        typer.confirm(
            f"Put {path} aside? Open orders of ours will be cancelled as orphans, and the "
            "position adopted as it is",
            abort=True,
        )
    now = datetime.now(UTC)
    with _one_line(), held(journal_lock(path), f"the journal {path}", now):
        typer.echo(f"{path} is now {rebuild(path, now)}")


def _journal(config: Path | None, file: Path | None) -> Path:
    """The journal's file, as named or as the configuration implies."""
    if file is not None:
        return file
    if config is None:
        raise typer.BadParameter("one of -c FILE and --file JOURNAL is needed")
    try:
        environment = load(config).environment
    except ConfigError as error:
        fail(str(error), Exit.CONFIG)
    return journal_path(state_folder(os.environ), environment)


def _selection(
    kind: list[str] | None, order: str | None, since: datetime | None, last: int | None
) -> Selection:
    unknown = [name for name in kind or [] if name not in {event.kind for event in EVENTS}]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {_KINDS}")
    return Selection(
        kinds=tuple(kind or ()),
        client_id=order,
        since=since and since.replace(tzinfo=UTC),
        last=last,
    )


@contextmanager
def _one_line() -> Iterator[None]:
    """What is wrong with the journal becomes one line and an exit code."""
    try:
        yield
    except StoreError as error:
        fail(str(error), Exit.ERROR)


def entry_object(entry: Entry) -> dict[str, Any]:
    """One entry as JSON has it."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "kind": entry.event.kind,
        "event": encoded(entry.event),
    }


_LONG: Final = frozenset({"look", "watched"})  # what reports are made of; an export has it


def _line(entry: Entry) -> str:
    raw = {name: value for name, value in encoded(entry.event).items() if name not in _LONG}
    said = "  ".join(f"{name}={value}" for name, value in _flat(raw) if value not in (None, "", []))
    return f"{entry.seq:>8}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.event.kind:<15}  {said}"


def _flat(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _write_json(entries: Iterable[Entry], out: TextIO) -> None:
    """One object, written as it is read: a journal may be larger than the memory."""
    out.write('{"entries": [')
    objects = (dumps(entry_object(entry)) for entry in entries)
    out.writelines(f"{',' if number else ''}\n{text}" for number, text in enumerate(objects))
    out.write("\n]}\n")


def _write_csv(entries: Iterable[Entry], out: TextIO) -> None:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for entry in entries:
        raw = entry_object(entry)
        client_id = getattr(entry.event, "client_id", "")
        rows.writerow([raw["seq"], raw["at"], raw["kind"], client_id, dumps(raw["event"])])
