"""What the pages show is so: commands exist, links lead somewhere, made pages are up to date."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hedged.cli.commands import VERBS
from tests.docs.made import DOCS, made

ROOT = DOCS.parent
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "SECURITY.md"]
COMMANDS: dict[str, Any] = {verb.name: verb.load() for verb in VERBS}
BLOCK = re.compile(
    r"^(?: {4}| {7,8}|\t)(?:sudo )?((?:\.venv/bin/)?hedged|hedged-ctl|make) (.*)$", re.MULTILINE
)
INLINE = re.compile(r"`(?:sudo )?(hedged|hedged-ctl|make) ([^`]*)`")
MADE_UP = {"FILE", "NAME", "COMMAND", "ID", "BOOK"}


def shown() -> list[tuple[str, str, str]]:
    """Every command of every page: where, the program, and its arguments."""
    return [
        (page.name, program.rpartition("/")[2], arguments.partition("  #")[0].strip())
        for page in PAGES
        for program, arguments in [
            *BLOCK.findall(page.read_text()),
            *INLINE.findall(page.read_text()),
        ]
    ]


def understood(arguments: list[str]) -> None:
    """Follow a command down to its last word, without running it."""
    verb = arguments.pop(0)
    assert verb in COMMANDS, f"there is no command {verb!r}"
    command = COMMANDS[verb]
    while hasattr(command, "commands"):
        name = arguments.pop(0)
        assert name in command.commands, f"there is no command {name!r}"
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    wanted = {word.partition("=")[0] for word in arguments if re.match(r"--?[a-z]", word)}
    assert wanted <= known | {"--help"}, f"{command.name} has no {wanted - known}"


@pytest.mark.parametrize(("page", "program", "arguments"), sorted(set(shown())))
def test_a_command_that_is_shown_exists(page: str, program: str, arguments: str) -> None:
    words = shlex.split(re.sub("…|(?<!\\S)[\\[\\]]+", "", arguments), comments=True)
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert {word for word in words if word.islower()} <= set(targets), page
        return
    if program == "hedged-ctl":
        words = words[1:]
    if words and words[0] not in MADE_UP and not words[0].startswith("-"):
        understood(words)


def test_the_pages_show_every_command() -> None:
    words = [arguments.split() for _, program, arguments in shown() if program == "hedged"]
    words += [arguments.split()[1:] for _, program, arguments in shown() if program == "hedged-ctl"]
    verbs = {line[0] for line in words if line}
    assert set(COMMANDS) <= verbs


@pytest.mark.parametrize("name", sorted(made()))
def test_made_pages_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text() == made()[name], "run: .venv/bin/python -m tests.docs"


def test_the_site_builds_strictly(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {page.name for page in (tmp_path / "site").glob("*.html")}
    assert {f"{page.stem}.html" for page in DOCS.glob("*.md")} <= pages
    for page in (tmp_path / "site").glob("*.html"):  # a reader without a network sees all of it
        outside = re.findall(r'(?:src|rel="stylesheet" href)="(https?:[^"]+)"', page.read_text())
        assert outside == [], page.name


def test_each_page_stands_in_the_navigation_once() -> None:
    nav = re.findall(r"^ +- ([a-z-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(nav) == sorted(page.name for page in DOCS.glob("*.md"))


def of_the_system() -> list[tuple[str, str]]:
    """Every line for a shell that is no command of ours: where, and what."""
    line = re.compile(r"^(?: {4}| {7,8})(?:sudo )?((?:systemctl|journalctl|docker|install|ln|tar|cp"
        r"|mkdir|curl|pip|deploy/\S+) .*|deploy/\S+)$", re.MULTILINE)  # fmt: skip
    return [(page.name, found) for page in PAGES for found in line.findall(page.read_text())]


@pytest.mark.parametrize(("page", "line"), sorted(set(of_the_system())))
def test_a_line_for_the_shell_names_what_there_is(page: str, line: str) -> None:
    words = shlex.split(line.removesuffix("\\"), comments=True)
    named = [word for word in words if word.startswith(("deploy/", "config/", "docs/"))]
    assert [word for word in named if not (ROOT / word).exists()] == [], page
    units = {
        word.partition("@")[0] + "@.service" for word in words if re.match(r"hedged\S*@", word)
    }
    assert all((ROOT / "deploy/systemd" / unit).exists() for unit in units), page
    if words[0] == "systemctl":
        assert units or words[1:] == ["daemon-reload"], page
        (verb, *_) = [word for word in words[1:] if not word.startswith("-")]
        known = "daemon-reload disable enable kill reload restart start status stop"
        assert verb in known.split(), page
        unit = (ROOT / "deploy/systemd/hedged@.service").read_text()
        assert verb != "reload" or "\nExecReload=" in unit, page


def test_links_between_files_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
