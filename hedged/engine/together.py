"""Waiting for several things at once, without the cost of it where there is but one."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Waits(Protocol):
    """How one waits for several things: `together` or `in_turn`."""

    async def __call__(self, waited: Iterable[Awaitable[T]], /) -> list[T]:
        """What all of them come to, in their order."""


async def in_turn(waited: Iterable[Awaitable[T]]) -> list[T]:
    """The same one after the other, for a venue in this process, which answers at once."""
    return [await one for one in waited]


async def together(waited: Iterable[Awaitable[T]]) -> list[T]:
    """What all of them come to, in their order; they run at once, as in `asyncio.gather`.

    A book with one venue and one instrument has one thing to wait for, or none, at most steps of
    its cycle: a task for each of these was a quarter of the time that a replay took.
    """
    everything = list(waited)
    if len(everything) > 1:
        return await asyncio.gather(*everything)
    return [await one for one in everything]
