from collections.abc import AsyncIterator

import pytest_asyncio

from hedged.venue import LiveVenue, ReadOnlyVenue
from tests.venue.stand_in import SYMBOL, StandIn, healthy, reader, trader


@pytest_asyncio.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn() as running:
        yield healthy(running)


@pytest_asyncio.fixture
async def venue(server: StandIn) -> AsyncIterator[ReadOnlyVenue]:
    opened = reader(server.url, symbols=(SYMBOL,))
    await opened.open()
    server.seen.clear()
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def live(server: StandIn) -> AsyncIterator[LiveVenue]:
    opened = trader(server.url, symbols=(SYMBOL,))
    await opened.open()
    server.seen.clear()
    yield opened
    await opened.close()
