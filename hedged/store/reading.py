"""Reads a journal without writing to it: for the command line, while a daemon may be running."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select

from hedged.core.events import Entry
from hedged.core.ledger import Checkpoint, Ledger, folded
from hedged.ports import Selection, StoreError
from hedged.store import codec
from hedged.store.schema import REVISIONS, checkpoints, events, version
from hedged.store.sqlite import engine_at, store_errors

_ONLY_CHECKPOINT: Final = select(checkpoints.c.seq, checkpoints.c.payload)


def entries_in(path: Path, selection: Selection) -> Iterator[Entry]:
    """The selected entries of a file, oldest first, read as they are asked for.

    Raises:
        StoreError: there is no journal of this version, or it cannot be read.
    """
    with _reading(path) as connection:
        yield from selected(connection, selection)


@contextmanager
def _reading(path: Path) -> Iterator[Connection]:
    if not path.is_file():
        raise StoreError(f"there is no journal at {path}")
    with store_errors(path), engine_at(path, read_only=True).connect() as connection:
        found = connection.execute(select(version.c.version_num)).scalar_one()
        if found != REVISIONS[-1]:
            raise StoreError(
                f"the journal {path} has schema {found}, this hedged reads {REVISIONS[-1]}: "
                f"use the version that wrote it, or start the daemon once to migrate it"
            )
        yield connection


def selected(connection: Connection, selection: Selection) -> Iterator[Entry]:
    """The selected entries, oldest first."""
    streamed = connection.execution_options(yield_per=1000)
    for row in streamed.execute(_query(selection)):
        yield entry_of(row)


def ledger_in(path: Path) -> Ledger:
    """What a file's events come to.

    Raises:
        StoreError: there is no journal of this version, or it cannot be read.
    """
    with _reading(path) as connection:
        return folded_in(connection).ledger


@dataclass(frozen=True, slots=True)
class Folded:
    """A ledger, with the entry that its checkpoint ended at, and its last one."""

    ledger: Ledger
    checkpointed: int
    last: int


def folded_in(connection: Connection) -> Folded:
    """The checkpoint, and what came after it."""
    kept = connection.execute(_ONLY_CHECKPOINT).one_or_none()
    begin, seq = None, 0
    if kept is not None:
        begin, seq = codec.decoded(Checkpoint, kept.payload), kept.seq
    ledger, last = folded((), begin), seq
    for entry in selected(connection, Selection(after_seq=seq)):
        ledger.apply(entry)
        last = entry.seq
    return Folded(ledger, seq, last)


def entry_of(row: Row[Any]) -> Entry:
    """One row as an entry."""
    try:
        event = codec.decoded_event(row.kind, row.payload)
    except codec.CodecError as error:
        raise codec.CodecError(f"entry {row.seq}: {error}") from error
    return Entry(row.seq, codec.moment(row.at_us), event)


def _query(selection: Selection) -> Select[Any]:
    wanted = select(events).where(events.c.seq > selection.after_seq)
    if selection.kinds:
        wanted = wanted.where(events.c.kind.in_(selection.kinds))
    if selection.client_id is not None:
        wanted = wanted.where(events.c.client_id == selection.client_id)
    if selection.since is not None:
        wanted = wanted.where(events.c.at_us >= codec.microseconds(selection.since))
    if selection.last is None:
        return wanted.order_by(events.c.seq)
    newest = wanted.order_by(events.c.seq.desc()).limit(selection.last).subquery()
    return select(newest).order_by(newest.c.seq)
