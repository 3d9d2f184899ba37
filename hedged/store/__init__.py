"""The journal: the append-only record of what was seen, decided, sent and filled.

What reads and writes it on disk needs SQLAlchemy, whose import takes as long as the rest of a
start together. Those names are loaded when they are first asked for: a dry-run and a command to
a living daemon, which never ask, start in half the time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from hedged.store.certificates import certificates_in, certificates_path, keep_certificates
from hedged.store.locks import Holder, LockHeldError, account_lock, held, holder_of, journal_lock
from hedged.store.memory import MemoryJournal
from hedged.store.places import (
    control_path,
    journal_file,
    journal_path,
    lock_folder,
    rehearsal_path,
    state_folder,
)
from hedged.store.retention import Retention

if TYPE_CHECKING:
    from hedged.store.journal import SqlJournal
    from hedged.store.past import PastJournal
    from hedged.store.reading import entries_in, ledger_in
    from hedged.store.sqlite import rebuild

__all__ = [
    "Holder",
    "LockHeldError",
    "MemoryJournal",
    "PastJournal",
    "Retention",
    "SqlJournal",
    "account_lock",
    "certificates_in",
    "certificates_path",
    "control_path",
    "entries_in",
    "held",
    "holder_of",
    "journal_file",
    "journal_lock",
    "journal_path",
    "keep_certificates",
    "ledger_in",
    "lock_folder",
    "rebuild",
    "rehearsal_path",
    "state_folder",
]

_ON_DISK: Final = {
    "PastJournal": "past",
    "SqlJournal": "journal",
    "entries_in": "reading",
    "ledger_in": "reading",
    "rebuild": "sqlite",
}


def __getattr__(name: str) -> Any:
    """Load what is on disk's (PEP 562)."""
    if name not in _ON_DISK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ON_DISK[name]}"), name)
