"""Rates that the owner leaves to be observed."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from hedged.core.types import USD, Alias, Cross, Environment, Rate, Reason
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.rates import Rates
from hedged.ports import VenueUnavailable
from tests.engine.fake import FakeVenue, btc

D = Decimal
WRAPPED = replace(btc(("main",)), aliases=(Alias("WBTC", None), Alias("CBBTC", D(1))))


@pytest.mark.asyncio
async def test_an_alias_is_worth_its_price_over_the_assets() -> None:
    venue = FakeVenue(worth={"BTC": D(65_000), "WBTC": D(64_350)})
    (rate,) = (await Observer((WRAPPED,), {"main": venue}, {}, venue.clock).observe()).rates
    assert (rate.coin, rate.into, rate.value) == ("WBTC", "BTC", D("0.99"))


@pytest.mark.asyncio
async def test_a_carried_asset_has_a_price_and_a_plain_hedge_asks_for_none() -> None:
    venue = FakeVenue(worth={"DOGE": D("0.2")})
    carried = replace(btc(("main:funding",)), asset="DOGE", legs=(), cross=Cross("BTC", D(1)))
    (rate,) = await Rates((btc(), carried), {"main": venue}).read({"main"})
    assert (rate.coin, rate.into, rate.value) == ("DOGE", USD, D("0.2"))


@pytest.mark.asyncio
async def test_a_price_that_cannot_be_read_is_not_known_and_the_rest_is() -> None:
    class Silent(FakeVenue):
        async def prices(self, coins: Sequence[str]) -> tuple[Rate, ...]:
            raise VenueUnavailable("WBTCUSDT has no two sides")

    venue = Silent()
    looks = Observer((WRAPPED,), {"main": venue}, {}, venue.clock)
    seen = await looks.observe()
    assert (seen.rates, seen.missing, len(seen.quotes)) == ((), (), 1)
    book = Hedger(Book("core", Environment.SIM, (WRAPPED,)), looks, venue.clock)
    (asset,) = (await book.run_cycle()).assets
    assert (asset.reason, asset.orders) == (Reason.SOURCE_MISSING, ())
    assert "the rate of WBTC in BTC is not known" in asset.why
