"""The fields of an operator's request: read, or refused in one line."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

Fields = Mapping[str, object]


class AdminError(Exception):
    """A request of the operator that cannot be done, with the reason in one line."""


def text(fields: Fields, name: str) -> str:
    """Return a text that must be there."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise AdminError(f"{name} is missing (a text)")
    return value


def number(fields: Fields, name: str) -> Decimal:
    """Return a decimal number."""
    try:
        found = Decimal(text(fields, name))
    except InvalidOperation:
        raise AdminError(f"{name} must be a decimal number in quotes") from None
    if not found.is_finite() or abs(found.adjusted()) > 18:  # noqa: PLR2004 - beyond any market
        raise AdminError(f"{name} is out of range")
    return found


def integer(fields: Fields, name: str, highest: int) -> int:
    """Return a whole number."""
    found = number(fields, name)
    if found != int(found) or not 0 <= found <= highest:
        raise AdminError(f"{name} must be a whole number from 0 to {highest}, in quotes")
    return int(found)


def flag(fields: Fields, name: str, *, usual: bool) -> bool:
    """Return a flag."""
    value = fields.get(name, usual)
    if not isinstance(value, bool):
        raise AdminError(f"{name} must be true or false")
    return value


def size(fields: Fields, name: str, usual: Decimal) -> Decimal:
    """Return a size above 0, or the usual one when none is given."""
    if name not in fields:
        return usual
    found = number(fields, name)
    if found <= 0:
        raise AdminError(f"{name} must be above 0")
    return found


def delay_ms(fields: Fields) -> int:
    """Return a delay in milliseconds, none unless it is given."""
    return 1000 * integer(fields, "delay_s", 10**6) if "delay_s" in fields else 0
