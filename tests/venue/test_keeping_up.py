"""What grows old is renewed beside the reads: the clock's offset and the listings."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from hedged.clock import VirtualClock, settle
from hedged.ports import Refused, VenueRefused
from hedged.venue import LiveVenue, ReadOnlyVenue, WriteRefused
from tests.venue.stand_in import (
    BTCUSD,
    CREATE,
    LISTINGS,
    POSITIONS,
    SYMBOL,
    TICKERS,
    TIME,
    WALLET,
    Answer,
    D,
    Json,
    StandIn,
    coin,
    dropped,
    listed,
    listing,
    ok,
    order,
    page,
    reader,
    refused,
    silent,
    ticker,
    wallet,
)


class SteppedClock(VirtualClock):
    """Its wall clock can be set; the monotonic one goes on."""

    stepped = timedelta()

    def now(self) -> datetime:
        return super().now() + self.stepped


async def upkeep_ends(venue: ReadOnlyVenue) -> None:
    upkeep = venue._connection._upkeep
    if upkeep is not None:  # else it was over before the last read began
        await asyncio.wait((upkeep,))


def time_of(ahead_s: float) -> Answer:
    """The venue's clock, when ours is so far ahead."""

    async def now(_: web.Request) -> web.StreamResponse:
        return web.json_response(ok({}) | {"time": int((time.time() - ahead_s) * 1000)})

    return now


async def opened(server: StandIn, clock: VirtualClock) -> ReadOnlyVenue:
    venue = reader(server.url, clock)
    assert venue.skew_s is None
    await venue.open()
    server.seen.clear()
    return venue


