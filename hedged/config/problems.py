"""What is wrong with a configuration, in words that say how to put it right.

A `Problem` is one line: where, which key, what is wrong, what is allowed and, where something
similar would be right, a suggestion. All problems of a file are reported together, so that it
is corrected once. No message ever quotes the value of a secret, nor what looks like one: keys and
tokens are pasted into the wrong line, and messages end in logs and reports.
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
_TOKEN_LENGTH: Final = 10  # no key is shorter
_WORD_LENGTH: Final = 24  # no word is longer
_JOINTS: Final = re.compile(r"[\s/:,;%*_.-]+")
_MIXED: Final = re.compile(r"[A-Za-z][^A-Za-z]*[0-9]|[0-9][^0-9]*[A-Za-z]|[a-z][A-Z].*[a-z][A-Z]")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTRUMENT: Final = re.compile(r"[A-Z0-9]{1,20}/[A-Z0-9]{1,20}(:[A-Z0-9-]{1,30})?")
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
            is_bare = _BARE_KEY.fullmatch(part) and not is_telling(part)
            text += ("." if text else "") + (part if is_bare else quoted(part))
    return text


def is_telling(text: str) -> bool:
    """Whether a text looks like a key, a token, or an address that may hold one.

    Words and numbers, however they are joined, do not; letters and digits in one piece do.
    """
    if "://" in text:
        return True
    if len(text) < _TOKEN_LENGTH or _DATE.match(text) or _INSTRUMENT.fullmatch(text):
        return False
    pieces = _JOINTS.split(text)
    return any(_MIXED.search(piece) for piece in pieces) or max(map(len, pieces)) > _WORD_LENGTH


def without_telling(text: str) -> str:
    """A text of somebody else's without the words in it that look like secrets."""
    return " ".join("…" if is_telling(word.strip("\"'(),")) else word for word in text.split(" "))


def quoted(text: str) -> str:
    """Text in quotes on one line, shortened when long; not what looks like a secret."""
    if is_telling(text):
        return f"a text of {len(text)} characters"
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
