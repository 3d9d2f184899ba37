"""The tables of the journal; nothing in them that PostgreSQL could not have.

`events` is append-only: one row per event, `seq` given by the single writer. `once` is the
identity of an intent, a trade or a line of a statement, which makes booking one twice impossible on
disk as well. `checkpoints` holds the ledger at some `seq`, so that a start folds only what came
after it.
"""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, MetaData, String, Table

# The schema's revisions, oldest first; the last is what this version reads and writes. A new
# kind of event is a new revision too, so that an older version refuses what it cannot fold.
REVISIONS: Final = ("0001", "0002")

metadata = MetaData()
_Seq = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid has to be called INTEGER

events = Table(
    "events",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),  # microseconds since 1970, UTC
    Column("kind", String(32), nullable=False),
    Column("client_id", String(64)),
    Column("once", String(256), unique=True),
    Column("payload", JSON, nullable=False),
    Index("events_kind", "kind", "seq"),
    Index("events_client_id", "client_id", "seq"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=False),  # folded up to here
    Column("payload", JSON, nullable=False),
)

version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
