"""What an operator is asked, and what of the answer reaches the daemon."""

import io
import sys

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from hedged.cli.control import _asked
from hedged.engine.control import Answer

ARM = {"verb": "arm", "book": "core", "account": ""}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answered(monkeypatch: pytest.MonkeyPatch, typed: str, command: dict[str, str]) -> object:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{typed}\n"))
    return dict(_asked(Answer(("main: account 1001",), asks=True), command, "Sure", as_json=False))


@pytest.mark.parametrize("typed", ["1001", "y", "yes"])
def test_arming_asks_for_the_number_and_passes_on_what_is_typed(
    monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    assert answered(monkeypatch, typed, ARM) == {"confirmed": "yes", "account": typed}


def test_other_questions_are_answered_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(monkeypatch, "y", {"verb": "flatten"}) == {"confirmed": "yes"}


def test_yes_without_an_account_arms_nothing() -> None:
    done = CliRunner().invoke(app, ["arm", "core", "--yes", "-c", "nowhere.toml"])
    assert done.exit_code == 2
    assert "--account ID" in done.output
