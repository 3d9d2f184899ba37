"""The runbook answers every reason that hedged can give, and every alert."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hedged.core.types import Reason

ROOT: Final = Path(__file__).resolve().parents[2]
REASONS, _, ALERTS = (ROOT / "docs/runbook.md").read_text().partition("## Alerts")
NO_ALERTS: Final = {"position mode"}  # one that is not one-way cannot be opened
# Where alerts get their names: the argument, by its position, of what is called.
NAMED_IN: Final = {"Alert": 1, "Condition": 2, "Check": 1, "_failed": 1}


def rows(page: str) -> tuple[list[str], list[list[str]]]:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    head, *found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return head, found


def test_the_runbook_has_one_row_per_reason_and_no_other() -> None:
    header, answers = rows(REASONS)
    assert {row[0] for row in answers} == {reason.value for reason in Reason}
    assert len(answers) == len(Reason)
    assert all(len(row) == len(header) and all(row) for row in answers)


def fixed(text: ast.expr) -> str:
    """What of a text does not depend on what it is about; nothing where that is no name."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    said = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
    return "".join(said).strip(": ()")


def titles() -> Iterator[str]:
    """The names of alerts, as the source has them."""
    for path in (ROOT / "hedged").rglob("*.py"):
        source = path.read_text()
        if path.parent.name == "cli":
            continue
        is_checked = "Check(" in source
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(func=ast.Name(id=name), args=args) if len(args) > NAMED_IN.get(
                    name, len(args)
                ):
                    yield fixed(args[NAMED_IN[name]])
                case ast.Assign(targets=[ast.Name(id="what")], value=value) if is_checked:
                    yield fixed(value)
                case ast.Assign(
                    targets=[ast.Tuple(elts=[*_, ast.Name(id="what")])],
                    value=ast.Tuple(elts=[*_, value]),
                ) if is_checked:
                    yield fixed(value)
    yield from re.findall(r'Reason\.\w+, "(trading is \w+)"', source_of("alerts/conditions"))
    for about in re.findall(r'_told\("(\w+)"', source_of("core/carry")):
        yield f"{about} of"


def source_of(module: str) -> str:
    return (ROOT / f"hedged/{module}.py").read_text()


def test_the_runbook_answers_every_alert_and_no_other() -> None:
    header, answers = rows(ALERTS)
    assert all(len(row) == len(header) and all(row) for row in answers)
    answered = [name for row in answers for name in re.findall(r"`([^`]+)`", row[0])]
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text()
    told = {*titles(), *re.findall(r"- alert: (\w+)", rules)} - {"", *NO_ALERTS}
    assert sorted(answered) == sorted(told)
