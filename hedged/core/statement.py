"""An account's statement as its venue lists it, kept in the journal line by line.

Venues tell of some weeks or a year, and only while they answer; what the journal has, a report of
long ago is made from without them. A line is recorded once, by the venue's own number of it. That
a span was read whole is on record beside the lines: where none is, nothing is known, which is not
that nothing happened.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from hedged.core.types import Flow


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One change of an account's coins."""

    kind: ClassVar[str] = "statement-line"
    venue: str
    flow: Flow

    @property
    def line(self) -> str:
        """The line's identity."""
        return f"{self.venue}|{self.flow.flow_id}"


@dataclass(frozen=True, slots=True)
class StatementRead:
    """All lines of a span are on record; times are by the venue's clock."""

    kind: ClassVar[str] = "statement"
    venue: str
    since: datetime
    until: datetime
