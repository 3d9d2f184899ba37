"""Every row of every venue's table; and what its orders, cancels and look-ups send, everywhere."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from hedged.clock import SystemClock
from hedged.core.decimals import plain
from hedged.core.types import Amount, Side
from hedged.ports import OrderReport, Refused, Style, VenueUnavailable
from hedged.venue import LiveVenue
from hedged.venue.fields import EPOCH
from tests.contract.payloads.replay import (
    ROOT,
    Replay,
    check_idle,
    order_of,
    replaying,
    spec_on,
    venue_on,
)
from tests.contract.payloads.table import (
    CLIENT_ID,
    Deed,
    Refusal,
    Row,
    Sent,
    Table,
    Trade,
    attribute,
    read,
    shown,
    the_sale,
    wired,
)
from tests.contract.payloads.tables import TABLES, htx, weex

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

DEEDS = [pytest.param(t, deed, id=f"{t.name}-{deed.what}") for t in TABLES for deed in t.deeds]
ROWS = [pytest.param(t, row, id=f"{t.name}-{row.what}") for t in TABLES for row in t.rows]
TRADED = [(t, t.trade) for t in TABLES if t.trade is not None]
WORLDS = [
    pytest.param(t, trade, world, id=f"{t.name}-{world}")
    for t, trade in TRADED
    for world in t.worlds or t.profile.environments
]
ERRORS = [
    pytest.param(t, trade, code, id=f"{t.name}-{code}")
    for t, trade in TRADED
    for code in trade.errors
]
EACH_TRADED = pytest.mark.parametrize(
    ("table", "trade"), [pytest.param(t, trade, id=t.name) for t, trade in TRADED]
)


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        yield running


@pytest.mark.asyncio
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_instruments(replay: Replay, table: Table) -> None:
    table.answer(replay, *table.opening)
    async with read(table, replay) as venue:
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
    async with read(table, replay) as venue:
        found = list(await row.ask(venue))
        if row.what == "quote":
            await check_idle(replay, venue, table.exchange, table.symbol)
        return found


@pytest.mark.asyncio
@pytest.mark.parametrize(("table", "trade", "world"), WORLDS)
async def test_what_is_sent_in_each_environment(
    replay: Replay, table: Table, trade: Trade, world: str
) -> None:
    table.answer(replay, *table.opening, *trade.found, trade.acknowledged)
    venue = await wired(table, replay, world)
    try:
        for (style, reduce_only), expected in trade.orders.items():
            await venue.submit(the_sale(table, venue, style, reduce_only=reduce_only))
            _check_sent(replay, trade, expected)
        instrument = venue.instrument(table.symbol)
        # What comes back, the other cases look at.
        with suppress(VenueUnavailable):
            await venue.cancel(instrument, CLIENT_ID)
        _check_sent(replay, trade, trade.cancel)
        (read, *_) = table.profile.order_lookups
        with suppress(VenueUnavailable):
            await venue._looked_up(read, instrument, CLIENT_ID)
        _check_sent(replay, trade, trade.look_up)
    finally:
        await venue.close()


def _check_sent(replay: Replay, trade: Trade, expected: Sent) -> None:
    (seen,) = replay.seen
    replay.seen.clear()
    told = {name: value for name, value in seen.params.items() if name not in trade.unsigned}
    assert (seen.method, seen.path, told) == (expected.method, expected.path, expected.params)
    assert trade.headers <= seen.headers.keys()


@pytest.mark.asyncio
@EACH_TRADED
async def test_an_order_says_when_it_is_too_late(
    replay: Replay, table: Table, trade: Trade
) -> None:
    deadline = table.profile.deadline
    assert deadline is not None
    if deadline.params is None and not deadline.header:
        return  # its signature says when it was made
    table.answer(replay, *table.opening, trade.acknowledged)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        await venue.submit(the_sale(table, venue, Style.IOC, reduce_only=False))
        now = venue._connection.venue_time
    (seen,) = replay.seen
    told = seen.headers.get(deadline.header) or seen.params[next(iter(deadline.of_order(now)))]
    is_ms = str(told).isdecimal()
    last_at = EPOCH + timedelta(milliseconds=int(told)) if is_ms else datetime.fromisoformat(told)
    assert 0 < (last_at - now).total_seconds() <= deadline.order_s


@pytest.mark.asyncio
@EACH_TRADED
async def test_what_an_acknowledgement_proves(replay: Replay, table: Table, trade: Trade) -> None:
    table.answer(replay, *table.opening)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        order = the_sale(table, venue, Style.IOC, reduce_only=False)
        for answer, outcome in ((trade.acknowledged, trade.outcome), *trade.others):
            table.answer(replay, answer)
            assert await venue.submit(order) == outcome


@pytest.mark.asyncio
@pytest.mark.parametrize(("table", "trade", "code"), ERRORS)
async def test_what_an_error_proves(replay: Replay, table: Table, trade: Trade, code: str) -> None:
    table.answer(replay, *table.opening)
    at = trade.acknowledged
    replay.answer(at.method, at.path, trade.error(code), status=trade.error_status)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        outcome = await venue.submit(the_sale(table, venue, Style.IOC, reduce_only=False))
        assert isinstance(outcome, trade.errors[code]), outcome
        assert code in str(outcome)


@pytest.mark.asyncio
@EACH_TRADED
async def test_an_order_that_is_there_and_one_that_is_not(
    replay: Replay, table: Table, trade: Trade
) -> None:
    table.answer(replay, *table.opening, *trade.found)
    async with venue_on(replay, table.exchange, table.symbol) as venue:
        instrument = venue.instrument(table.symbol)
        found = await venue.find_order(instrument, CLIENT_ID)
        assert isinstance(found, OrderReport)
        assert found.client_id == CLIENT_ID
        if trade.is_listed:
            assert await venue.find_order(instrument, "hg0000000002") is None
        else:
            with pytest.raises(VenueUnavailable, match="about something else"):
                await venue.find_order(instrument, "hg0000000002")
        table.answer(replay, *trade.missing)
        assert await venue.find_order(instrument, CLIENT_ID) is None


@pytest.mark.asyncio
@pytest.mark.parametrize(("table", "deed"), DEEDS)
async def test_what_is_done_beside_orders(replay: Replay, table: Table, deed: Deed) -> None:
    table.answer(replay, *table.opening, *deed.answers)
    spec = dataclasses.replace(
        spec_on(replay, table.exchange, table.symbol), moves=True, arranges=True
    )
    venue = LiveVenue(spec, table.profile, SystemClock())
    await venue.open()
    try:
        replay.seen.clear()
        if isinstance(deed.outcome, Refusal):
            with pytest.raises(deed.outcome.kind, match=deed.outcome.says):
                await deed.do(venue)
            return
        outcome = await deed.do(venue)
    finally:
        await venue.close()
    if isinstance(deed.outcome, type):
        assert isinstance(outcome, deed.outcome)
    else:
        assert outcome == deed.outcome
    unsigned = frozenset() if table.trade is None else table.trade.unsigned
    assert [
        (s.method, s.path, {k: v for k, v in s.params.items() if k not in unsigned})
        for s in replay.seen
    ] == [(sent.method, sent.path, sent.params) for sent in deed.sent]


@pytest.mark.asyncio
async def test_a_purchase_that_would_open_a_second_position_is_not_sent(replay: Replay) -> None:
    weex.WEEX.answer(replay, *weex.WEEX.opening)
    async with venue_on(replay, "weex", weex.SYMBOL) as venue:
        instrument = venue.instrument(weex.SYMBOL)
        order = order_of(instrument, Side.BUY, "0.003", "60000", reduce_only=False)
        assert await venue.submit(order) == Refused(
            "not sent: at WEEX a purchase that is not reduce-only opens a long beside the short"
        )


@pytest.mark.asyncio
async def test_fault_45_a_settlement_at_htx_moves_profit_and_nothing_else(replay: Replay) -> None:
    """60 contracts of 100 USD, sold at 60,000: settled at 62,000, and now at 61,000."""
    table, gain = htx.HTX, htx.gain
    table.answer(replay, *table.opening)
    since_opened, since_settled = gain(60_000, 61_000), gain(62_000, 61_000)
    # What is settled leaves the unrealised profit for the static balance: 2 BTC less a loss.
    settled = since_opened - since_settled
    equity = 2 + since_opened
    seen = []
    async with read(table, replay) as venue:
        for static, profit, cost in (
            (Decimal(2), since_opened, 60_000),
            (2 + settled, since_settled, 62_000),
        ):
            table.answer(
                replay,
                htx.wallet(
                    margin_static=plain(static),
                    profit_unreal=plain(profit),
                    margin_balance=plain(equity),
                ),
                htx.held(**htx.SHORT, cost_hold=cost, profit_unreal=plain(profit)),
            )
            account = await venue.account(["BTC"])
            (balance,), (short,) = account.balances, account.positions
            assert balance.equity == Amount(equity, "BTC")
            assert short.unrealised_pnl is not None
            assert short.pnl_from == cost
            # E - PnL + q/origin is the delta whatever the mark: maths.md, section 2.
            origin = balance.wallet.value + short.quantity.value / cost
            seen.append((short.quantity, short.entry, origin))
    (before, _, delta), (after, _, delta_after) = seen
    assert before == after == Amount(Decimal(-6000), "USD")
    assert abs(delta - delta_after) < Decimal("0.0000001")  # to the last digits that are told
