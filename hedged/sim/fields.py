"""Reading the parameters of a request strictly; each dialect has its own errors for bad ones."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,18})?", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_TRUE, _FALSE = ("true", "True", "1"), ("false", "False", "0", "")

Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """The parameters of one request."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def wrong(self, name: str) -> Exception:
        """Return the error for a parameter that cannot be."""
        raise NotImplementedError

    def missing(self, name: str) -> Exception:
        """Return the error for a parameter that must be there."""
        raise NotImplementedError

    def text(self, name: str) -> str:
        """Return a text, empty when it is missing."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > 200:  # noqa: PLR2004 - no id or name is longer
            raise self.wrong(name)
        return value

    def required(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.text(name)
        if not value:
            raise self.missing(name)
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number >= 0 in plain notation, None when it is missing."""
        value = self.text(name)
        if not value:
            return None
        if not _NUMBER.fullmatch(value):
            raise self.wrong(name)
        return Decimal(value)

    def required_number(self, name: str) -> Decimal:
        """Return a number that must be there."""
        number = self.number(name)
        if number is None:
            raise self.missing(name)
        return number

    def integer(self, name: str, *, default: int, lowest: int, highest: int) -> int:
        """Return an integer within bounds; the default when it is missing."""
        value = self._values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise self.wrong(name)
        return value

    def time_ms(self, name: str) -> int | None:
        """Return a time in milliseconds, None when it is missing."""
        value = self.integer(name, default=-1, lowest=0, highest=10**15)
        return None if value < 0 else value

    def flag(self, name: str) -> bool:
        """Return a flag, False when it is missing."""
        value = self._values.get(name)
        if value is None or value is False or value in _FALSE:
            return False
        if value is True or value in _TRUE:
            return True
        raise self.wrong(name)

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """Return one of the members of an enumeration."""
        try:
            return choices(self.required(name))
        except ValueError:
            raise self.wrong(name) from None
