"""What is wrong with a configuration, in words that say how to put it right.

A `Problem` is one line: where, which key, what is wrong, what is allowed and, where something
similar would be right, a suggestion. All problems of a file are reported together, so that it
is corrected once. No message ever quotes the value of a secret.
"""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic_core import PydanticCustomError

Location = tuple[str | int, ...]  # keys and list indexes, from the root of the document

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN_LENGTH: Final = 40
_SHOWN_BITS: Final = 128  # of an integer: Python refuses to print a very long one


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `file` is empty and `line` None where there is none to name."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        return ": ".join(part for part in (place, self.key, self.message) if part)


class ConfigError(Exception):
    """The configuration cannot be used; the text is one line per problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def key_text(location: Location) -> str:
    """A location as a user would write it: `books.core.hedges[0].band`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE_KEY.fullmatch(part) else quoted(part))
    return text


def quoted(text: str) -> str:
    """Text in quotes on one line, shortened when long."""
    short = text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"
    escaped = json.dumps(short, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)


def shown(value: object) -> str:
    """A value of the document, as a message names it."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = quoted(value)
        case int() | Decimal():
            is_long = isinstance(value, int) and value.bit_length() > _SHOWN_BITS
            text = "…" if is_long else str(value)
            text = text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
        case dict():
            text = "a table"
        case list():
            text = "a list"
        case _:  # all that TOML has besides
            text = "a date or time"
    return text


def did_you_mean(word: str, known: Iterable[str], quote: str = '"') -> str:
    """`; did you mean "mainnet"?` for the nearest known word, or nothing."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {quote}{by_lower[near[0]]}{quote}?" if near else ""


def refusal(message: str) -> PydanticCustomError:
    """The error that a validator raises to have its message reported as it stands."""
    return PydanticCustomError("refusal", "{message}", {"message": message})
