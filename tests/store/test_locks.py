"""One writer to a journal, one trader to an account: refused by name, freed by the kernel."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hedged.core.types import Environment
from hedged.ports import StoreError
from hedged.store import LockHeldError, account_lock, held, holder_of, journal_lock
from hedged.store.places import journal_path, lock_folder, state_folder
from tests.core.any_event import START

KEY = "an-api-key-id"
HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from hedged.store import held
with held(Path(sys.argv[1]), "it", datetime(2026, 1, 1, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_fault_29_a_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = journal_lock(tmp_path / "new" / "journal.db")
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(LockHeldError) as refused, held(path, "the journal J", START):
            raise AssertionError("held twice")
        said = f"the journal J is in use by process {process.pid} on {os.uname().nodename} since"
        assert str(refused.value) == f"{said} 2026-01-01 00:00:00 UTC"
        assert isinstance(refused.value, StoreError)
        assert refused.value.holder == holder_of(path)
    finally:
        process.kill()
        process.communicate()
    assert holder_of(path) is None
    with held(path, "the journal J", START) as holder:
        assert holder.pid == os.getpid()


def test_a_lock_is_free_after_its_block(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    assert holder_of(path) is None
    for _ in range(2):
        with held(path, "it", START):
            assert holder_of(path) is not None
            with pytest.raises(LockHeldError, match="it is in use by process"):
                held(path, "it", START).__enter__()
    assert holder_of(path) is None
    assert path.read_text() == ""
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_holder_that_has_not_written_its_name_is_another_process(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with held(path, "it", START):
        path.write_text("{}")
        with pytest.raises(LockHeldError, match="in use by another process"):
            held(path, "it", START).__enter__()


def test_a_lock_that_cannot_be_made_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        held(tmp_path / "file" / "x.lock", "it", START).__enter__()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="cannot be made"):
        held(tmp_path / "link", "it", START).__enter__()


def test_accounts_have_locks_of_their_own_that_do_not_tell_the_key(tmp_path: Path) -> None:
    names = {
        account_lock(tmp_path, "bybit", Environment.MAINNET, KEY),
        account_lock(tmp_path, "bybit", Environment.TESTNET, KEY),
        account_lock(tmp_path, "okx", Environment.MAINNET, KEY),
        account_lock(tmp_path, "bybit", Environment.MAINNET, "another"),
        account_lock(tmp_path, "bybit", Environment.SIM, KEY, "http://127.0.0.1:1"),
        account_lock(tmp_path, "bybit", Environment.SIM, KEY, "http://127.0.0.1:2"),
    }
    assert len(names) == 6
    assert not any(KEY in str(name) for name in names)


def test_places_follow_systemd_and_xdg() -> None:
    assert state_folder({"STATE_DIRECTORY": "/var/lib/hedged:/other"}) == Path("/var/lib/hedged")
    assert state_folder({"XDG_STATE_HOME": "/x", "HOME": "/h"}) == Path("/x/hedged")
    assert state_folder({"HOME": "/h"}) == Path("/h/.local/state/hedged")
    assert lock_folder().is_dir()
    assert journal_path(Path("/s"), Environment.SIM) == Path("/s/journal-sim.db")
