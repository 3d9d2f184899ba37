"""A journal of each kind, over a clock that stands still."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from hedged.clock import VirtualClock
from hedged.ports import Journal
from hedged.store import MemoryJournal, SqlJournal
from tests.core.any_event import START

Reopen = Callable[[], Awaitable[Journal]]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal ?#%.db"


@pytest_asyncio.fixture(params=["memory", "sqlite"])
async def journal(
    request: pytest.FixtureRequest, path: Path, clock: VirtualClock
) -> AsyncIterator[Journal]:
    made: Journal = (
        MemoryJournal(clock) if request.param == "memory" else await SqlJournal.open(path, clock)
    )
    yield made
    await made.close()
