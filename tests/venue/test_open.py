"""Opening a venue, its listings and its prices."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from hedged.clock import SystemClock, settle
from hedged.core.access import Access
from hedged.core.types import Environment, Kind
from hedged.ports import VenueAuthError, VenueRefused, VenueUnavailable
from hedged.venue import LiveVenue, ReadOnlyVenue, profile_of
from tests.venue.stand_in import (
    ACCOUNT,
    ACKNOWLEDGED,
    BTCUSD,
    CREATE,
    KEY_INFO,
    KEY_ROW,
    LISTINGS,
    POSITIONS,
    SYMBOL,
    TIME,
    WALLET,
    D,
    Json,
    StandIn,
    listed,
    listing,
    ok,
    order,
    position,
    reader,
    refused,
    spec,
    trader,
)


@pytest.mark.asyncio
async def test_the_listing_becomes_an_instrument(venue: ReadOnlyVenue) -> None:
    assert venue.instrument(SYMBOL) == BTCUSD
    assert venue.name == "main"


@pytest.mark.asyncio
async def test_a_contract_is_one_usd_whatever_the_smallest_order_is(server: StandIn) -> None:
    """ccxt takes Bybit's smallest order for the contract size; the profile knows better."""
    filters = {"maxOrderQty": "1000", "minOrderQty": "10", "qtyStep": "5"}
    server.answer(LISTINGS, listed(listing(lotSizeFilter=filters)), listed())
    venue = reader(server.url)
    await venue.open()
    found = venue.instrument(SYMBOL)
    await venue.close()
    assert (found.contract_size, found.lot, found.min_contracts) == (D(1), D(5), D(10))
    assert found.max_contracts == D(1000)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": "PreLaunch"}, "not trading"),
        ({"status": "Closed"}, "not trading"),
        ({"status": ""}, "not trading"),
        ({"deliveryTime": "1794000000000"}, "being delisted"),
        ({"contractType": "InverseFutures", "deliveryTime": "1794000000000"}, "not listed"),
    ],
)
async def test_fault_19_what_cannot_be_hedged_with_is_refused(
    server: StandIn, changes: Json, text: str
) -> None:
    server.answer(LISTINGS, listed(listing(**changes)), listed())
    venue = reader(server.url)
    await venue.open()
    try:
        with pytest.raises(VenueRefused, match=text):
            venue.instrument(SYMBOL)
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_a_dated_contract_ends_on_a_day(server: StandIn) -> None:
    dated = listing(
        "BTCUSDH26",
        contractType="InverseFutures",
        deliveryTime="1774598400000",
        baseCoin="BTC",
        settleCoin="BTC",
    )
    server.answer(LISTINGS, listed(listing(), dated), listed())
    venue = reader(server.url)
    await venue.open()
    try:
        symbol = "BTC/USD:BTC-260327"
        assert venue.instrument(symbol).expires_at == datetime(2026, 3, 27, 8, tzinfo=UTC)
        server.answer(POSITIONS, listed(position("BTCUSDH26", size="7")), listed())
        (held,) = (await venue.account([])).positions
        assert held.instrument.symbol == symbol
        assert held.instrument.kind is Kind.INVERSE
        assert held.quantity.value == -7
    finally:
        await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [listed(), ok({}), ok({"list": None})])
async def test_a_venue_without_markets_is_not_open(server: StandIn, reply: Json) -> None:
    server.answer(LISTINGS, reply)
    with pytest.raises(VenueUnavailable, match="lists none"):
        await reader(server.url).open()


@pytest.mark.asyncio
async def test_fault_37_a_key_of_another_environment_is_refused(server: StandIn) -> None:
    server.answer(KEY_INFO, refused(10003, "API key is invalid."))
    with pytest.raises(VenueAuthError, match=r"10003 API key is invalid\."):
        await reader(server.url).open()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", [WALLET, POSITIONS])
async def test_a_key_without_the_right_to_read_is_noticed_at_once(
    server: StandIn, path: str
) -> None:
    server.answer(path, refused(10005, "permission denied"))
    with pytest.raises(VenueAuthError, match="10005 permission denied"):
        await reader(server.url).open()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("key", "account"),
    [
        ({"uta": 0}, {"unifiedMarginStatus": 1}),
        ({"uta": 1}, {"unifiedMarginStatus": 4}),
    ],
)
async def test_an_account_with_apart_wallets_is_refused(
    server: StandIn, key: Json, account: Json
) -> None:
    server.answer(KEY_INFO, ok(KEY_ROW | key))
    server.answer(ACCOUNT, ok(account))
    with pytest.raises(VenueRefused, match=r"unified trading account 2\.0"):
        await reader(server.url).open()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", [KEY_INFO, ACCOUNT])
@pytest.mark.parametrize("result", [None, {}, [], "", "garbage", {"uta": "yes"}])
async def test_an_answer_without_the_facts_is_no_fact(
    server: StandIn, path: str, result: Any
) -> None:
    server.answer(path, ok(result))
    with pytest.raises(VenueUnavailable, match=r"^(api key|account): "):
        await reader(server.url).open()


