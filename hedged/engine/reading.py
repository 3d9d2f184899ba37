"""A read that fails becomes a `Missing`: unknown, never zero, and no exception."""

from collections.abc import Awaitable
from typing import TypeVar

from hedged.core.types import Missing
from hedged.ports import VenueAuthError, VenueRefused, VenueUnavailable

T = TypeVar("T")


async def read_or_missing(
    source: str, what: str, value: Awaitable[T], *, symbol: str | None = None
) -> T | Missing:
    """What was read of a source, or why it could not be."""
    try:
        return await value
    except (VenueUnavailable, VenueRefused) as error:
        detail = str(error)
    except VenueAuthError as error:
        detail = f"the key was refused: {error}"
    return Missing(source, what, detail.removeprefix(f"{what}: "), symbol=symbol)
