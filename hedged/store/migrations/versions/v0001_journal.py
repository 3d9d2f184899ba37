"""The journal: events and checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "events",
        sa.Column("seq", seq, primary_key=True, autoincrement=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("once", sa.String(256), unique=True),
        sa.Column("payload", sa.JSON(), nullable=False),
    )
    op.create_index("events_kind", "events", ["kind", "seq"])
    op.create_index("events_client_id", "events", ["client_id", "seq"])
    op.create_table(
        "checkpoints",
        sa.Column("seq", seq, primary_key=True, autoincrement=False),
        sa.Column("payload", sa.JSON(), nullable=False),
    )
