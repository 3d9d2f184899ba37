"""Whatever is typed: an exit code that is documented, one object with --json, never a traceback."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hedged.cli.commands import VERBS, app
from tests.process import KEYS, written

EXITS = {0, 1, 2, 3, 4, 78}
SERVING = {"run", "demo", "sim"}  # when all is understood these do not end by themselves
VALUES = [
    *("", "0", "-1", "1e99", "nan", "9" * 400, "core", "corr", "hg1", "20s", "5s", "json"),
    *("a\nb", "\x1b[31m", "∞", "\ud800", "x" * 600, "--", "-", "/", "/dev/null", "[/x]", "%s"),
    *("BTC/USD:BTC", "2026-01-01", "inverse", "true", "{}", "'", '"', "~", "$HOME", "*"),
]
FILES = ["right.toml", "typo.toml", "empty.toml", "none.toml", "folder", "noise.toml"]
FUZZ = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def leaves(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by its words."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from leaves(below, *path, name)


COMMANDS = dict(leaf for verb in VERBS for leaf in leaves(verb.load(), verb.name))


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command, and options and arguments that may or may not be its own."""
    path = draw(st.sampled_from(sorted(COMMANDS)))
    known = [option for parameter in COMMANDS[path].params for option in parameter.opts]
    words = list(path)
    if "--config" in known and draw(st.integers(0, 9)):
        words += ["-c", draw(st.sampled_from(FILES))]
    options = st.sampled_from([*known, *known, "--nonsense", "-x", "--help"])
    values = st.sampled_from(VALUES) | st.text(max_size=5)
    for _ in range(draw(st.integers(0, 4))):
        words.append(draw(options | values))
        if draw(st.booleans()):
            words.append(draw(values))
    ends = path[0] not in SERVING and "--watch" not in words
    return words if ends else [*words, "--nonsense", "--nonsense"]  # an option may take the first


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files that may be named, where nothing listens and nobody waits long."""
    right = written(tmp_path, "http://127.0.0.1:1", execution="live").read_text()
    (tmp_path / "right.toml").write_text(right)
    (tmp_path / "typo.toml").write_text(right.replace("poll", "pol"))
    (tmp_path / "empty.toml").touch()
    (tmp_path / "noise.toml").write_bytes(b"\x00\xff=[")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr("hedged.engine.operator.CLOSING_S", 0.05)
    monkeypatch.setattr("hedged.cli.control.STARTING_S", 0.0)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asks_for_json(words: list[str]) -> bool:
    """Whether the command takes a word for `--json`, and not for the value of another option."""
    path = next(path for path in COMMANDS if tuple(words[: len(path)]) == path)
    given = COMMANDS[path].make_context(path[-1], words[len(path) :], resilient_parsing=True)
    return bool(given.params.get("as_json"))


def assert_ends_well(words: list[str]) -> None:
    done = CliRunner().invoke(app, words, env=KEYS)
    assert done.exception is None or isinstance(done.exception, SystemExit), words
    assert done.exit_code in EXITS, words
    assert "Traceback" not in done.output, words
    if done.exit_code not in {0, 2} and asks_for_json(words) and done.stdout:
        assert isinstance(json.loads(done.stdout), dict), words


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (["halt", "-c", "right.toml", "--why", "x", "--json"], True),
        (["halt", "-c", "right.toml", "--json", "--why", "x"], True),
        (["halt", "-c", "right.toml", "--why", "--json"], False),
        (["halt", "-c", "right.toml", "--", "--json"], False),
    ],
)
def test_a_word_that_an_option_takes_for_its_value_asks_for_nothing(
    words: list[str], *, asks: bool
) -> None:
    assert asks_for_json(words) is asks


@FUZZ
@given(lines())
def test_whatever_is_typed_ends_with_a_code_and_no_traceback(
    folder: Path, words: list[str]
) -> None:
    assert_ends_well(words)


@pytest.mark.proof
@settings(FUZZ, max_examples=2000)
@given(lines())
def test_whatever_is_typed_ends_well_2000_times(folder: Path, words: list[str]) -> None:
    assert_ends_well(words)
