"""The form of a cron line: minute, hour, day of month, month, day of week, in UTC.

Days of the week are accepted by name only. Programs disagree on whether 0 is Sunday or Monday,
and a hedge that wakes on the wrong day is worse than a line that is refused.
"""

import re
from dataclasses import dataclass
from typing import Final

from hedged.config.problems import refusal, shown

EXPECTED: Final = 'five cron fields in UTC such as "*/5 * * * *" or "0 8 * * mon-fri"'

_NUMBERS: Final = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?")
_WORDS: Final = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five fields, with the numbers and the words that it knows."""

    name: str
    numbers: range
    words: tuple[str, ...] = ()

    def accepts(self, item: str) -> bool:
        """Whether one item of the field's comma-separated list makes sense."""
        if match := _WORDS.fullmatch(item):
            first, last = match.group(1), match.group(2) or match.group(1)
            return (
                first in self.words
                and last in self.words
                and self.words.index(first) <= self.words.index(last)
            )
        match = _NUMBERS.fullmatch(item)
        return match is not None and self._accepts_numbers(*match.groups())

    def _accepts_numbers(self, first: str | None, last: str | None, step: str | None) -> bool:
        if first is None:
            span = self.numbers
        elif last is None and step is not None:
            return False  # programs disagree on whether 5/10 ends at 5
        else:
            span = range(int(first), int(last or first) + 1)
            if not span or span[0] not in self.numbers or span[-1] not in self.numbers:
                return False
        return step is None or 0 < int(step) < len(span)

    @property
    def allowed(self) -> str:
        """What may stand in it, in words."""
        known = [f"{self.numbers[0]} to {self.numbers[-1]}"] if self.numbers else []
        known += [f"{self.words[0]} to {self.words[-1]}"] if self.words else []
        return " or ".join(known)


_FIELDS: Final = (
    _Field("minute", range(60)),
    _Field("hour", range(24)),
    _Field("day of the month", range(1, 32)),
    _Field(
        "month",
        range(1, 13),
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ),
    _Field("day of the week", range(0), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
)


def cron_line(value: object) -> str:
    """A cron line whose every field makes sense, in lower case and with single spaces."""
    if not isinstance(value, str) or len(texts := value.lower().split()) != len(_FIELDS):
        raise refusal(f"must be {EXPECTED}, not {shown(value)}")
    for field, text in zip(_FIELDS, texts, strict=True):
        if not all(field.accepts(item) for item in text.split(",")):
            raise refusal(
                f"must be {EXPECTED}; {shown(text)} does not fit the {field.name}"
                f" ({field.allowed}, their lists and ranges, or *)"
            )
    return " ".join(texts)