@pytest.mark.asyncio
@pytest.mark.parametrize("user", ["", None, 0, -1, "XXXX", "1.5"])
async def test_whose_account_it_is_must_be_told(server: StandIn, user: Any) -> None:
    server.answer(KEY_INFO, ok(KEY_ROW | {"userID": user}))
    with pytest.raises(VenueUnavailable, match="api key: userID"):
        await reader(server.url).open()


@pytest.mark.asyncio
async def test_two_keys_of_one_account_show_the_same_account(server: StandIn) -> None:
    keys = [KEY_ROW | {"id": "1"}, KEY_ROW | {"id": "2", "userID": "24617703"}]
    sub_account = KEY_ROW | {"userID": 24617704, "parentUid": "24617703"}
    server.answer(KEY_INFO, *(ok(key) for key in (*keys, sub_account)))
    found: list[str | None] = []
    for _ in range(3):
        venue = reader(server.url)
        assert venue.access.account_id is None
        await venue.open()
        found.append(venue.access.account_id)
        await venue.close()
    assert found == ["24617703", "24617703", "24617704"]


@pytest.mark.asyncio
async def test_demo_trading_does_not_tell_whose_account_it_is() -> None:
    """It refuses to be asked about keys: nothing may be sent."""
    client = SimpleNamespace(options={"enableDemoTrading": True})
    assert await profile_of("bybit").access(client) == Access()


@pytest.mark.asyncio
async def test_ccxt_does_not_ask_for_the_account_again_before_an_order(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(CREATE, ACKNOWLEDGED)
    await live.submit(order())
    assert [seen.path for seen in server.seen] == [CREATE]


@pytest.mark.asyncio
async def test_an_open_venue_is_not_opened_again(server: StandIn, venue: ReadOnlyVenue) -> None:
    client = venue._client
    await venue.open()
    assert server.seen == []
    assert venue._client is client


@pytest.mark.asyncio
async def test_who_opens_it_at_the_same_time_waits_for_the_same_opening(server: StandIn) -> None:
    venue = reader(server.url)
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        asked.set()
        await answered.wait()
        return web.json_response(listed(listing()))

    server.answer(LISTINGS, slow, listed())
    first = asyncio.create_task(venue.open())
    await asked.wait()
    second = asyncio.create_task(venue.open())
    await settle()
    assert not second.done()
    answered.set()
    await asyncio.gather(first, second)
    assert venue.instrument(SYMBOL) == BTCUSD
    assert server.count(KEY_INFO) == 1
    await venue.close()


@pytest.mark.asyncio
async def test_an_opening_that_failed_is_tried_again_by_the_next(server: StandIn) -> None:
    venue = reader(server.url)
    server.answer(KEY_INFO, ok(None), ok(KEY_ROW))
    failed, opened = await asyncio.gather(venue.open(), venue.open(), return_exceptions=True)
    assert isinstance(failed, VenueUnavailable)
    assert opened is None
    assert venue.instrument(SYMBOL) == BTCUSD
    await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("BTC/USDT", "BTC/USDT is not listed at bybit: a contract is written like BTC/USD:BTC"),
        ("DOGE/USD:DOGE", "DOGE/USD:DOGE is not listed at bybit"),
        ("btc", "btc is not listed at bybit: a contract is written like BTC/USD:BTC"),
    ],
)
async def test_what_is_not_traded_here_is_called_by_its_name(
    venue: ReadOnlyVenue, symbol: str, text: str
) -> None:
    with pytest.raises(VenueRefused) as refusal:
        venue.instrument(symbol)
    assert str(refusal.value) == text


@pytest.mark.asyncio
@pytest.mark.parametrize("most", ["0", "-1", "many"])
async def test_a_largest_order_of_nothing_is_not_an_order_of_any_size(
    server: StandIn, most: str
) -> None:
    filters = {"maxOrderQty": most, "minOrderQty": "1", "qtyStep": "1"}
    server.answer(LISTINGS, listed(listing(lotSizeFilter=filters)), listed())
    venue = reader(server.url)
    await venue.open()
    with pytest.raises(VenueUnavailable, match="listing BTC/USD:BTC: maximum"):
        venue.instrument(SYMBOL)
    await venue.close()


@pytest.mark.asyncio
async def test_hedge_mode_is_refused_before_anything_is_traded(server: StandIn) -> None:
    flat = {"side": "", "size": "0"}
    server.answer(
        POSITIONS, listed(position(**flat, positionIdx=1), position(**flat, positionIdx=2))
    )
    with pytest.raises(VenueRefused, match="BTC/USD:BTC is in hedge mode"):
        await reader(server.url, symbols=(SYMBOL,)).open()


@pytest.mark.asyncio
async def test_a_position_mode_that_is_not_told_is_not_taken_for_one_way(server: StandIn) -> None:
    server.answer(POSITIONS, listed())
    with pytest.raises(VenueUnavailable, match="position mode BTC/USD:BTC"):
        await reader(server.url, symbols=(SYMBOL,)).open()


