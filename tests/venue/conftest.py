from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hedged.clock import VirtualClock
from hedged.venue import LiveVenue, ReadOnlyVenue
from tests.venue.stand_in import SYMBOL, StandIn, healthy, reader, trader


@pytest_asyncio.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn() as running:
        yield healthy(running)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 8, 1, tzinfo=UTC))


@pytest_asyncio.fixture
async def venue(server: StandIn, clock: VirtualClock) -> AsyncIterator[ReadOnlyVenue]:
    opened = reader(server.url, clock, symbols=(SYMBOL,))
    await opened.open()
    server.seen.clear()
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def live(server: StandIn, clock: VirtualClock) -> AsyncIterator[LiveVenue]:
    opened = trader(server.url, clock, symbols=(SYMBOL,))
    await opened.open()
    server.seen.clear()
    yield opened
    await opened.close()