@pytest.mark.asyncio
async def test_fault_33_the_offset_is_measured_again_every_few_minutes(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    server.answer(TIME, time_of(40))
    await clock.advance(299)
    await venue.account([])
    assert server.count(TIME) == 0
    await clock.advance(1)
    await venue.account([])
    await upkeep_ends(venue)
    assert server.count(TIME) == 1
    assert venue.skew_s is not None
    assert abs(venue.skew_s - 40) < D("0.5")
    await venue.account([])
    age_ms = time.time() * 1000 - int(server.seen[-1].headers["X-BAPI-TIMESTAMP"])
    assert abs(age_ms - 40_000) < 1000


@pytest.mark.asyncio
async def test_no_read_waits_for_upkeep(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    server.answer(TIME, silent)
    server.answer(LISTINGS, silent)
    await clock.advance(300)
    async with asyncio.timeout(2):
        await venue.account([])
        await venue.quote(SYMBOL)
    assert server.count(TIME) <= 1


@pytest.mark.asyncio
@pytest.mark.parametrize("step_s", [-3600, -1, 1, 3600])
async def test_fault_33_a_step_of_the_wall_clock_shows_at_once_and_is_measured_away(
    server: StandIn, step_s: int
) -> None:
    clock = SteppedClock(datetime(2026, 8, 1, tzinfo=UTC))
    venue = await opened(server, clock)
    try:
        await clock.advance(100)
        assert venue.skew_s is not None
        assert abs(venue.skew_s) < D("0.5")
        clock.stepped = timedelta(seconds=step_s)
        assert abs(venue.skew_s - step_s) < D("0.5")
        await venue.account([])
        await upkeep_ends(venue)
        assert server.count(TIME) == 1
        assert abs(venue.skew_s) < D("0.5")  # in this test the venue's clock was set as well
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_a_slow_reply_does_not_spoil_the_offset(server: StandIn) -> None:
    """The venue read its clock early, and its answer took long."""

    async def slow(_: web.Request) -> web.StreamResponse:
        told = ok({}) | {"time": int(time.time() * 1000)}
        await asyncio.sleep(0.4)
        return web.json_response(told)

    server.answer(TIME, slow)
    venue = await opened(server, VirtualClock(datetime(2026, 8, 1, tzinfo=UTC)))
    try:
        assert venue.skew_s is not None
        assert D("-0.1") < venue.skew_s < D("0.3")
        assert venue._client.options["timeDifference"] == venue.skew_s * 1000
    finally:
        await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [page("oops", 503), dropped, page("<html>"), refused(10016)])
async def test_upkeep_that_fails_changes_nothing_and_is_tried_again_later(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock, fault: Answer
) -> None:
    known = venue.skew_s
    server.answer(TIME, fault)
    await clock.advance(300)
    for _ in range(3):
        await venue.account([])
    await upkeep_ends(venue)
    assert (server.count(TIME), venue.skew_s) == (1, known)
    assert venue.instrument(SYMBOL) == BTCUSD
    server.answer(TIME, time_of(7))
    server.answer(LISTINGS, listed(listing()), listed())
    await clock.advance(30)
    await venue.account([])
    await upkeep_ends(venue)
    assert venue.skew_s is not None
    assert abs(venue.skew_s - 7) < D("0.5")


@pytest.mark.asyncio
async def test_upkeep_of_a_contract_that_is_listed_no_more_fails_no_read(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    server.answer(LISTINGS, listed(listing("ETHUSD")), listed())
    for _ in range(4):
        await clock.advance(3600)  # the listings, and fees and margin rates by market
        await venue.account([])
        await upkeep_ends(venue)
    with pytest.raises(VenueRefused, match="not listed"):
        venue.instrument(SYMBOL)


@pytest.mark.asyncio
async def test_a_bug_in_upkeep_does_not_pass_in_silence(
    venue: ReadOnlyVenue, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(venue._client.session.connector, "_routes", frozenset({("GET", WALLET)}))
    await clock.advance(300)
    with pytest.raises(WriteRefused):
        await venue.account([])
    await upkeep_ends(venue)
    with pytest.raises(WriteRefused, match=TIME):
        await venue.account([])


COARSE = {"maxOrderQty": "1000", "minOrderQty": "10", "qtyStep": "5"}


@pytest.mark.asyncio
async def test_fault_17_a_new_lot_and_tick_are_seen_within_minutes(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    tick = {"minPrice": "0.50", "maxPrice": "1999999.50", "tickSize": "0.50"}
    server.answer(LISTINGS, listed(listing(lotSizeFilter=COARSE, priceFilter=tick)), listed())
    await venue.account([])
    assert server.count(LISTINGS) == 0
    await clock.advance(300)
    await venue.account([])
    await upkeep_ends(venue)
    found = venue.instrument(SYMBOL)
    assert (found.lot, found.min_contracts, found.tick) == (D(5), D(10), D("0.5"))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": "Closed"}, "not trading"),
        ({"deliveryTime": "1794000000000"}, "being delisted"),
        ({"symbol": "ETHUSD", "baseCoin": "ETH", "settleCoin": "ETH"}, "not listed"),
    ],
)
async def test_fault_19_a_market_that_closes_while_we_run_is_refused(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock, changes: Json, text: str
) -> None:
    server.answer(LISTINGS, listed(listing(**changes)), listed())
    await clock.advance(300)
    await venue.account([])
    await upkeep_ends(venue)
    with pytest.raises(VenueRefused, match=text):
        venue.instrument(SYMBOL)
    with pytest.raises(VenueRefused, match=text):
        await venue.quote(SYMBOL)


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [listed(), ok({}), listed({"symbol": "BTCUSD"})])
async def test_listings_that_are_empty_or_nonsense_do_not_replace_those_we_have(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock, reply: Json
) -> None:
    server.answer(LISTINGS, reply)
    await clock.advance(300)
    await venue.account([])
    await upkeep_ends(venue)
    assert server.count(LISTINGS) > 0
    assert venue.instrument(SYMBOL) == BTCUSD


@pytest.mark.asyncio
async def test_fault_17_a_refused_figure_brings_the_new_listing_soon(
    server: StandIn, live: LiveVenue, clock: VirtualClock
) -> None:
    server.answer(CREATE, refused(10001, "Qty invalid"))
    assert isinstance(await live.submit(order()), Refused)
    server.answer(LISTINGS, listed(listing(lotSizeFilter=COARSE)), listed())
    await live.account([])  # not yet: they are a moment old
    assert server.count(LISTINGS) == 0
    await clock.advance(60)
    await live.account([])
    await upkeep_ends(live)
    assert live.instrument(SYMBOL).lot == 5
    await clock.advance(60)
    await live.account([])
    await settle()
    assert server.count(LISTINGS) == 2  # and not again: one load asks for two states


async def with_listing(server: StandIn, live: LiveVenue, clock: VirtualClock, row: Json) -> None:
    server.answer(LISTINGS, listed(row), listed())
    await clock.advance(300)
    await live.account([])
    await upkeep_ends(live)


@pytest.mark.asyncio
async def test_fault_17_an_order_made_for_the_old_listing_is_not_sent(
    server: StandIn, live: LiveVenue, clock: VirtualClock
) -> None:
    await with_listing(server, live, clock, listing(lotSizeFilter=COARSE))
    outcome = await live.submit(order())
    assert isinstance(outcome, Refused)
    assert outcome.detail.startswith("not sent: the listing of BTC/USD:BTC has changed")
    assert server.count(CREATE) == 0


@pytest.mark.asyncio
async def test_fault_19_while_a_market_closes_only_reducing_orders_are_sent(
    server: StandIn, live: LiveVenue, clock: VirtualClock
) -> None:
    await with_listing(server, live, clock, listing(deliveryTime="1794000000000"))
    server.answer(CREATE, refused(110017, "reduce-only"))
    outcome = await live.submit(order())
    assert isinstance(outcome, Refused)
    assert "being delisted" in outcome.detail
    assert server.count(CREATE) == 0
    await live.submit(order(reduce_only=True))
    assert server.count(CREATE) == 1


@pytest.mark.asyncio
async def test_watching_two_assets_takes_few_requests(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    """Every 10 s, for ten minutes: well below 2,500 an hour, upkeep included."""
    eth = listing("ETHUSD")
    server.answer(LISTINGS, listed(listing(), eth), listed())
    server.answer(TICKERS, listed(ticker(), ticker("ETHUSD")))
    server.answer(WALLET, wallet(coin("BTC", "5"), coin("ETH", "50")))
    await venue.close()
    await venue.open()
    server.seen.clear()
    cycles = 60
    for _ in range(cycles):
        server.answer(LISTINGS, listed(listing(), eth), listed())
        await asyncio.gather(
            venue.account(["BTC", "ETH"]), venue.quote(SYMBOL), venue.quote("ETH/USD:ETH")
        )
        await clock.advance(10)
    assert server.count(TICKERS) == cycles
    assert server.count(WALLET) == cycles
    assert server.count(POSITIONS) == 2 * cycles + 2 * 9  # the first minute's are those of `open`
    assert server.count(LISTINGS) + server.count(TIME) <= 6
    assert len(server.seen) * 6 <= 1_700
