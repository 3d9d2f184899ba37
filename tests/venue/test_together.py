"""Requests that are made at once."""

import asyncio

import pytest

from hedged.venue.together import together


async def fails_once_waiting() -> None:
    await asyncio.sleep(0)
    raise ValueError("torn")


@pytest.mark.asyncio
async def test_a_failure_cancels_the_rest_and_is_what_is_raised() -> None:
    rest = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            rest.set()

    with pytest.raises(ValueError, match="torn"):
        await together(waits(), fails_once_waiting())
    assert rest.is_set()


async def tried_again() -> None:
    """As a read that fails in passing is, within one limit for all tries."""
    async with asyncio.timeout(0.01):
        try:
            await together(fails_once_waiting())
        except ValueError:
            await asyncio.Event().wait()


@pytest.mark.asyncio
async def test_after_a_failure_a_timeout_is_still_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        await tried_again()
