"""The journal: the append-only record of what was seen, decided, sent and filled."""

from hedged.store.certificates import certificates_in, certificates_path, keep_certificates
from hedged.store.journal import SqlJournal
from hedged.store.locks import Holder, LockHeldError, account_lock, held, holder_of, journal_lock
from hedged.store.memory import MemoryJournal
from hedged.store.past import PastJournal
from hedged.store.places import journal_path, lock_folder, state_folder
from hedged.store.reading import entries_in
from hedged.store.retention import Retention
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
    "entries_in",
    "held",
    "holder_of",
    "journal_lock",
    "journal_path",
    "keep_certificates",
    "lock_folder",
    "rebuild",
    "state_folder",
]
