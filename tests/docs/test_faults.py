"""The table of faults names the tests that there are, and there are the tests that it names."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).resolve().parents[1]
TABLE: Final = TESTS.parent / "docs/faults.md"
FAULTS: Final = range(1, 46)


def shown_by() -> dict[int, set[str]]:
    """The files that have a test of each fault."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        for named in re.findall(r"def test_faults?_((?:\d\d_|and_)+)", path.read_text()):
            for number in re.findall(r"\d\d", named):
                found[int(number)].add(path.relative_to(TESTS).as_posix())
    return found


def rows() -> dict[int, list[str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TABLE.read_text().splitlines()
        if re.match(r"\| \d", line)
    ]
    assert [int(row[0]) for row in cells] == list(FAULTS)
    return {int(row[0]): row for row in cells}


def test_each_fault_has_a_row_and_each_numbered_test_a_fault() -> None:
    assert set(shown_by()) <= set(rows())


def test_each_row_names_its_scenarios_or_else_what_proves_it_in_part() -> None:
    tests = shown_by()
    for number, (_, _, promise, named, _) in rows().items():
        files = set(re.findall(r"`(\S+?\.py)`", named))
        scenarios = {name for name in tests[number] if name.startswith("scenario/test_fault_")}
        assert scenarios <= files <= tests[number], number
        assert files or "not yet" in promise, number