@pytest.mark.asyncio
@pytest.mark.parametrize("ahead_s", [-3, 0, 90])
async def test_fault_33_the_clock_offset_is_measured_and_signed_with(
    server: StandIn, ahead_s: int
) -> None:
    """Our clock is `ahead_s` ahead of the venue's."""

    def venue_ms() -> int:
        return int((time.time() - ahead_s) * 1000)

    async def now(_: web.Request) -> web.StreamResponse:
        return web.json_response(ok({}) | {"time": venue_ms()})

    server.answer(TIME, now)
    venue = reader(server.url)
    await venue.open()
    await venue.account([])
    sent_ms = int(server.seen[-1].headers["X-BAPI-TIMESTAMP"])
    await venue.close()
    assert venue.skew_s is not None
    assert abs(venue.skew_s - ahead_s) < D("0.5")
    assert abs(sent_ms - venue_ms()) < 500


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"environment": Environment.TESTNET, "testnet": "staging", "url": None}, "has no staging"),
        ({"environment": Environment.TESTNET}, "sim only"),
        ({"environment": Environment.MAINNET}, "sim only"),
        ({"url": None}, "needs the url"),
        ({"url": "https://127.0.0.1:1"}, "local server"),
        ({"url": "http://api.bybit.com"}, "local server"),
        ({"url": "http://api-testnet.bybit.com:80/"}, "local server"),
        ({"url": "127.0.0.1:8421"}, "local server"),
    ],
)
async def test_an_environment_that_is_not_there_is_refused(
    server: StandIn, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(VenueRefused, match=text):
        await reader(server.url, **changes).open()
    assert server.seen == []


def test_a_venue_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(VenueRefused, match=r"cannot trade at bybitt; it can at .*bybit"):
        profile_of("bybitt", [SYMBOL])
    with pytest.raises(VenueRefused, match="ccxt has no exchange 'bybitt'"):
        profile_of("bybitt")


@pytest.mark.asyncio
async def test_a_closed_venue_says_so() -> None:
    venue = reader("http://127.0.0.1:9")
    await venue.close()
    with pytest.raises(VenueUnavailable, match="not open"):
        venue.instrument(SYMBOL)


RIGHTS = {"ContractTrade": ["Order", "Position"], "Derivatives": [], "Wallet": ["AccountTransfer"]}
WITHDRAWING = RIGHTS | {"Wallet": ["AccountTransfer", "Withdraw"]}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, (None, None, None, None)),
        ({"permissions": RIGHTS, "ips": ["*"]}, (True, False, False, None)),
        ({"permissions": WITHDRAWING, "ips": ["203.0.113.7"]}, (True, True, True, None)),
        ({"permissions": WITHDRAWING, "readOnly": 1}, (False, False, None, None)),
        ({"permissions": RIGHTS | {"ContractTrade": []}}, (False, False, None, None)),
        ({"permissions": {"Wallet": []}}, (None, None, None, None)),
        ({"permissions": "all", "ips": []}, (None, None, None, None)),
        ({"expiredAt": "1970-01-01T00:00:00Z"}, (None, None, None, None)),
        (
            {"expiredAt": "2026-12-22T07:20:25Z"},
            (None, None, None, datetime(2026, 12, 22, 7, 20, 25, tzinfo=UTC)),
        ),
    ],
)
async def test_what_the_key_may_do_is_what_the_venue_tells(
    server: StandIn, row: Json, told: tuple[object, ...]
) -> None:
    server.answer(KEY_INFO, ok(KEY_ROW | row))
    venue = reader(server.url)
    assert venue.access == Access()
    await venue.open()
    access = venue.access
    await venue.close()
    assert access.margin_mode == "cross"
    assert (
        access.may_trade,
        access.may_withdraw,
        access.is_bound,
        access.expires_at,
    ) == told


@pytest.mark.asyncio
async def test_live_execution_is_not_opened_with_a_key_that_only_reads(server: StandIn) -> None:
    server.answer(KEY_INFO, ok(KEY_ROW | {"readOnly": 1}))
    with pytest.raises(VenueRefused, match="the key may only read"):
        await trader(server.url).open()
    venue = reader(server.url)
    await venue.open()
    await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("environment", Environment)
async def test_a_key_that_may_withdraw_is_refused_on_mainnet(environment: Environment) -> None:
    async def access(_: object) -> Access:
        return Access(may_withdraw=True)

    url = "http://127.0.0.1:9" if environment is Environment.SIM else None
    told = replace(profile_of("bybit"), access=access)
    venue = ReadOnlyVenue(spec(url, environment=environment), told, SystemClock())
    venue._connection.connect()
    try:
        if environment is Environment.MAINNET:
            with pytest.raises(VenueRefused, match="the key may withdraw coins"):
                await venue._check_key()
        else:
            await venue._check_key()
    finally:
        await venue.close()
