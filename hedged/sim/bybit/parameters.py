"""Reading the parameters of a request; a bad one is Bybit's parameter error."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from hedged.sim.bybit.errors import parameter_error
from hedged.sim.instruments import Kind

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,18})?", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII)
_TRUE, _FALSE = ("true", "True", "1"), ("false", "False", "0", "")

Choice = TypeVar("Choice", bound=StrEnum)


class Category(StrEnum):
    """Bybit's product types; the last two have no instruments here."""

    SPOT = "spot"
    INVERSE = "inverse"
    LINEAR = "linear"
    OPTION = "option"

    @property
    def kind(self) -> Kind | None:
        """The kind of instrument, None where the exchange has none."""
        return None if self is Category.OPTION else Kind(self.value)


class Parameters:
    """The parameters of one request, from a query string or a JSON body."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    @property
    def is_spot(self) -> bool:
        """Whether the request names the spot category."""
        return self._values.get("category") == Category.SPOT

    def text(self, name: str) -> str:
        """Return a text, empty when it is missing."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > 200:  # noqa: PLR2004 - no id or name is longer
            raise parameter_error(f"{name} invalid")
        return value

    def required(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.text(name)
        if not value:
            raise parameter_error(f"{name} is required")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number >= 0 in plain notation, None when it is missing."""
        value = self.text(name)
        if not value:
            return None
        if not _NUMBER.fullmatch(value):
            raise parameter_error(f"{name} invalid")
        return Decimal(value)

    def required_number(self, name: str) -> Decimal:
        """Return a number that must be there."""
        number = self.number(name)
        if number is None:
            raise parameter_error(f"{name} is required")
        return number

    def integer(self, name: str, *, default: int, lowest: int, highest: int) -> int:
        """Return an integer within bounds; the default when it is missing."""
        value = self._values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise parameter_error(f"{name} invalid")
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
        raise parameter_error(f"{name} invalid")

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """Return one of the members of an enumeration."""
        try:
            return choices(self.required(name))
        except ValueError:
            raise parameter_error(f"{name} invalid") from None

    def category(self) -> Category:
        """Return the product type."""
        return self.choice("category", Category)

    def link_id(self, name: str = "orderLinkId") -> str:
        """Return the client's own order id, empty when it is missing."""
        value = self.text(name)
        if value and not _LINK_ID.fullmatch(value):
            raise parameter_error(f"{name} invalid")
        return value
