"""The journal of any released version can be reported on."""

import asyncio
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.clock import SystemClock
from hedged.ports import Selection
from hedged.report.html import html_report
from hedged.report.made import made
from hedged.report.records import KINDS, journalled
from hedged.report.tax import tax_lines
from hedged.store import SqlJournal, entries_in
from tests.store.release import FOLDER

D = Decimal


@pytest.mark.parametrize("kept", sorted(FOLDER.glob("*.sql")), ids=lambda kept: kept.stem)
def test_a_released_journal_is_reported(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(kept.read_text())

    async def migrated() -> None:
        await (await SqlJournal.open(path, SystemClock())).close()

    asyncio.run(migrated())
    entries = list(entries_in(path, Selection(kinds=KINDS)))
    known = journalled(entries)
    found = made(known, {})
    for one in found.summaries:
        assert abs(one.causes.total - (one.value_after - one.value_before)) < D("1e-9")
        assert one.causes.fees < 0
    # The first version kept verdicts without figures: its trades are all that it can tell.
    assert kept.stem == "0.1.0" or {one.records.asset for one in found.summaries} == {"BTC", "ETH"}
    rows = [line for records in known.assets.values() for line in tax_lines(records, ())]
    assert {line.currency for line in rows} == {"BTC", "ETH"}
    assert all(line.fee > 0 for line in rows)
    assert html_report(found).startswith("<!doctype html>")
