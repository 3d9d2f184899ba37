"""Tables show what exchanges and users say as it is, whatever it looks like."""

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import pytest

from hedged.cli.console import console
from hedged.cli.tables import print_plan, print_summary
from hedged.core.types import AssetDecision, Decision, Finding, Reason
from tests.core.build import AT

ODD = ["[/oops]", "[x]", "[red]3[/red]", ":bomb:", "[link=https://example.org]here[/link]", "\\[b]"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """A colour terminal in the place of stdout."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with redirect_stdout(Terminal()) as shown:
        yield shown


def decision(text: str) -> Decision:
    said = (Finding(Reason.STALE_DATA, text),)
    asset = AssetDecision(text, Reason.SOURCE_MISSING, findings=said, alerts=said)
    return Decision(book=text, cycle=1, at=AT, assets=(asset,), approved=())


@pytest.mark.parametrize("text", ODD)
def test_a_plan_shows_text_as_it_is(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown:
        print_plan([decision(text)])
    # The title, the verdict, the alert and the block.
    assert shown.getvalue().count(text) == 5


@pytest.mark.parametrize("text", ODD)
def test_a_summary_shows_text_as_it_is(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown:
        print_summary([decision(text)], Counter())
    assert shown.getvalue().count(text) == 3


def test_nothing_is_coloured_that_we_did_not_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown:
        console().print("3 'a' /path https://example.org 10:00 True")
    assert "\x1b" not in shown.getvalue()
