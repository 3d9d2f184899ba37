"""Looking orders up and cancelling them: a failed request teaches nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hedged.core.types import Side
from hedged.ports import (
    OrderReport,
    OrderStatus,
    VenueAuthError,
    VenueUnavailable,
)
from hedged.venue import LiveVenue
from tests.venue.stand_in import (
    ACKNOWLEDGED,
    BTCUSD,
    CANCEL,
    ID,
    OLD_ORDERS,
    OPEN_ORDERS,
    SWITCH,
    SYMBOL,
    Answer,
    D,
    Json,
    StandIn,
    dropped,
    listed,
    ok,
    order_row,
    page,
    refused,
)


@pytest.mark.asyncio
async def test_an_order_is_found_among_the_recent_ones(server: StandIn, live: LiveVenue) -> None:
    server.answer(OPEN_ORDERS, listed(order_row(ID)))
    server.seen.clear()
    assert await live.find_order(BTCUSD, ID) == OrderReport(
        client_id=ID,
        venue_id="fd4300ae",
        symbol=SYMBOL,
        side=Side.SELL,
        contracts=D(100),
        filled=D(100),
        average=D("61000.5"),
        limit_price=D("60999.9"),
        status=OrderStatus.DONE,
        reduce_only=False,
        created_at=datetime(2026, 7, 22, 6, 0, 0, 123000, tzinfo=UTC),
        reason="",
    )
    (seen,) = server.seen
    assert seen.query == {"category": "inverse", "symbol": "BTCUSD", "orderLinkId": ID}


@pytest.mark.asyncio
async def test_or_in_the_history(server: StandIn, live: LiveVenue) -> None:
    unfilled = order_row(ID, orderStatus="Cancelled", cumExecQty="0", avgPrice="")
    server.answer(OPEN_ORDERS, listed())
    server.answer(OLD_ORDERS, listed(unfilled))
    found = await live.find_order(BTCUSD, ID)
    assert found is not None
    assert (found.status, found.filled, found.average) == (OrderStatus.DONE, D(0), None)


@pytest.mark.asyncio
@pytest.mark.parametrize("nothing", [listed(), refused(110001, "order not exists")])
async def test_not_found_takes_the_word_of_both(
    server: StandIn, live: LiveVenue, nothing: Json
) -> None:
    server.answer(OPEN_ORDERS, nothing)
    server.answer(OLD_ORDERS, nothing)
    assert await live.find_order(BTCUSD, ID) is None
    assert (server.count(OPEN_ORDERS), server.count(OLD_ORDERS)) == (1, 1)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("New", OrderStatus.WORKING),
        ("PartiallyFilled", OrderStatus.WORKING),
        ("Filled", OrderStatus.DONE),
        ("Cancelled", OrderStatus.DONE),
        ("PartiallyFilledCanceled", OrderStatus.DONE),
        ("Rejected", OrderStatus.DONE),
    ],
)
async def test_the_state_of_an_order(
    server: StandIn, live: LiveVenue, status: str, expected: OrderStatus
) -> None:
    server.answer(OPEN_ORDERS, listed(order_row(ID, orderStatus=status)))
    found = await live.find_order(BTCUSD, ID)
    assert found is not None
    assert found.status is expected


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "row",
    [
        order_row(ID, orderStatus="Pondering"),
        order_row(ID, cumExecQty=""),
        order_row(ID, cumExecQty="-1"),
        order_row(ID, avgPrice=""),  # filled, at no price
        order_row("another"),  # the filter was overlooked
    ],
)
async def test_an_odd_answer_is_no_answer(server: StandIn, live: LiveVenue, row: Json) -> None:
    server.answer(OPEN_ORDERS, listed(row))
    with pytest.raises(VenueUnavailable):
        await live.find_order(BTCUSD, ID)


@pytest.mark.asyncio
async def test_a_failed_lookup_is_not_not_found(server: StandIn, live: LiveVenue) -> None:
    server.answer(OPEN_ORDERS, listed())
    server.answer(OLD_ORDERS, page("oops", 502))
    with pytest.raises(VenueUnavailable):
        await live.find_order(BTCUSD, ID)
    assert server.count(OLD_ORDERS) == 3  # a read, so it was tried again


@pytest.mark.asyncio
async def test_a_cancel_names_the_client_id(server: StandIn, live: LiveVenue) -> None:
    server.answer(CANCEL, ACKNOWLEDGED)
    server.seen.clear()
    await live.cancel(BTCUSD, ID)
    (seen,) = server.seen
    assert seen.body == {"category": "inverse", "symbol": "BTCUSD", "orderLinkId": ID}


@pytest.mark.asyncio
@pytest.mark.parametrize("code", [110001, 110008, 110010])
async def test_cancelling_what_is_gone_is_no_error(
    server: StandIn, live: LiveVenue, code: int
) -> None:
    server.answer(CANCEL, refused(code, "order not exists or too late to cancel"))
    await live.cancel(BTCUSD, ID)
    assert server.count(CANCEL) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", [dropped, page("oops", 500), page("<html>"), refused(10016)])
async def test_a_cancel_without_a_clear_answer_is_unknown_and_sent_once(
    server: StandIn, live: LiveVenue, answer: Answer
) -> None:
    server.answer(CANCEL, answer)
    with pytest.raises(VenueUnavailable):
        await live.cancel(BTCUSD, ID)
    assert server.count(CANCEL) == 1


@pytest.mark.asyncio
async def test_a_cancel_with_a_refused_key(server: StandIn, live: LiveVenue) -> None:
    server.answer(CANCEL, refused(10003, "API key is invalid"))
    with pytest.raises(VenueAuthError):
        await live.cancel(BTCUSD, ID)


@pytest.mark.asyncio
async def test_if_ccxt_crashes_over_a_cancel_nothing_is_known(
    server: StandIn, live: LiveVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(*_: Any) -> Any:
        raise KeyError("orderId")

    server.answer(CANCEL, ACKNOWLEDGED)
    monkeypatch.setattr(live._client, "parse_order", crashing)
    with pytest.raises(VenueUnavailable, match="KeyError"):
        await live.cancel(BTCUSD, ID)
    assert server.count(CANCEL) == 1


@pytest.mark.asyncio
async def test_a_cancel_with_a_stale_clock_has_it_set_anew(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(CANCEL, refused(10002, "timestamp"))
    with pytest.raises(VenueUnavailable, match="10002"):
        await live.cancel(BTCUSD, ID)
    server.seen.clear()
    await live.account([])
    assert server.seen[0].path == "/v5/market/time"


@pytest.mark.asyncio
async def test_a_switch_that_the_venue_has_not_enabled_is_never_armed(
    server: StandIn, live: LiveVenue
) -> None:
    """And its window is left alone: it is a setting of the account, which others rely on."""
    off = {"product": "DERIVATIVES", "dcpStatus": "OFF", "timeWindow": "10"}
    server.answer(SWITCH, ok({"dcpInfos": [off]}))
    server.seen.clear()
    assert await live.arm_dead_man(30) is False
    await live.disarm_dead_man()
    assert [(seen.method, seen.path) for seen in server.seen] == [("GET", SWITCH)]


@pytest.mark.asyncio
async def test_whether_a_switch_is_armed_is_not_known_where_its_window_cannot_be_read(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(SWITCH, ok({"dcpInfos": [{"product": "DERIVATIVES", "dcpStatus": "ON"}]}))
    with pytest.raises(VenueUnavailable, match="timeWindow"):
        await live.arm_dead_man(30)
