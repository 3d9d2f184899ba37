"""Replies that are well-formed and cannot be true: none of their figures is believed.

With every one of them a real short near its entry would be bought back, or made many times larger,
by whoever believed it.
"""

from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedged.core.types import Amount, CoinBalance, Kind
from hedged.ports import VenueUnavailable
from hedged.venue import ReadOnlyVenue
from hedged.venue.fields import Row
from hedged.venue.profiles.bybit import BYBIT
from tests.venue.stand_in import (
    POSITIONS,
    WALLET,
    Answer,
    D,
    Json,
    StandIn,
    account,
    coin,
    listed,
    pnl,
    position,
    refused,
    wallet,
)


def held(*rows: Json, kind: str = "inverse") -> Answer:
    """Positions of one kind, and none of the others."""

    async def respond(request: web.Request) -> web.StreamResponse:
        asked = request.query.get("settleCoin") or request.query["category"]
        return web.json_response(listed(*rows) if asked == kind else listed())

    return respond


LINEAR = position("BTCUSDT", side="Buy", size="0.5", unrealisedPnl="500")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "coins",
    [
        (),
        (coin("USDT", "10"),),
        (coin("btc", "5"), coin("USDT", "10")),
    ],
)
async def test_fault_41_a_coin_that_is_left_out_is_not_zero_while_a_position_settles_in_it(
    server: StandIn, venue: ReadOnlyVenue, coins: tuple[Json, ...]
) -> None:
    server.answer(WALLET, wallet(*coins))
    server.answer(POSITIONS, held(position()))
    with pytest.raises(VenueUnavailable, match=r"wallet: it lists no (BTC|coin).*position"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
@pytest.mark.parametrize("asked", [[], ["ETH"]])
async def test_fault_41_an_account_without_coins_has_no_positions(
    server: StandIn, venue: ReadOnlyVenue, asked: list[str]
) -> None:
    server.answer(WALLET, wallet())
    server.answer(POSITIONS, held(LINEAR, kind="USDT"))
    with pytest.raises(VenueUnavailable, match="lists no coin, and there are positions"):
        await venue.account(asked)


@pytest.mark.asyncio
async def test_a_coin_that_is_left_out_is_asked_for_by_its_name(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(WALLET, wallet(coin("USDT", "10")))
    found = (await venue.account(["BTC", "ETH", "BTC"])).balances
    zero = [CoinBalance(Amount(D(0), name), Amount(D(0), name)) for name in ("BTC", "ETH")]
    assert list(found[1:]) == zero
    queries = [seen.query.get("coin") for seen in server.seen if seen.path == WALLET]
    assert queries == [None, "BTC", "ETH"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("named", "text"),
    [
        (account(), "lists no BTC"),
        (account(coin("ETH", "3")), "lists no BTC"),
        (account(coin("btc", "5")), "lists no BTC"),
        (account(coin("BTC", "5")), "left BTC out, and says 5 when asked for it"),
        (account(coin("BTC", "0", equity="")), "equity"),
        (refused(10016, "server error"), "10016"),
    ],
)
async def test_fault_41_what_the_second_answer_does_not_state_is_not_zero(
    server: StandIn, venue: ReadOnlyVenue, named: Json, text: str
) -> None:
    server.answer(WALLET, account(coin("USDT", "10")), named)
    with pytest.raises(VenueUnavailable, match=text):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_a_coin_that_the_venue_does_not_know_has_no_balance(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(WALLET, account(coin("BTC", "5")), refused(10001, "coin CBBTC invalid"))
    balances = (await venue.account(["BTC", "CBBTC"])).balances
    assert [balance.wallet.unit for balance in balances] == ["BTC"]


@pytest.mark.asyncio
async def test_a_coin_that_is_listed_twice(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.answer(WALLET, account(coin("BTC", "5"), coin("BTC", "5")))
    with pytest.raises(VenueUnavailable, match="wallet: BTC is listed twice"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "second", [position(), position(side="Buy"), position(side="", size="0", avgPrice="0")]
)
async def test_a_position_that_is_listed_twice(
    server: StandIn, venue: ReadOnlyVenue, second: Json
) -> None:
    server.answer(POSITIONS, held(position(), second))
    with pytest.raises(VenueUnavailable, match="position BTCUSD: it is listed twice"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_another_kind_of_position_that_is_listed_twice(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(POSITIONS, held(LINEAR, LINEAR, kind="USDT"))
    with pytest.raises(VenueUnavailable, match="position BTCUSDT: it is listed twice"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "row",
    [
        coin("BTC", "50", equity="5"),
        coin("BTC", "5", equity="50"),
        coin("BTC", "50", equity="50.01", unrealisedPnl="0.001"),  # ten times both
        coin("BTC", "5", equity="5.0000002"),
        coin("BTC", "5", spotBorrow="0.1"),
    ],
)
async def test_equity_is_wallet_and_pnl(server: StandIn, venue: ReadOnlyVenue, row: Json) -> None:
    server.answer(WALLET, account(row))
    with pytest.raises(VenueUnavailable, match=r"wallet BTC: equity is .*, wallet and PnL give"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_equity_of_a_coin_that_nobody_asked_for_may_hold_more(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    """Options settle in stablecoins, and their value is in the equity."""
    options = coin("USDC", "100", equity="130")
    server.answer(WALLET, account(coin("BTC", "5.00000001", equity="5"), options))
    await venue.account(["BTC"])


NEAR = [position(avgPrice="65000", markPrice=mark) for mark in ("65005", "64995.00", "61000")]


@pytest.mark.asyncio
@pytest.mark.parametrize("row", NEAR)
@pytest.mark.parametrize(
    "change",
    [
        {"size": "60000"},
        {"size": "6001000"},
        {"side": "Buy"},
        {"avgPrice": "6500"},
        {"markPrice": "650050"},
        {"unrealisedPnl": "0"},
    ],
)
async def test_one_figure_of_a_position_that_the_others_belie(
    server: StandIn, venue: ReadOnlyVenue, row: Json, change: Json
) -> None:
    """A few dollars from the entry are enough to see it."""
    server.answer(POSITIONS, held(row | change))
    with pytest.raises(VenueUnavailable, match="position BTCUSD: unrealisedPnl is"):
        await venue.account(["BTC"])


@given(
    size=st.integers(1, 10**9),
    side=st.sampled_from(["Buy", "Sell"]),
    entry=st.decimals("0.1", "200000", places=8),
    mark=st.decimals("0.1", "200000", places=4),
    digits=st.integers(1, 4),
)
def test_a_true_position_is_never_doubted(
    size: int, side: str, entry: Any, mark: Any, digits: int
) -> None:
    """Whatever its size, and though its prices are printed with few decimals."""
    true = {"side": side, "size": str(size), "avgPrice": str(entry), "markPrice": str(mark)}
    printed = {"avgPrice": str(entry), "markPrice": str(round(mark, digits))}
    if D(printed["markPrice"]) > 0:
        row = position(**(true | printed | {"unrealisedPnl": pnl(true)}))
        leg = BYBIT.leg(Row("position", row), Kind.INVERSE)
        assert leg is not None
        assert leg.quantity == (size if side == "Buy" else -size)


@given(
    factor=st.sampled_from([D(10), D("0.1"), D(2), D(-1), D(100)]),
    away_bps=st.sampled_from([-500, -50, -1, 1, 50, 500]),
    size=st.integers(100, 10**8),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_fuzz_a_size_that_is_wrong_in_one_row(factor: Any, away_bps: int, size: int) -> None:
    mark = D(65000) * (10_000 + away_bps) / 10_000
    row = position(size=str(size), avgPrice="65000.0", markPrice=str(round(mark, 2)))
    if abs(D(row["unrealisedPnl"])) < D("0.000001"):
        return  # below what the venue prints
    row |= {"size": str(abs(size * factor)), "side": "Buy" if factor < 0 else "Sell"}
    with pytest.raises(VenueUnavailable, match="unrealisedPnl"):
        BYBIT.leg(Row("position", row), Kind.INVERSE)


@pytest.mark.asyncio
async def test_after_a_settlement_the_pnl_runs_from_its_price(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    row = position(sessionAvgPrice="61000", markPrice="61000", unrealisedPnl="0")
    server.answer(POSITIONS, held(row))
    (short,) = (await venue.account(["BTC"])).positions
    assert (short.entry, short.origin) == (D(60000), D(61000))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("market_id", "base", "coins"),
    [
        ("1000PEPEUSDT", "PEPE", 3000),
        ("10000SATSUSDT", "SATS", 30000),
        ("SHIB1000USDT", "SHIB", 3000),
        ("1000PEPEPERP", "PEPE", 3000),
        ("1INCHUSDT", "1INCH", 3),
        ("BTCUSDT", "BTC", 3),
    ],
)
async def test_a_contract_of_a_thousand_coins_counts_as_its_coin(
    server: StandIn, venue: ReadOnlyVenue, market_id: str, base: str, coins: int
) -> None:
    row = position(market_id, size="3", avgPrice="2", markPrice="2", liqPrice="4")
    server.answer(POSITIONS, held(row, kind="USDT"))
    (found,) = (await venue.account([])).positions
    assert (found.instrument.base, found.quantity) == (base, Amount(D(-coins), base))
    assert found.entry * coins == 6
    assert found.liquidation_price is not None
    assert found.liquidation_price * coins == 12
    assert found.mark is not None
    assert found.mark * coins == 6
