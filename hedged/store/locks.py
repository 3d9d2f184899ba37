"""Only one process writes to a journal, and only one trades an account on this machine.

A lock is an `flock` on a file: the kernel frees it however the process ends. The file names
its holder, for the message that a second process prints; it is never deleted, because a lock on
a deleted file excludes nobody. The lock of an account is named by a hash of exchange,
environment and API key id, so that the key itself is written nowhere.
"""

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from hedged.core.types import Environment
from hedged.ports import StoreError


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a lock."""

    pid: int
    host: str
    since: datetime

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since:%Y-%m-%d %H:%M:%S} UTC"


class LockHeldError(StoreError):
    """Another process has it; `holder` is None when it has not written its name yet."""

    def __init__(self, what: str, holder: Holder | None) -> None:
        super().__init__(f"{what} is in use by {holder or 'another process'}")
        self.holder = holder


@contextmanager
def held(path: Path, what: str, now: datetime) -> Iterator[Holder]:
    """Hold the lock of a file as long as the block; never waits for it.

    Raises:
        LockHeldError: another process holds it.
        StoreError: the file cannot be made.
    """
    me = Holder(os.getpid(), socket.gethostname(), now.astimezone(UTC))
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeldError(what, _named(file)) from None
        _write(file, json.dumps({"pid": me.pid, "host": me.host, "since": me.since.isoformat()}))
        try:
            yield me
        finally:
            _write(file, "")  # before the kernel frees it: a free lock names nobody


def holder_of(path: Path) -> Holder | None:
    """The process that holds the lock of a file now, for messages; None when nobody does."""
    if not path.exists():
        return None
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _named(file)
    return None


def journal_lock(journal: Path) -> Path:
    """The lock file of a journal."""
    return journal.with_name(f"{journal.name}.lock")


def account_lock(
    folder: Path, exchange: str, environment: Environment, api_key: str, url: str | None = None
) -> Path:
    """The lock file of an account; `url` tells embedded exchanges apart."""
    name = f"{exchange}|{environment.value}|{api_key}|{url or ''}"
    return folder / f"hedged-account-{hashlib.sha256(name.encode()).hexdigest()[:32]}.lock"


def _opened(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")
    except OSError as error:
        raise StoreError(f"the lock {path} cannot be made: {error}") from error


def _named(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        said = json.load(file)
        return Holder(int(said["pid"]), str(said["host"]), datetime.fromisoformat(said["since"]))
    except (KeyError, TypeError, ValueError):
        return None


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
