"""What is SQLite's own about the store: connections, durability, damage, backups.

WAL with synchronous FULL: a commit returns after its fsync, readers never block the writer, and
a process that is killed leaves either all of a transaction or nothing. Transactions are begun
by us and not by the driver, so that changes of the schema are part of them.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from hedged.ports import StoreError
from hedged.store import codec

BACKUPS_KEPT: Final = 3
_BUSY_MS: Final = 5000
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY: Final = 0xFF  # extended result codes carry the primary one in their low byte


def engine_at(path: Path, *, read_only: bool = False) -> Engine:
    """An engine for one file; connections are opened on use and not pooled."""
    mode = "ro" if read_only else "rwc"
    name = path.absolute().as_uri().removeprefix("file://")
    engine = create_engine(
        URL.create("sqlite", database=f"file:{name}", query={"mode": mode, "uri": "true"}),
        poolclass=NullPool,
        json_serializer=codec.dumps,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn what goes wrong with the file into one line that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _explained(path, error.orig) from error
    except (sqlite3.Error, OSError, codec.CodecError) as error:
        raise _explained(path, error) from error


def check_file(path: Path) -> None:
    """Read the whole file and see that its structure holds.

    Raises:
        StoreError: it is damaged, or cannot be read.
    """
    with (
        store_errors(path),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as db,
    ):
        found = [str(row[0]) for row in db.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise _damaged(path, found[0] if found else "no answer to its check")


def back_up(path: Path, revision: str) -> Path:
    """A copy of the file as it is before it is migrated to a revision; old copies go."""
    target = path.with_name(f"{path.name}.before-{revision}")
    with store_errors(path):
        target.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(target)) as copy:
            db.backup(copy)
        _sync(target)
        _sync(path.parent)
        prefix = f"{path.name}.before-"
        copies = sorted(copy for copy in path.parent.iterdir() if copy.name.startswith(prefix))
        for old in copies[:-BACKUPS_KEPT]:
            old.unlink()
    return target


def rebuild(path: Path, now: datetime) -> Path:
    """Rename a journal aside, so that the next start begins a new one; where it went.

    Raises:
        StoreError: there is none, or it cannot be renamed.
    """
    aside = path.with_name(f"{path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    with store_errors(path):
        if aside.exists():
            raise FileExistsError(f"{aside} exists already")
        for suffix in ("-wal", "-shm", ""):  # the file last: a new one must not find an old WAL
            beside = path.with_name(path.name + suffix)
            if beside.exists() or not suffix:
                beside.rename(aside.with_name(aside.name + suffix))
        _sync(path.parent)
    return aside


def _explained(path: Path, error: BaseException | None) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, codec.CodecError) or (code is not None and code & _PRIMARY in _DAMAGED):
        return _damaged(path, str(error))
    return StoreError(f"the journal {path} cannot be used: {error}")


def _damaged(path: Path, detail: str) -> StoreError:
    said = " ".join(detail.split())
    return StoreError(
        f"the journal {path} is damaged ({said}): restore a copy of it, or run "
        f"`hedged journal rebuild` to put it aside and begin anew from what the venue reports"
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
