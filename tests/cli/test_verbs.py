"""The list of verbs: light until one is typed, whole when it is, and completed by the shells."""

import subprocess
import sys
from pathlib import Path

import pytest

from hedged.cli.commands import VERBS, Verb

HEDGED = Path(sys.executable).with_name("hedged")
HEAVY = ("aiohttp", "ccxt", "pydantic", "rich", "sqlalchemy", "structlog")


def loaded_by(module: str) -> set[str]:
    """The heavy libraries that come with a module of ours."""
    code = f"import sys, {module}; print(*set(sys.modules) & {set(HEAVY)})"
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_each_verb_loads_under_its_name(verb: Verb) -> None:
    command = verb.load()
    assert command.name == verb.name
    assert command.help


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("hedged.cli.commands", HEAVY),  # --version, --help, completion of a verb
        ("hedged.cli.control", ("aiohttp", "ccxt", "sqlalchemy")),  # to a living daemon
        ("hedged.cli.run", ("ccxt", "sqlalchemy")),  # until live execution opens its journal
        ("hedged.cli.sim", ("ccxt", "sqlalchemy")),
    ],
)
def test_what_a_verb_does_not_need_is_not_loaded(module: str, without: tuple[str, ...]) -> None:
    assert loaded_by(module).isdisjoint(without)


def completed(shell: str, typed: str) -> str:
    """What the program tells a shell that wants to complete a line."""
    env = {
        "PATH": "/usr/bin:/bin",
        "_HEDGED_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }
    done = subprocess.run(  # noqa: S603 - our own program
        [HEDGED], env=env, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_verbs_and_options(shell: str) -> None:
    verbs = completed(shell, "hedged re")
    assert all(verb in verbs for verb in ("resume", "reconcile", "release", "report"))
    assert "halt" not in verbs
    assert "--config" in completed(shell, "hedged flatten --")
    assert "new" in completed(shell, "hedged token n")


def test_bash_completes_once_it_is_installed(tmp_path: Path) -> None:
    script = """
        hedged --install-completion > /dev/null
        source "$HOME/.bashrc"
        COMP_WORDS=(hedged fla) COMP_CWORD=1
        _hedged_completion hedged
        echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(  # noqa: S603 - our own script
        ["/usr/bin/env", "bash", "--norc", "-c", script],
        env={"HOME": str(tmp_path), "PATH": f"{HEDGED.parent}:/usr/bin:/bin", "SHELL": "/bin/bash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["flatten"], done.stderr
