"""Reading a venue's rows strictly: what is missing or odd raises, and becomes no number.

Everything is converted to Decimal here, once, from the text that the venue sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.ports import VenueUnavailable

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS: Final = 32_503_680_000_000  # the year 3000
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object of a reply; `what` names it in complaints, e.g. "position BTCUSD"."""

    what: str
    values: Mapping[str, Any]

    def also(self, **values: Any) -> "Row":
        """The same row with these values, in place of its own where it has them."""
        return Row(self.what, {**self.values, **values})

    def called(self, what: str) -> "Row":
        """The same row under another name in complaints."""
        return Row(what, self.values)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value:
            raise self.odd(key, "a text")
        return value

    def optional_text(self, key: str) -> str:
        """A text; empty where the venue leaves it out."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.odd(key, "a text")
        return value or ""

    def name(self, key: str) -> str:
        """What the venue calls something: a text, or a number as a text."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.odd(key, "true or false")
        return value

    def whole(self, key: str) -> int:
        """A whole number above zero."""
        found = self.positive(key)
        if found != int(found):
            raise self.odd(key, "a whole number")
        return int(found)

    def time(self, key: str) -> datetime:
        """A moment that is given in milliseconds since 1970; aware UTC."""
        at_ms = self.positive(key)
        if at_ms > _LATEST_MS:
            raise self.odd(key, "a time in milliseconds")
        return EPOCH + timedelta(milliseconds=int(at_ms))

    def moment(self, key: str) -> datetime:
        """A moment that is written as 2023-04-07T15:45:10.739Z; aware UTC."""
        text = self.text(key)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise self.odd(key, "a time") from None
        if at.tzinfo is None:
            raise self.odd(key, "a time with its zone")
        return at.astimezone(UTC)

    def utc(self, key: str) -> datetime:
        """A moment that is written as 2019-10-12 11:12:02, without its zone; aware UTC."""
        return Row(self.what, {key: f"{self.text(key)}+00:00"}).moment(key)

    def number(self, key: str) -> Decimal:
        """A finite number of any sign."""
        found = self.optional(key)
        if found is None:
            raise self.odd(key, "a number")
        return found

    def unsigned(self, key: str) -> Decimal:
        """A number that is not negative."""
        found = self.number(key)
        if found < 0:
            raise self.odd(key, "a number that is not negative")
        return found

    def positive(self, key: str) -> Decimal:
        """A number above zero."""
        found = self.number(key)
        if found <= 0:
            raise self.odd(key, "a number above zero")
        return found

    def optional(self, key: str) -> Decimal | None:
        """A finite number; None where the venue leaves it out or sends an empty text."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        # A float prints as the shortest text that reads back the same: what the venue wrote.
        text = str(value) if isinstance(value, int | float | str) else ""
        if isinstance(value, bool) or not _NUMBER.fullmatch(text):
            raise self.odd(key, "a number")
        return Decimal(text)

    def optional_price(self, key: str) -> Decimal | None:
        """A price above zero; None where there is none, which some venues write as 0."""
        found = self.optional(key)
        if found is not None and found < 0:
            raise self.odd(key, "a price")
        return found or None

    def odd(self, key: str, wanted: str) -> VenueUnavailable:
        """The complaint about this field."""
        shown = repr(self.values[key])[:40] if key in self.values else "missing"
        return VenueUnavailable(f"{self.what}: {key} is {shown}, not {wanted}")


def rows_at(what: str, reply: Any, path: Sequence[str]) -> list[Row]:
    """The list of objects under `path`; anything else there is no answer.

    Raises:
        VenueUnavailable: no list of objects stands there.
    """
    found = value_at(reply, path)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise VenueUnavailable(f"{what}: the reply has no list {'.'.join(path)}")
    return [Row(what, row) for row in found]


def row_at(what: str, reply: Any, path: Sequence[str]) -> Row:
    """The object under `path`; anything else there is no answer.

    Raises:
        VenueUnavailable: no object stands there.
    """
    found = value_at(reply, path)
    if not isinstance(found, dict):
        raise VenueUnavailable(f"{what}: the reply has no {'.'.join(path)}")
    return Row(what, found)


def value_at(reply: Any, path: Sequence[str]) -> Any:
    """What stands under `path`, or None; a number in it is a place in a list."""
    for key in path:
        if isinstance(reply, list) and key.isdecimal():
            reply = reply[int(key)] if int(key) < len(reply) else None
        else:
            reply = reply.get(key) if isinstance(reply, dict) else None
    return reply
