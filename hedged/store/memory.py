"""The journal in memory: the same promises except the disk, for replay and tests."""

from hedged.core.events import Created, Entry, Event
from hedged.core.ledger import Ledger
from hedged.core.once import admitted, once
from hedged.ports import Clock, Selection
from hedged.store.codec import microseconds


class MemoryJournal:
    """A journal that ends with its process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self._once: set[str] = set()
        self._ledger = Ledger()
        self._seq = 0
        self._record((Created(microseconds(clock.now()) // 1000),))

    @property
    def ledger(self) -> Ledger:
        """What the recorded events come to."""
        return self._ledger

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        """Record all of the events or none.

        Raises:
            IllegalStepError: a bug; nothing was recorded.
        """
        self._ledger.check(events)
        return self._record(admitted(events, frozenset(self._once)))

    async def entries(self, selection: Selection) -> tuple[Entry, ...]:
        """The selected entries, oldest first."""
        found = [entry for entry in self._entries if _matches(entry, selection)]
        return tuple(
            found if selection.last is None else found[max(0, len(found) - selection.last) :]
        )

    async def close(self) -> None:
        """There is nothing to release."""

    def _record(self, events: tuple[Event, ...]) -> tuple[Entry, ...]:
        at = self._clock.now()
        entries = tuple(Entry(seq, at, event) for seq, event in enumerate(events, self._seq + 1))
        for entry in entries:
            self._ledger.apply(entry)
        self._seq += len(entries)
        self._entries.extend(entries)
        self._once.update(key for event in events if (key := once(event)) is not None)
        return entries


def _matches(entry: Entry, selection: Selection) -> bool:
    event = entry.event
    return (
        entry.seq > selection.after_seq
        and (not selection.kinds or event.kind in selection.kinds)
        and selection.client_id in (None, getattr(event, "client_id", None))
        and (selection.since is None or entry.at >= selection.since)
    )
