"""A journal that nobody writes just now, to be looked at: for status when the daemon is dead."""

from pathlib import Path

from hedged.core.events import Entry, Event
from hedged.core.ledger import Ledger
from hedged.ports import Selection, StoreError
from hedged.store.reading import entries_in, ledger_in


class PastJournal:
    """The `Journal` of before; it takes nothing in."""

    def __init__(self, path: Path) -> None:
        """Read and fold it.

        Raises:
            StoreError: there is none of this version, or it cannot be read.
        """
        self._path = path
        self._ledger = ledger_in(path)

    @property
    def ledger(self) -> Ledger:
        """What the events came to when this was made."""
        return self._ledger

    async def append(self, *_events: Event) -> tuple[Entry, ...]:
        """Refuse.

        Raises:
            StoreError: always.
        """
        raise StoreError(f"{self._path} is only being looked at")

    async def entries(self, selection: Selection) -> tuple[Entry, ...]:
        """The selected entries, oldest first.

        Raises:
            StoreError: they could not be read.
        """
        return tuple(entries_in(self._path, selection))

    async def close(self) -> None:
        """Do nothing: there is nothing to finish."""
