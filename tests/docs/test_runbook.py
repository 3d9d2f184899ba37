"""The runbook answers every reason that hedged can give."""

from pathlib import Path

from hedged.core.types import Reason

RUNBOOK = Path(__file__).resolve().parents[2] / "docs/runbook.md"


def test_the_runbook_has_one_row_per_reason_and_no_other() -> None:
    rows = [line for line in RUNBOOK.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    header, *answers = cells
    assert {row[0] for row in answers} == {reason.value for reason in Reason}
    assert len(answers) == len(Reason)
    assert all(len(row) == len(header) and all(row) for row in answers)
