"""Waiting for several things at once, without the cost of it where there is but one."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def together(waited: Iterable[Awaitable[T]]) -> list[T]:
    """What all of them come to, in their order; they run at once, as in `asyncio.gather`.

    A book with one venue and one instrument has one thing to wait for, or none, at most steps of
    its cycle: a task for each of these was a quarter of the time that a replay took.
    """
    everything = list(waited)
    if len(everything) > 1:
        return await asyncio.gather(*everything)
    return [await one for one in everything]
