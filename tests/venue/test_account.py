"""Balances and positions: units, signs, completeness, and what makes a read fail."""

import asyncio
from collections import Counter
from typing import Any

import pytest
import stamina
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from hedged.clock import VirtualClock
from hedged.core.types import USD, Amount, CoinBalance, Margin
from hedged.ports import VenueRefused, VenueUnavailable
from hedged.venue import ReadOnlyVenue
from hedged.venue.fields import Row
from hedged.venue.profiles.bybit import BYBIT
from tests.venue.stand_in import (
    POSITIONS,
    SYMBOL,
    WALLET,
    Answer,
    D,
    Json,
    StandIn,
    coin,
    listed,
    ok,
    page,
    position,
    refused,
    torn,
    wallet,
)
from tests.venue.stand_in import account as account_of


def positions(**by_kind: Json) -> Answer:
    """Answers each kind of the position list: inverse, USDT, USDC, option."""

    async def respond(request: web.Request) -> web.StreamResponse:
        query = request.query
        kind = query.get("settleCoin") or query["category"]
        return web.json_response(by_kind.get(kind, listed()))

    return respond


@pytest.mark.asyncio
async def test_the_margin_of_the_whole_account_and_none_where_it_is_not_told(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    told = account_of(coin("BTC", "1.5"))
    told["result"]["list"][0] |= {
        "totalMarginBalance": "90250.5",
        "totalMaintenanceMargin": "1200.25",
    }
    server.answer(WALLET, told)
    assert (await venue.account(["BTC"])).margin == Margin(D("90250.5"), D("1200.25"))
    told["result"]["list"][0]["totalMarginBalance"] = ""
    assert (await venue.account(["BTC"])).margin is None


@pytest.mark.asyncio
async def test_a_short_is_negative_usd_and_the_wallet_excludes_pnl(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(
        WALLET, wallet(coin("BTC", "1.5", equity="1.49836066", unrealisedPnl="-0.00163934"))
    )
    server.answer(POSITIONS, positions(inverse=listed(position())))
    account = await venue.account(["BTC"])
    assert account.venue == "main"
    assert account.balances == (
        CoinBalance(Amount(D("1.5"), "BTC"), Amount(D("1.49836066"), "BTC")),
    )
    (short,) = account.positions
    assert short.quantity == Amount(D(-6000), USD)
    assert short.entry == D(60000)
    assert short.unrealised_pnl == D("-0.00163934")
    assert short.liquidation_price is None
    assert short.instrument == venue.instrument(SYMBOL)


@pytest.mark.asyncio
async def test_a_long_is_positive_and_flat_rows_are_no_position(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    flat = position("ETHUSD", side="", size="0", avgPrice="0", liqPrice="")
    long = position(side="Buy", size="250", liqPrice="30000.5")
    server.answer(POSITIONS, positions(inverse=listed(long, flat)))
    (held,) = (await venue.account([])).positions
    assert held.quantity == Amount(D(250), USD)
    assert held.liquidation_price == D("30000.5")


@pytest.mark.asyncio
async def test_coins_that_the_venue_leaves_out_are_zero_only_if_asked_for(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(WALLET, wallet(coin("USDT", "10")))
    account = await venue.account(["BTC", "ETH", "BTC"])
    assert [(b.wallet.unit, b.wallet.value) for b in account.balances] == [
        ("USDT", D(10)),
        ("BTC", D(0)),
        ("ETH", D(0)),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (coin("BTC", "-0.25"), "-0.25"),  # losses of derivatives stand in the balance
        (coin("BTC", "0", spotBorrow="0.06142", equity="-0.06142"), "-0.06142"),
        (coin("BTC", "1200", spotBorrow="200", equity="1000"), "1000"),
        # An older form, already net.
        ({"coin": "BTC", "walletBalance": "3", "equity": "3", "unrealisedPnl": "0"}, "3"),
    ],
)
async def test_borrowed_coins_are_negative(
    server: StandIn, venue: ReadOnlyVenue, row: Json, expected: str
) -> None:
    server.answer(WALLET, wallet(row))
    (balance,) = (await venue.account(["BTC"])).balances
    assert balance.wallet == Amount(D(expected), "BTC")


@pytest.mark.asyncio
async def test_every_kind_of_position_on_the_coin_appears(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    await clock.advance(60)
    server.answer(
        POSITIONS,
        positions(
            inverse=listed(position("BTCUSDH26", size="10")),
            USDT=listed(position("BTCUSDT", side="Buy", size="0.5")),
            USDC=listed(position("BTCPERP", size="0.25"), position("ETH-26DEC25", size="1")),
            option=listed(position("SOL-26DEC25-90-C-USDT", side="Buy", size="3")),
        ),
    )
    found = {
        p.instrument.symbol: (p.instrument.base, p.instrument.settle, p.quantity)
        for p in (await venue.account([])).positions
    }
    assert found == {
        "BTCUSDH26": ("BTC", "BTC", Amount(D(-10), USD)),
        "BTCUSDT": ("BTC", "USDT", Amount(D("0.5"), "BTC")),
        "BTCPERP": ("BTC", "USDC", Amount(D("-0.25"), "BTC")),
        "ETH-26DEC25": ("ETH", "USDC", Amount(D(-1), "ETH")),
        "SOL-26DEC25-90-C-USDT": ("SOL", "USDT", Amount(D(3), "SOL")),
    }


@pytest.mark.asyncio
async def test_a_kind_that_cannot_hedge_is_asked_for_once_a_minute_while_there_is_none(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    """So a position opened there by hand counts a minute later at the latest."""

    def asked() -> Counter[str]:
        queries = [seen.query for seen in server.seen if seen.path == POSITIONS]
        server.seen.clear()
        return Counter(query.get("settleCoin") or query["category"] for query in queries)

    every, rare = ["inverse", "USDT"], ["USDC", "option"]
    for _ in range(2):
        await venue.account([])
        assert asked() == Counter(every)
        await clock.advance(29.9)
    await clock.advance(0.2)
    server.answer(POSITIONS, positions(USDC=listed(position("BTCPERP", size="0.25"))))
    (held,) = (await venue.account([])).positions
    assert held.instrument.symbol == "BTCPERP"
    assert asked() == Counter(every + rare)
    await venue.account([])  # what is held there is watched as closely as the rest
    assert asked() == Counter([*every, "USDC"])
    server.answer(POSITIONS, positions())
    assert (await venue.account([])).positions == ()
    assert asked() == Counter([*every, "USDC"])
    await venue.account([])
    assert asked() == Counter(every)


@pytest.mark.asyncio
async def test_what_could_not_be_read_is_not_taken_for_empty(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    await clock.advance(60)
    server.answer(POSITIONS, positions(USDC=listed(position("BTCPERP", size="?"))))
    for _ in range(2):
        with pytest.raises(VenueUnavailable, match="position BTCPERP: size"):
            await venue.account([])


@pytest.mark.asyncio
async def test_all_pages_are_read(server: StandIn, venue: ReadOnlyVenue) -> None:
    symbols = [[f"X{n}USD" for n in range(start, start + 2)] for start in (0, 2, 4)]

    async def respond(request: web.Request) -> web.StreamResponse:
        if request.query["category"] != "inverse":
            return web.json_response(listed())
        number = int(request.query.get("cursor", "0"))
        rows = [position(symbol) for symbol in symbols[number]]
        return web.json_response(listed(*rows, cursor=str(number + 1) if number < 2 else ""))

    server.answer(POSITIONS, respond)
    account = await venue.account([])
    assert [p.instrument.symbol for p in account.positions] == [
        symbol for of_page in symbols for symbol in of_page
    ]


@pytest.mark.asyncio
async def test_pages_without_end_are_an_error(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.answer(POSITIONS, listed(position(), cursor="same"))
    with pytest.raises(VenueUnavailable, match="a page of one moment, after which nothing"):
        await venue.account([])


@pytest.mark.asyncio
async def test_hedge_mode_is_refused_with_the_way_out(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(POSITIONS, positions(inverse=listed(position(positionIdx=2))))
    with pytest.raises(VenueRefused, match=r"BTC/USD:BTC is in hedge mode.*One-Way Mode"):
        await venue.account([])


@pytest.mark.asyncio
async def test_a_hedge_mode_elsewhere_is_reported_leg_by_leg(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    legs = [
        position("BTCUSDT", side="Buy", size="2", positionIdx=1),
        position("BTCUSDT", side="Sell", size="3", positionIdx=2),
    ]
    server.answer(POSITIONS, positions(USDT=listed(*legs)))
    account = await venue.account([])
    assert [p.quantity.value for p in account.positions] == [D(2), D(-3)]


BAD_ROWS: list[tuple[Json, str]] = [
    (position(size="NaN"), "position BTCUSD: size"),
    (position(size="Infinity"), "size"),
    (position(size=""), "size"),
    (position(size="-1"), "size"),
    (position(size="1_000"), "size"),
    (position(size=True), "size"),
    (position(size=None), "size"),
    (position(side=""), "side"),
    (position(side="Short"), "side"),
    (position(avgPrice="0"), "avgPrice"),
    (position(avgPrice=""), "avgPrice"),
    (position(symbol=""), "symbol"),
    (position(unrealisedPnl="x"), "unrealisedPnl"),
    (position(unrealisedPnl=""), "unrealisedPnl"),
    (position(markPrice="", unrealisedPnl="0"), "markPrice"),
    (position(liqPrice="-5"), "liqPrice"),
    (position(positionIdx=""), "positionIdx"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("row", "field"), BAD_ROWS)
async def test_an_odd_position_fails_the_read_naming_the_field(
    server: StandIn, venue: ReadOnlyVenue, row: Json, field: str
) -> None:
    server.answer(POSITIONS, positions(inverse=listed(row)))
    with pytest.raises(VenueUnavailable, match=field):
        await venue.account(["BTC"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (ok({"list": []}), "lists no account"),
        (ok({}), "no list result.list"),
        (ok({"list": {}}), "no list result.list"),
        (ok({"list": [1]}), "no list result.list"),
        (ok([]), "no list result.list"),
        (ok(None), "no list result.list"),
        (ok({"list": [{"accountType": "UNIFIED"}]}), "no list coin"),
        (account_of({"walletBalance": "1"}), "coin is missing"),
        (account_of(coin("BTC", "", equity="1")), "wallet BTC: walletBalance"),
        (account_of(coin("BTC", "nan", equity="1")), "wallet BTC: walletBalance"),
        (account_of(coin("BTC", "1", equity="?")), "wallet BTC: equity"),
        (account_of(coin("BTC", "1", equity="")), "wallet BTC: equity is '', not a number"),
        (account_of(coin("BTC", "1", equity=None)), "wallet BTC: equity is None"),
        (account_of(coin("BTC", "1", unrealisedPnl="")), "wallet BTC: unrealisedPnl"),
        # Without a position as well: later there is one, and nothing to hold it against.
        (account_of({"coin": "BTC", "walletBalance": "1"}), "wallet BTC: equity is missing"),
        (refused(10016, "server error"), "10016 server error"),
    ],
)
async def test_an_odd_wallet_fails_the_read(
    server: StandIn, venue: ReadOnlyVenue, reply: Json, text: str
) -> None:
    server.answer(WALLET, reply)
    with pytest.raises(VenueUnavailable, match=text):
        await venue.account(["BTC"])


@pytest.mark.asyncio
@pytest.mark.parametrize("path", [WALLET, POSITIONS])
@pytest.mark.parametrize(
    "reply",
    [
        page("<html>maintenance</html>", kind="text/html"),
        page("<html>maintenance</html>"),
        page('{"retCode":0,"result":{"list":['),
        page(""),
        page("[]"),
        page("{}"),
        page("null"),
        page("42"),
        page('"text"'),
        page('{"retCode":0,"result":{"list":[]}', kind="text/plain"),
        torn,
    ],
)
async def test_fault_42_what_is_not_the_venues_json_is_never_flat(
    server: StandIn, venue: ReadOnlyVenue, path: str, reply: Answer
) -> None:
    server.answer(path, reply)
    with stamina.set_testing(True, attempts=1), pytest.raises(VenueUnavailable):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_all_parts_are_read_at_once(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    """None of the requests is answered before the last has arrived."""
    await clock.advance(60)
    parts = 1 + len(BYBIT.positions)
    arrived = asyncio.Barrier(parts)

    def together(reply: Json) -> Answer:
        async def respond(_: web.Request) -> web.StreamResponse:
            await arrived.wait()
            return web.json_response(reply)

        return respond

    server.answer(WALLET, together(account_of(coin("BTC", "1"))))
    server.answer(POSITIONS, together(listed()))
    account = await venue.account(["BTC"])
    assert account.balances[0].wallet.value == 1


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9)).map(str)


@given(text=NUMBERS)
def test_numbers_arrive_exactly_as_sent(text: str) -> None:
    assert Row("row", {"n": text}).number("n") == D(text)


@given(
    value=st.one_of(
        st.none(), st.booleans(), st.lists(st.integers()), st.text(), st.floats(), st.just({})
    )
)
def test_whatever_a_field_holds_it_is_a_number_or_a_named_complaint(value: Any) -> None:
    try:
        found = Row("row", {"n": value}).number("n")
    except VenueUnavailable as error:
        assert str(error).startswith("row: n is ")  # noqa: PT017 - both ends are right
    else:
        assert found.is_finite()
