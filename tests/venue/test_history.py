"""Working orders and fills: complete, in contracts, ours and foreign, each once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from hedged.clock import SystemClock, VirtualClock
from hedged.core.types import Amount, Side
from hedged.ports import (
    NO_LIQUIDITY,
    REDUCE_ONLY,
    WOULD_TAKE,
    Fill,
    FillKind,
    OrderStatus,
    StatementNotTold,
    VenueRefused,
    VenueUnavailable,
)
from hedged.venue import LiveVenue, ReadOnlyVenue, profile_of
from hedged.venue.fields import EPOCH
from hedged.venue.profiles.reads import by_symbol
from tests.venue.stand_in import (
    BTCUSD,
    FILLS,
    LISTINGS,
    OPEN_ORDERS,
    SYMBOL,
    D,
    Json,
    StandIn,
    fill_row,
    listed,
    listing,
    order_row,
    page,
    reader,
    refused,
    spec,
)

SINCE = datetime(2026, 7, 22, tzinfo=UTC)


@pytest.mark.asyncio
async def test_open_orders_are_ours_and_foreign_and_of_these_instruments(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    resting = {"orderStatus": "New", "cumExecQty": "0", "avgPrice": ""}
    by_hand = {"orderId": "b", "orderType": "Market", "price": "70000", "side": "Buy"}
    server.answer(
        OPEN_ORDERS,
        listed(
            order_row("hgours", orderId="a", **resting),
            order_row("", **resting | by_hand, qty="0", reduceOnly=True),
            order_row("hgdone", orderId="c", orderStatus="Cancelled"),
            order_row("hgelsewhere", orderId="d", symbol="ETHUSD", **resting),
            order_row("hgpart", orderId="e", orderStatus="PartiallyFilled", cumExecQty="40"),
        ),
    )
    ours, foreign, part = await venue.open_orders([SYMBOL])
    assert (ours.client_id, ours.contracts, ours.filled, ours.average) == (
        "hgours",
        D(100),
        D(0),
        None,
    )
    assert (ours.limit_price, ours.side, ours.reduce_only) == (D("60999.9"), Side.SELL, False)
    assert (foreign.client_id, foreign.limit_price, foreign.contracts) == ("", None, D(0))
    assert (foreign.side, foreign.reduce_only) == (Side.BUY, True)
    assert (part.filled, part.average, part.status) == (D(40), D("61000.5"), OrderStatus.WORKING)
    assert {seen.query["category"] for seen in server.seen} == {"inverse"}


def paged(*pages: list[Json]) -> Any:
    """One page after the other, each naming the next; after the last an empty one."""

    async def respond(request: web.Request) -> web.StreamResponse:
        number = int(request.query.get("cursor", "0"))
        rows = pages[number] if number < len(pages) else []
        return web.json_response(listed(*rows, cursor=str(number + 1) if rows else ""))

    return respond


@pytest.mark.asyncio
async def test_open_orders_of_all_pages_and_each_once(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    rows = [order_row(f"hg{n}", orderId=str(n), orderStatus="New") for n in range(5)]
    server.answer(OPEN_ORDERS, paged(rows[:2], rows[1:4], rows[4:]))
    found = await venue.open_orders([SYMBOL])
    assert [report.venue_id for report in found] == ["0", "1", "2", "3", "4"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "row",
    [
        order_row("hg1", orderStatus="New", side="None"),
        order_row("hg1", orderStatus="New", qty=""),
        order_row("hg1", orderStatus="New", price="-1"),
        order_row("hg1", orderStatus="New", reduceOnly="false"),
        order_row("hg1", orderStatus="New", createdTime=""),
        order_row("hg1", orderStatus="New", createdTime="99999999999999999"),
        order_row("hg1", orderStatus="New", orderLinkId=7),
        order_row("hg1", orderStatus="New", orderId=""),
        order_row("hg1", orderStatus="New", symbol=None),
    ],
)
async def test_an_odd_order_fails_the_whole_list(
    server: StandIn, venue: ReadOnlyVenue, row: Json
) -> None:
    server.answer(OPEN_ORDERS, listed(order_row("hg0", orderStatus="New"), row))
    with pytest.raises(VenueUnavailable, match="order"):
        await venue.open_orders([SYMBOL])


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [page("<html>"), page("{}"), refused(10016), page("oops", 503)])
async def test_what_could_not_be_listed_is_not_nothing(
    server: StandIn, venue: ReadOnlyVenue, reply: Any
) -> None:
    server.answer(OPEN_ORDERS, reply)
    server.answer(FILLS, reply)
    with pytest.raises(VenueUnavailable):
        await venue.open_orders([SYMBOL])
    with pytest.raises(VenueUnavailable):
        await venue.fills([SYMBOL], datetime.now(UTC))


@pytest.mark.asyncio
async def test_an_instrument_that_is_not_listed_is_refused(venue: ReadOnlyVenue) -> None:
    with pytest.raises(VenueRefused, match="not listed"):
        await venue.open_orders([SYMBOL, "NOPE/USD:NOPE"])
    with pytest.raises(VenueRefused, match="not listed"):
        await venue.fills(["NOPE/USD:NOPE"], SINCE)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"rejectReason": "EC_PostOnlyWillTakeLiquidity"}, WOULD_TAKE),
        ({"rejectReason": "EC_Others", "cancelType": "CancelByReduceOnly"}, REDUCE_ONLY),
        ({"rejectReason": "EC_NoImmediateQtyToFill"}, NO_LIQUIDITY),
        ({"rejectReason": "EC_PerCancelRequest", "cancelType": "CancelByUser"}, ""),
        ({"rejectReason": None, "cancelType": None}, ""),
        ({"cancelType": "CancelByPrepareLiq"}, "CancelByPrepareLiq"),
        ({"rejectReason": "EC_NewReason", "cancelType": "CancelByUser"}, "EC_NewReason"),
        (
            {"orderStatus": "Filled", "cumExecQty": "100", "rejectReason": "EC_NewReason"},
            "",
        ),
        ({"orderStatus": "New", "rejectReason": "EC_NewReason"}, ""),
    ],
)
async def test_why_an_order_ended(
    server: StandIn, live: LiveVenue, told: Json, reason: str
) -> None:
    cancelled = {"orderStatus": "Cancelled", "cumExecQty": "40"}
    server.answer(OPEN_ORDERS, listed(order_row("hg1", **cancelled | told)))
    found = await live.find_order(BTCUSD, "hg1")
    assert found is not None
    assert found.reason == reason


@pytest.mark.asyncio
async def test_a_fill(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.answer(FILLS, listed(fill_row("t1"), fill_row("t0", symbol="ETHUSD")))
    assert await venue.fills([SYMBOL], SINCE) == (
        Fill(
            trade_id="t1",
            client_id="hg0000000001",
            venue_id="fd4300ae",
            symbol=SYMBOL,
            side=Side.SELL,
            contracts=D(100),
            price=D("61000.5"),
            fee=Amount(D("0.0000009"), "BTC"),
            is_maker=False,
            at=datetime(2026, 7, 22, 6, 0, 0, 456000, tzinfo=UTC),
            kind=FillKind.TRADE,
        ),
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("BlockTrade", FillKind.TRADE),
        ("Funding", FillKind.FUNDING),
        ("BustTrade", FillKind.LIQUIDATION),
        ("AdlTrade", FillKind.ADL),
        ("Settle", FillKind.SETTLEMENT),
    ],
)
async def test_fault_12_what_kind_of_fill_it_is(
    server: StandIn, venue: ReadOnlyVenue, told: str, kind: FillKind
) -> None:
    row = fill_row("t1", execType=told, orderLinkId="", execFee="-0.5", feeCurrency="USDT")
    server.answer(FILLS, listed(row, fill_row("t0", execType="SessionSettlePnL")))
    (found,) = await venue.fills([SYMBOL], SINCE)
    assert (found.kind, found.client_id, found.fee) == (kind, "", Amount(D("-0.5"), "USDT"))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "row",
    [
        fill_row("t1", execType="Gift"),
        fill_row(""),
        fill_row("t1", execQty=""),
        fill_row("t1", execQty="-1"),
        fill_row("t1", execPrice="0"),
        fill_row("t1", execFee=""),
        fill_row("t1", side=""),
        fill_row("t1", isMaker="no"),
        fill_row("t1", execTime="0"),
        fill_row("t1", symbol=""),
    ],
)
async def test_an_odd_fill_fails_the_whole_list(
    server: StandIn, venue: ReadOnlyVenue, row: Json
) -> None:
    server.answer(FILLS, listed(fill_row("t0"), row))
    with pytest.raises(VenueUnavailable):
        await venue.fills([SYMBOL], SINCE)


@pytest.mark.asyncio
async def test_fault_08_fills_come_oldest_first_and_each_trade_once(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    """The venue lists newest first; a fill during the read shifts rows to the next page."""
    rows = [fill_row(f"t{n}", execTime=str(1784700000000 + n // 2)) for n in range(6)][::-1]
    server.answer(FILLS, paged(rows[:3], rows[2:5], rows[5:]))
    found = await venue.fills([SYMBOL], SINCE)
    assert [fill.trade_id for fill in found] == ["t0", "t1", "t2", "t3", "t4", "t5"]


@pytest.mark.asyncio
async def test_a_long_time_is_asked_for_week_by_week(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    server.answer(FILLS, listed())
    since = clock.now() - timedelta(days=15)
    await venue.fills([SYMBOL], since)
    asked = [
        (int(seen.query["startTime"]), int(seen.query["endTime"]) if "endTime" in seen.query else 0)
        for seen in server.seen
    ]
    start_ms, week_ms = int(since.timestamp() * 1000), 7 * 86_400_000
    assert asked == [
        (start_ms + 2 * week_ms, 0),
        (start_ms + week_ms, start_ms + 2 * week_ms - 1),
        (start_ms, start_ms + week_ms - 1),
    ]


@pytest.mark.asyncio
async def test_more_than_a_year_of_fills_is_refused(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    with pytest.raises(VenueRefused, match="more than a year ago"):
        await venue.fills([SYMBOL], clock.now() - timedelta(days=400))
    assert server.count(FILLS) == 0


@given(
    since_ms=st.integers(0, 10**13),
    age_ms=st.integers(-(10**6), 53 * 7 * 86_400_000 - 1),
)
def test_spans_leave_no_gap_and_do_not_overlap(since_ms: int, age_ms: int) -> None:
    since = EPOCH + timedelta(milliseconds=since_ms)
    clock = VirtualClock(since + timedelta(milliseconds=age_ms))
    spans = ReadOnlyVenue(spec(None), profile_of("bybit"), clock)._records.spans(
        since, profile_of("bybit").fills
    )[::-1]
    assert int(spans[0]["startTime"]) == since_ms
    for earlier, later in pairwise(spans):
        assert int(later["startTime"]) == int(earlier["endTime"]) + 1
        assert int(earlier["endTime"]) - int(earlier["startTime"]) < 7 * 86_400_000
    assert "endTime" not in spans[-1]
    assert age_ms - (int(spans[-1]["startTime"]) - since_ms) < 7 * 86_400_000


@pytest.mark.asyncio
async def test_quantities_are_contracts_whatever_the_venue_counts_in(server: StandIn) -> None:
    """With contracts of 1 USD both are the same; this profile's are of 100."""
    filters = {"maxOrderQty": "1000000", "minOrderQty": "100", "qtyStep": "100"}
    server.answer(LISTINGS, listed(listing(lotSizeFilter=filters)), listed())
    profile = replace(profile_of("bybit"), contract_size=D(100))
    hundreds = LiveVenue(spec(server.url), profile, VirtualClock(datetime(2026, 8, 1, tzinfo=UTC)))
    await hundreds.open()
    try:
        server.answer(OPEN_ORDERS, listed(order_row("hg1", orderStatus="New", qty="600")))
        server.answer(FILLS, listed(fill_row("t1", execQty="300")))
        (report,) = await hundreds.open_orders([SYMBOL])
        assert (report.contracts, report.filled) == (D(6), D(1))
        (fill,) = await hundreds.fills([SYMBOL], SINCE)
        assert fill.contracts == 3
    finally:
        await hundreds.close()


