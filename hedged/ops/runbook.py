"""What each reason means and what to do about it, as docs/runbook.md says: one source for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from hedged.core.types import Reason
from hedged.packaged import packaged

_COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class Advice:
    """One row of the runbook, as plain text."""

    means: str
    by_itself: str  # what hedged does without anybody
    you: str  # what is left to do


@cache
def runbook() -> Mapping[Reason, Advice]:
    """Every reason with its advice.

    A file that is damaged leaves rows out: the dashboard shows the reason all the same.
    """
    rows = {}
    for line in packaged("runbook.md", checkout="docs").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) >= _COLUMNS and cells[0] in Reason.__members__:
            rows[Reason(cells[0])] = Advice(*cells[1:_COLUMNS])
    return rows
