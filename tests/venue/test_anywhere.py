"""Coins at any exchange of ccxt: read through its own class, and nothing else leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from hedged.clock import SystemClock
from hedged.config.exchanges import TRADED, listed
from hedged.core.types import Environment
from hedged.ports import VenueRefused, VenueUnavailable
from hedged.venue import ReadOnlyVenue, VenueSpec, WriteRefused, profile_of
from hedged.venue.profiles import PROFILES
from tests.contract.payloads.replay import Replay, replaying

D = Decimal
PAIR = {
    "altname": "XBTUSD", "wsname": "XBT/USD", "aclass_base": "currency", "base": "XXBT",
    "aclass_quote": "currency", "quote": "ZUSD", "lot": "unit", "cost_decimals": 5,
    "pair_decimals": 1, "lot_decimals": 8, "lot_multiplier": 1, "leverage_buy": [],
    "leverage_sell": [], "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]], "fee_volume_currency":
    "ZUSD", "margin_call": 80, "margin_stop": 40, "ordermin": "0.00005", "costmin": "0.5",
    "tick_size": "0.1", "status": "online",
}  # fmt: skip
ETHER = PAIR | {"altname": "ETHUSD", "wsname": "ETH/USD", "base": "XETH"}


def kraken(**coins: tuple[str, str]) -> dict[str, Any]:
    """Its extended balance: what there is, and what orders hold of it."""
    told = {name: {"balance": there, "hold_trade": held} for name, (there, held) in coins.items()}
    return {"error": [], "result": told}


def spec_at(url: str, exchange: str = "kraken") -> VenueSpec:
    return VenueSpec("cold", exchange, Environment.SIM, "key", "c2VjcmV0", url=url)


def listings(replay: Replay) -> None:
    """What it lists, and its clock."""
    pairs = {"XXBTZUSD": PAIR, "XETHZUSD": ETHER}
    replay.answer("GET", "/0/public/AssetPairs", {"error": [], "result": pairs})
    replay.answer(
        "GET", "/0/public/Assets",
        {"error": [], "result": {"XXBT": {"aclass": "currency", "altname": "XBT", "decimals": 10,
                                          "display_decimals": 5, "status": "enabled"}}},
    )  # fmt: skip


@asynccontextmanager
async def opened(replay: Replay, **coins: tuple[str, str]) -> AsyncIterator[ReadOnlyVenue]:
    listings(replay)
    replay.answer("POST", "/0/private/BalanceEx", kraken(**coins))
    venue = ReadOnlyVenue(spec_at(replay.url), profile_of("kraken"), SystemClock())
    await venue.open()
    try:
        yield venue
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_balances_count_with_what_orders_hold() -> None:
    async with replaying() as replay, opened(replay, XXBT=("1.2435", "0.8423")) as venue:
        account = await venue.account(["BTC", "ETH"])
        # hold_trade is part of the balance; of ETH there is none, as two answers say
        held = {balance.wallet.unit: balance.wallet.value for balance in account.balances}
        assert held == {"BTC": D("1.2435"), "ETH": D(0)}
        assert all(balance.equity == balance.wallet for balance in account.balances)
        assert account.positions == ()


@pytest.mark.asyncio
async def test_what_earns_is_an_account_of_its_own() -> None:
    coins = {"XXBT": ("1", "0"), "XBT.F": ("0.5", "0"), "ETH2.S": ("3", "0"), "XETH": ("2", "0")}
    async with replaying() as replay, opened(replay, **coins) as venue:
        trading = {b.wallet.unit: b.wallet.value for b in (await venue.account(["BTC"])).balances}
        assert (trading["BTC"], trading["ETH"]) == (D(1), D(2))
        earning = await venue.holdings("earn", ["BTC", "ETH"])
        assert {(h.source, h.quantity.unit): h.quantity.value for h in earning} == {
            ("cold:earn", "BTC"): D("0.5"),
            ("cold:earn", "ETH"): D(3),
        }
        with pytest.raises(VenueRefused, match="kraken has no funding account here that hedged"):
            await venue.holdings("funding", ["BTC"])


@pytest.mark.asyncio
async def test_a_reply_that_is_no_answer_is_not_zero() -> None:
    async with replaying() as replay, opened(replay, XXBT=("1", "0")) as venue:
        replay.answer("POST", "/0/private/BalanceEx", {"error": ["EService:Unavailable"]})
        with pytest.raises(VenueUnavailable):
            await venue.account(["BTC"])
        replay.answer("POST", "/0/private/BalanceEx", kraken(XXBT=("", "0")))
        with pytest.raises(VenueUnavailable):
            await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_nothing_else_leaves() -> None:
    async with replaying() as replay, opened(replay, XXBT=("1", "0")) as venue:
        client = venue._connection.client
        replay.seen.clear()
        for call in (
            client.create_order("BTC/USD", "limit", "buy", "1", "1"),
            client.privatePostWithdraw({}),
            client.privatePostAddOrder({}),
            client.fetch_open_orders("BTC/USD"),
        ):
            with pytest.raises(WriteRefused, match="only balances are read at kraken"):
                await call
        with pytest.raises(WriteRefused):  # nor past ccxt
            await client.session.post(f"{replay.url}/0/private/AddOrder")
        assert replay.seen == []


def test_a_contract_cannot_be_hedged_there() -> None:
    with pytest.raises(VenueRefused, match="hedged cannot trade at kraken; it can at binance"):
        profile_of("kraken", ["BTC/USD:BTC"])


@pytest.mark.parametrize(
    ("exchange", "why"),
    [
        ("nowhere", "ccxt has no exchange"),
        ("hyperliquid", "a key of Hyperliquid takes"),
    ],
)
def test_what_cannot_be_read_is_one_line(exchange: str, why: str) -> None:
    with pytest.raises(VenueRefused, match=why):
        profile_of(exchange)


@pytest.mark.asyncio
async def test_a_test_environment_is_never_the_live_host() -> None:
    spec = VenueSpec("cold", "kraken", Environment.TESTNET, "key", "c2VjcmV0")
    venue = ReadOnlyVenue(spec, profile_of("kraken"), SystemClock())
    with pytest.raises(VenueRefused, match="kraken has no test environment; these have one: "):
        await venue.open()


READ = {"coinbase", "kraken", "bitstamp", "bitfinex", "kucoin", "gemini", "okcoin", "cryptocom"}


@pytest.mark.parametrize("exchange", sorted((READ & set(listed())) - set(TRADED)))
def test_exchanges_that_people_keep_coins_at(exchange: str) -> None:
    profile = profile_of(exchange)
    assert profile.is_coins_only
    assert profile.environments["mainnet"].hosts
    assert not profile.write_routes


def test_the_names_are_those_of_ccxt() -> None:
    assert set(PROFILES) == set(TRADED)
    assert {"kraken", "coinbase", "bitstamp"} <= set(listed())
    assert not {"base", "abstract", "__init__"} & set(listed())
