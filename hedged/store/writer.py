"""The store's only writer: plain calls on one connection, all made from one thread.

Every method is one transaction, which is on disk when the method returns; when it raises,
nothing of it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from hedged.core.events import OBSERVATIONS, Created, Entry, Event, Observed, Remembered
from hedged.core.ledger import Checkpoint, Ledger
from hedged.core.once import admitted, once
from hedged.store import codec
from hedged.store.migrate import prepare
from hedged.store.reading import folded_in
from hedged.store.retention import Retention
from hedged.store.schema import checkpoints, events
from hedged.store.sqlite import check_file, engine_at, store_errors

PRUNED_AT_ONCE: Final = 10_000  # rows; orders must not wait long behind a pruning

_INSERT: Final = insert(events)


class Writer:
    """One open journal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: Connection | None = None
        self._seq = 0
        self.checkpointed = 0  # the ledger is kept as it was after this entry

    def open(self, now: datetime) -> Ledger:
        """Make or migrate the file and fold it; a new journal begins with its epoch.

        Raises:
            StoreError: damaged, newer, or not to be read or written.
        """
        if self._path.exists() and self._path.stat().st_size:
            check_file(self._path)
        with store_errors(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            engine = engine_at(self._path)
            prepare(engine, self._path)
            self._connection = engine.connect()
            ledger = self._folded()
        if not self._seq:
            for entry in self.write((Created(codec.microseconds(now) // 1000),), now):
                ledger.apply(entry)
        return ledger

    def write(self, batch: Sequence[Event], at: datetime) -> tuple[Entry, ...]:
        """Commit events in order, leaving out trades that are recorded already.

        Raises:
            StoreError: nothing was recorded.
            IllegalStepError: a client id is used twice.
        """
        with store_errors(self._path):
            try:
                return self._write(tuple(batch), at)
            except IntegrityError:  # rare enough not to ask before every write
                return self._write(admitted(batch, self._taken(batch)), at)

    def keep(self, at_rest: Checkpoint) -> None:
        """Put a checkpoint of all entries so far in the place of the last one.

        Raises:
            StoreError: the last one is still there.
        """
        payload = codec.encoded(at_rest)
        with store_errors(self._path), self._open.begin():
            self._open.execute(delete(checkpoints))
            self._open.execute(insert(checkpoints).values(seq=self._seq, payload=payload))
        self.checkpointed = self._seq

    def prune(self, retention: Retention, now: datetime, unresolved: Sequence[str]) -> int:
        """Delete some of what need not be kept; 0 when nothing is left to delete.

        Only entries that are in the checkpoint go, so that no state depends on them.

        Raises:
            StoreError: nothing was deleted.
        """
        with store_errors(self._path), self._open.begin():
            condition = and_(
                events.c.seq <= self.checkpointed,
                or_(
                    events.c.kind == Remembered.kind,  # the checkpoint holds the last of each book
                    self._old_observations(retention, now),
                    and_(
                        events.c.seq < self._first_since(now, retention.resolved_s),
                        or_(events.c.client_id.is_(None), events.c.client_id.not_in(unresolved)),
                    ),
                ),
            )
            some = select(events.c.seq).where(condition).limit(PRUNED_AT_ONCE)
            return self._open.execute(delete(events).where(events.c.seq.in_(some))).rowcount

    def close(self) -> None:
        """Give the file back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError(f"the journal {self._path} is not open")
        return self._connection

    def _folded(self) -> Ledger:
        with self._open.begin():
            found = folded_in(self._open)
        self._seq, self.checkpointed = found.last, found.checkpointed
        return found.ledger

    def _write(self, fresh: Sequence[Event], at: datetime) -> tuple[Entry, ...]:
        entries = tuple(Entry(seq, at, event) for seq, event in enumerate(fresh, self._seq + 1))
        if entries:
            with self._open.begin():
                self._open.execute(_INSERT, [_row(entry) for entry in entries])
            self._seq = entries[-1].seq
        return entries

    def _taken(self, batch: Sequence[Event]) -> frozenset[str]:
        keys = [key for event in batch if (key := once(event)) is not None]
        query = select(events.c.once).where(events.c.once.in_(keys))
        with self._open.begin():
            return frozenset(key for (key,) in self._open.execute(query))

    def _old_observations(self, retention: Retention, now: datetime) -> ColumnElement[bool]:
        observation = events.c.kind.in_(OBSERVATIONS)
        count = select(func.count()).select_from(events).where(observation)
        excess = self._open.execute(count).scalar_one() - retention.observations
        oldest = select(events.c.seq).where(observation).order_by(events.c.seq)
        kept = 0
        if excess > 0:
            kept = self._open.execute(oldest.offset(excess).limit(1)).scalar() or self._seq + 1
        since = self._first_since(now, retention.digests_s)
        is_old_digest = and_(events.c.kind == Observed.kind, events.c.seq < since)
        return or_(and_(observation, events.c.seq < kept), is_old_digest)

    def _first_since(self, now: datetime, age_s: float) -> int:
        """The first entry that is younger than this; entries are in the order of time."""
        young = events.c.at_us >= codec.microseconds(now - timedelta(seconds=age_s))
        query = select(events.c.seq).where(young).order_by(events.c.seq).limit(1)
        first: int | None = self._open.execute(query).scalar()
        return self._seq + 1 if first is None else first


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at_us": codec.microseconds(entry.at),
        "kind": entry.event.kind,
        "client_id": getattr(entry.event, "client_id", None),
        "once": once(entry.event),
        "payload": codec.encoded(entry.event),
    }
