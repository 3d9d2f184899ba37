"""Every dependency has its reason, and the counts are those of the lock files."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text()


def _rows(heading: str) -> set[str]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)
    return {name.lower() for cell in cells for name in cell.split(", ")} - {"package"}


def _named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", line)[0].lower() for line in requirements}


def test_each_direct_dependency_says_why_it_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert _rows("To run") == _named(project["dependencies"])
    assert _rows("To develop") == _named(project["optional-dependencies"]["dev"])


def test_the_count_is_that_of_the_lock_file() -> None:
    locked = re.findall(r"^[a-z0-9.-]+==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert f"({len(locked)} packages to run)" in PAGE


def test_nothing_is_locked_without_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in block, block.splitlines()[0]
