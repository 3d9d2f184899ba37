"""Every row of every venue's table; and what its orders, cancels and look-ups send, everywhere."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio

from hedged.clock import SystemClock
from hedged.ports import OrderReport, Style, VenueRefused, VenueUnavailable
from hedged.venue import LiveVenue
from tests.contract.payloads.replay import ROOT, Replay, check_idle, replaying, venue_on
from tests.contract.payloads.table import (
    CLIENT_ID,
    Refusal,
    Row,
    Sent,
    Table,
    attribute,
    shown,
    spec_in,
    the_order,
    wired,
)
from tests.contract.payloads.tables import TABLES

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

ROWS = [pytest.param(t, row, id=f"{t.name}-{row.what}") for t in TABLES for row in t.rows]
WORLDS = [
    pytest.param(t, world, id=f"{t.name}-{world}")
    for t in TABLES
    for world in t.profile.environments
]
ERRORS = [pytest.param(t, code, id=f"{t.name}-{code}") for t in TABLES for code in t.errors]
EACH = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        yield running


@pytest.mark.asyncio
@EACH
async def test_instruments(replay: Replay, table: Table) -> None:
    table.answer(replay, *table.opening)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        for symbol, expected in table.instruments.items():
            found = venue.instrument(symbol)
            assert {name: attribute(found, name) for name in expected} == {
                name: shown(value) for name, value in expected.items()
            }


@pytest.mark.asyncio
@pytest.mark.parametrize(("table", "row"), ROWS)
async def test_what_a_recording_comes_to(replay: Replay, table: Table, row: Row) -> None:
    table.answer(replay, *table.opening)
    if isinstance(row.expected, Refusal):
        with pytest.raises(row.expected.kind, match=row.expected.says):
            await _asked(replay, table, row)
        return
    found = list(await _asked(replay, table, row))
    assert [
        {name: attribute(one, name) for name in expected}
        for one, expected in zip(found, row.expected, strict=True)
    ] == [{name: shown(value) for name, value in expected.items()} for expected in row.expected]


async def _asked(replay: Replay, table: Table, row: Row) -> list[object]:
    table.answer(replay, *row.answers)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        found = list(await row.ask(venue))
        if row.what == "quote":
            await check_idle(replay, venue, table.exchange, table.symbol)
        return found


@pytest.mark.asyncio
@pytest.mark.parametrize(("table", "world"), WORLDS)
async def test_what_is_sent_in_each_environment(replay: Replay, table: Table, world: str) -> None:
    table.answer(replay, *table.opening, *table.found, table.acknowledged)
    venue = await wired(table, replay, world)
    try:
        for (style, reduce_only), expected in table.orders.items():
            await venue.submit(the_order(table, venue, style, reduce_only=reduce_only))
            _check_sent(replay, table, expected)
        instrument = venue.instrument(table.symbol)
        # What comes back, the other cases look at.
        with suppress(VenueUnavailable):
            await venue.cancel(instrument, CLIENT_ID)
        _check_sent(replay, table, table.cancel)
        (read, *_) = table.profile.order_lookups
        with suppress(VenueUnavailable):
            await venue._looked_up(read, instrument, CLIENT_ID)
        _check_sent(replay, table, table.look_up)
    finally:
        await venue.close()


def _check_sent(replay: Replay, table: Table, expected: Sent) -> None:
    (seen,) = replay.seen
    replay.seen.clear()
    told = {name: value for name, value in seen.params.items() if name not in table.unsigned}
    assert (seen.method, seen.path, told) == (expected.method, expected.path, expected.params)
    assert table.unsigned & seen.params.keys() or table.headers
    assert table.headers <= seen.headers.keys()


@pytest.mark.asyncio
@EACH
async def test_what_an_acknowledgement_proves(replay: Replay, table: Table) -> None:
    table.answer(replay, *table.opening, table.acknowledged)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        order = the_order(table, venue, Style.IOC, reduce_only=False)
        assert await venue.submit(order) == table.outcome


@pytest.mark.asyncio
@pytest.mark.parametrize(("table", "code"), ERRORS)
async def test_what_an_error_proves(replay: Replay, table: Table, code: str) -> None:
    table.answer(replay, *table.opening)
    at = table.acknowledged
    replay.answer(at.method, at.path, table.error(code), status=table.error_status)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        outcome = await venue.submit(the_order(table, venue, Style.IOC, reduce_only=False))
        assert isinstance(outcome, table.errors[code]), outcome
        assert code in str(outcome)


@pytest.mark.asyncio
@EACH
async def test_an_order_that_is_there_and_one_that_is_not(replay: Replay, table: Table) -> None:
    table.answer(replay, *table.opening, *table.found)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        instrument = venue.instrument(table.symbol)
        found = await venue.find_order(instrument, CLIENT_ID)
        assert isinstance(found, OrderReport)
        assert found.client_id == CLIENT_ID
        with pytest.raises(VenueUnavailable, match="about something else"):
            await venue.find_order(instrument, "hg0000000002")
        table.answer(replay, *table.missing)
        assert await venue.find_order(instrument, CLIENT_ID) is None


@pytest.mark.asyncio
@EACH
async def test_live_execution_with_real_money_is_refused(replay: Replay, table: Table) -> None:
    spec = spec_in(table, replay, "mainnet")
    venue = LiveVenue(spec, table.profile, SystemClock())
    with pytest.raises(VenueRefused, match=r'use execution = "dry-run"'):
        await venue.open()
