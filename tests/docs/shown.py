"""Every command that the pages show, and the ground on which a test runs it.

A block of code is fenced and says its language. Each line of one in `sh` is a command that a test
runs as it stands, in the order of its page: a line that is added to a page is run from then on.
What is not run stands in `NOT_RUN` with the reason. The heads of shipped files show commands, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "SECURITY.md")
SHIPPED: Final = (
    *(path for path in sorted((ROOT / "deploy").rglob("*")) if path.is_file()),
    ROOT / "config/testnet.toml",
)
LANGUAGES: Final = {"ini", "json", "python", "sh", "text", "toml"}
_FENCE: Final = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_HEAD: Final = re.compile(r"^#     (\S.*)$", re.MULTILINE)


class Ground(Enum):
    """Where a command is run."""

    WORKSPACE = "a checkout, a configuration and the embedded exchange: tests/docs/test_walks.py"
    MACHINE = "a booted systemd: tests/deploy/test_pages.py"
    ENGINE = "a Docker engine: tests/deploy/test_docker.py"
    RELEASE = "an empty environment: tests/deploy/test_release.py"


@dataclass(frozen=True, slots=True)
class Command:
    """A line for a shell, as a page shows it."""

    page: str  # relative to the checkout
    text: str

    @property
    def ground(self) -> Ground:
        """By what it needs."""
        name = Path(self.page).name
        if self.text.startswith("docker ") or name.startswith(("compose.", "Dockerfile")):
            return Ground.ENGINE
        if self.text.startswith("pip "):
            return Ground.RELEASE
        if name in {"install.md", "operating.md"} or self.page.startswith("deploy/"):
            return Ground.MACHINE
        return Ground.WORKSPACE


NOT_RUN: Final = {
    "make test": "runs all tests; what runs this one runs them",
}


def blocks(path: Path) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a page: language and text, without the indentation of a list."""
    if path.suffix != ".md":
        return
    for indent, language, body in _FENCE.findall(path.read_text()):
        yield language, re.sub(f"^{indent}", "", body, flags=re.MULTILINE)


def lines(block: str) -> list[str]:
    """The commands of a block, without what is said of them; one may go on in the next line."""
    joined = re.sub(r"\\\n *", "", block)
    return [re.sub(r"  +(#.*)?", " ", line).strip() for line in joined.splitlines() if line.strip()]


def commands() -> list[Command]:
    """All of them, page by page in their order."""
    return [
        Command(str(path.relative_to(ROOT)), line)
        for path in (*PAGES, *SHIPPED)
        for block in (
            [body for language, body in blocks(path) if language == "sh"]
            if path.suffix == ".md"
            else _HEAD.findall(path.read_text())
        )
        for line in lines(block)
    ]


def to_run(ground: Ground) -> dict[str, list[str]]:
    """What is to be run on a ground, by page."""
    found: dict[str, list[str]] = {}
    for command in commands():
        if command.ground is ground and command.text not in NOT_RUN:
            found.setdefault(command.page, []).append(command.text)
    return found
