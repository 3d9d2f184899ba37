"""Numbers as options give them: read exactly, within bounds, or refused in one line."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import typer

from hedged.config.quantities import RATIO
from hedged.core.decimals import plain

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOST: Final = Decimal("1e12")  # coins, contracts or USD: beyond any book
_LEAST: Final = Decimal("1e-12")  # of what is not 0
_MOST_DIGITS: Final = 28


def number(given: str | Decimal) -> Decimal:
    """A decimal in plain or exponent notation, for an option; typer reads its default by it too."""
    text = str(given)
    if not _NUMBER.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a number")
    value = Decimal(text)
    if len(value.as_tuple().digits) > _MOST_DIGITS:
        raise typer.BadParameter(f"{text!r} has more than {_MOST_DIGITS} digits")
    if value and not _LEAST <= abs(value) <= _MOST:
        raise typer.BadParameter(f"{text!r} is not 0 and not between 1e-12 and 1e12 in size")
    return value


def positive(given: str | Decimal) -> Decimal:
    """A decimal > 0, for an option."""
    value = number(given)
    if value <= 0:
        raise typer.BadParameter(f"'{given}' must be greater than 0")
    return value


def ratio(given: str | Decimal) -> Decimal:
    """A share of the exposure as the configuration takes it, for an option."""
    try:
        return RATIO(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def within(low: Decimal, high: Decimal) -> Callable[[str | Decimal], Decimal]:
    """A parser of decimals between two bounds, for an option."""

    def bounded(given: str | Decimal) -> Decimal:
        value = number(given)
        if not low <= value <= high:
            raise typer.BadParameter(f"'{given}' must be from {plain(low)} to {plain(high)}")
        return value

    return bounded