@pytest.mark.asyncio
async def test_reading_orders_needs_no_right_to_write(server: StandIn) -> None:
    venue = reader(server.url)
    await venue.open()
    server.answer(OPEN_ORDERS, listed())
    server.answer(FILLS, listed())
    try:
        assert await venue.open_orders([SYMBOL]) == ()
        assert await venue.fills([SYMBOL], datetime.now(UTC)) == ()
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_a_contract_that_has_ended_does_not_end_the_statement_of_the_others(
    server: StandIn,
) -> None:
    server.answer("/v5/account/transaction-log", listed())
    (log,) = profile_of("bybit").flows
    by_market = replace(log, read=replace(log.read, market=by_symbol))
    profile = replace(profile_of("bybit"), flows=(by_market,))
    ended = "ETH/USD:ETH"
    eth = listing(symbol="ETHUSD", baseCoin="ETH", settleCoin="ETH")
    server.answer(LISTINGS, listed(listing(), eth))
    venue = ReadOnlyVenue(spec(server.url, symbols=(ended, SYMBOL)), profile, SystemClock())
    await venue.open()
    try:
        since = datetime.now(UTC) - timedelta(hours=2)
        server.seen.clear()
        del venue._client.markets[ended]
        assert await venue.flows(since) == ()
        assert {seen.query["symbol"] for seen in server.seen} == {"BTCUSD"}
        del venue._client.markets[SYMBOL]
        with pytest.raises(VenueRefused, match="is not listed") as told:
            await venue.flows(since)
        assert not isinstance(told.value, StatementNotTold), "a contract may be listed again"
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_no_statement_at_all_is_told_apart(server: StandIn) -> None:
    with pytest.raises(StatementNotTold):
        await ReadOnlyVenue(
            spec(server.url), replace(profile_of("bybit"), flows=()), SystemClock()
        ).flows(SINCE)
