"""A journal that any released version wrote is opened by this one, and comes to the same."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hedged import __version__
from hedged.clock import SystemClock
from hedged.core.decimals import plain
from hedged.core.types import TradingState
from hedged.store import SqlJournal
from tests.store.release import FOLDER, HEAD

RELEASED = sorted(FOLDER.glob("*.sql"))


def test_this_version_is_kept_too() -> None:
    assert FOLDER / f"{__version__}.sql" in RELEASED, "run: .venv/bin/python -m tests.store.release"


def restored(kept: Path, path: Path) -> dict[str, str]:
    """Make the journal anew; the positions that it comes to."""
    script = kept.read_text()
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)
    comes_to: dict[str, str] = json.loads(script.splitlines()[0].removeprefix(HEAD))
    return comes_to


@pytest.mark.parametrize("kept", RELEASED, ids=lambda kept: kept.stem)
@pytest.mark.asyncio
async def test_a_journal_of_a_released_version_opens(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    comes_to = restored(kept, path)
    journal = await SqlJournal.open(path, SystemClock())
    try:
        ledger = journal.ledger
        found = {
            symbol.partition(":")[0].replace("/", ""): plain(slot.quantity.value)
            for (_, symbol), slot in ledger.slots.items()
        }
        assert found == comes_to
        assert ledger.state is TradingState.HALTED
        assert ledger.unresolved() == ()
        assert any(order.filled for order in ledger.orders.values())
    finally:
        await journal.close()
