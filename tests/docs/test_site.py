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
from tests.docs.shown import LANGUAGES, NOT_RUN, PAGES, ROOT, Ground, blocks, commands, to_run

COMMANDS: dict[str, Any] = {verb.name: verb.load() for verb in VERBS}
INLINE = re.compile(r"`(?:sudo )?(hedged|hedged-ctl|make) ([^`]*)`")
OURS = re.compile(r"(?:sudo )?((?:\.venv/bin/)?hedged|hedged-ctl|make) (.*)")
COMMAND = re.compile(
    r"^(?:(?:sudo|hedged|hedged-ctl|make|systemctl|journalctl|docker|curl|pip|export|tar) \S"
    r"|\.venv/bin/)",
    re.MULTILINE,
)
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
MADE_UP = {"FILE", "NAME", "COMMAND", "ID", "BOOK"}


def shown() -> list[tuple[str, str, str]]:
    """Every command of ours on every page: where, the program, and its arguments."""
    in_text = [
        (page.name, program, arguments)
        for page in PAGES
        for program, arguments in INLINE.findall(page.read_text())
    ]
    return in_text + [
        (Path(command.page).name, found[1].rpartition("/")[2], found[2])
        for command in commands()
        if (found := OURS.fullmatch(command.text))
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_says_its_language_and_commands_are_marked_as_such(page: Path) -> None:
    text = page.read_text()
    assert text.count("```") == 2 * len(list(blocks(page)))
    assert {language for language, _ in blocks(page)} <= LANGUAGES
    for language, block in blocks(page):
        assert language == "sh" or not COMMAND.search(block), block
    assert not re.search(f"^ {{4,}}{COMMAND.pattern[1:]}", FENCED.sub("", text), re.MULTILINE)


def test_what_is_not_run_is_still_shown() -> None:
    assert set(NOT_RUN) <= {command.text for command in commands()}


@pytest.mark.parametrize("ground", Ground)
def test_each_ground_has_a_test_that_runs_what_is_shown_for_it(ground: Ground) -> None:
    runner = ROOT / ground.value.rpartition(": ")[2]
    assert f"to_run(Ground.{ground.name})" in runner.read_text()
    assert to_run(ground)


def test_links_between_files_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
