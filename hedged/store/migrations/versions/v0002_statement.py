"""New kinds of events: what is listed, set, transferred, and the account's statement.

The tables stay as they are. The number alone keeps an older version from folding a journal whose
entries it does not know.
"""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change nothing."""
