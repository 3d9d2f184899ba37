"""What could not be read is missing, never zero."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from hedged.core.types import (
    USD,
    Amount,
    CoinBalance,
    MarginAccount,
    Position,
    Quote,
    Reason,
)
from hedged.engine.observer import Observer
from hedged.ports import VenueAuthError, VenueRefused, VenueUnavailable
from hedged.sources import StatedSource
from tests.engine.fake import PERP, FakeVenue, btc, nothing, virtual

pytestmark = pytest.mark.asyncio


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def observer(venue: FakeVenue) -> Observer:
    cold = StatedSource("cold", "BTC", Decimal(2))
    return Observer((btc(("cold", "main")),), {"main": venue}, {"cold": cold}, virtual())


async def test_everything_is_read() -> None:
    seen = await observer(FakeVenue()).observe()
    assert [a.venue for a in seen.accounts] == ["main"]
    assert [h.quantity.value for h in seen.holdings] == [2]
    assert [q.mark for q in seen.quotes] == [65000]
    assert seen.missing == ()


@pytest.mark.parametrize("kind", [VenueUnavailable, VenueAuthError, VenueRefused])
async def test_a_read_that_fails_is_missing_and_says_why(kind: type[Exception]) -> None:
    venue = FakeVenue()
    eyes = observer(venue)
    await eyes.observe()
    venue.before_read = raising(kind("no answer within 8 s"))
    seen = await eyes.observe()
    assert (seen.accounts, seen.quotes) == ((), ())
    assert {gap.what for gap in seen.missing} == {"account", "quote BTC/USD:BTC"}
    assert all("no answer within 8 s" in gap.detail for gap in seen.missing)


async def test_a_venue_that_is_down_at_the_start_is_opened_later() -> None:
    venue = FakeVenue(before_read=raising(VenueUnavailable("connection refused")))
    eyes = observer(venue)
    assert [gap.what for gap in (await eyes.observe()).missing] == ["markets"]
    venue.before_read = lambda: None
    assert (await eyes.observe()).missing == ()
    await eyes.observe()
    assert venue.opened == 1


async def test_a_bug_in_a_venue_is_not_an_outage() -> None:
    with pytest.raises(ZeroDivisionError):
        await observer(FakeVenue(before_read=raising(ZeroDivisionError()))).observe()


async def test_a_vanished_balance_is_believed_only_when_the_next_read_agrees() -> None:
    venue = FakeVenue()
    eyes = observer(venue)
    await eyes.observe()
    venue.wallet = Decimal(0)
    (gap,) = (await eyes.observe()).missing
    assert (gap.reason, gap.what) == (Reason.SANITY_JUMP, "account")
    assert "BTC balance vanished" in gap.detail
    assert (await eyes.observe()).missing == ()


async def test_a_vanished_position_that_comes_back_was_never_believed() -> None:
    venue = FakeVenue(q=Decimal(-325000))
    eyes = observer(venue)
    await eyes.observe()
    venue.q = Decimal(0)
    assert "BTC/USD:BTC position vanished" in (await eyes.observe()).missing[0].detail
    venue.q = Decimal(-325000)
    assert (await eyes.observe()).missing == ()


class Mixed(FakeVenue):
    """Beside the hedged coin and its hedge it holds what no hedge is about."""

    others = Decimal(7)

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        seen = await super().account(coins)
        dust = CoinBalance(Amount(self.others, "USDT"), None)
        doge = replace(PERP, symbol="DOGE/USD:DOGE", base="DOGE", settle="DOGE")
        stray = Position(doge, Amount(self.others, USD), Decimal(1))
        return replace(seen, balances=(*seen.balances, dust), positions=(*seen.positions, stray))


async def test_what_no_hedge_is_about_may_vanish() -> None:
    venue = Mixed(q=Decimal(-325000))
    eyes = observer(venue)
    await eyes.observe()
    venue.others = Decimal(0)
    assert (await eyes.observe()).missing == ()
    venue.wallet = venue.q = Decimal(0)
    (gap,) = (await eyes.observe()).missing
    assert gap.detail.startswith("BTC balance, BTC/USD:BTC position vanished")


async def test_a_complaint_says_what_it_is_about_once() -> None:
    venue = FakeVenue(before_read=raising(VenueUnavailable("markets: the venue lists none")))
    eyes = observer(venue)
    assert [g.detail for g in (await eyes.observe()).missing] == ["the venue lists none"]
    venue.before_read = nothing
    await eyes.observe()
    venue.before_read = raising(VenueUnavailable("quote BTC/USD:BTC: 0 prices of it"))
    by_what = {gap.what: gap.detail for gap in (await eyes.observe()).missing}
    assert by_what == {
        "account": "quote BTC/USD:BTC: 0 prices of it",
        "quote BTC/USD:BTC": "0 prices of it",
    }


async def test_the_time_that_opening_takes_makes_no_value_older() -> None:
    clock = virtual()

    class Far(FakeVenue):
        async def open(self) -> None:
            await clock.advance(45)

    seen = await Observer((btc(),), {"main": Far()}, {}, clock).observe()
    assert seen.age_s == 0


async def test_values_are_as_old_as_the_start_of_their_read() -> None:
    clock = virtual()
    venue = FakeVenue()
    eyes = Observer((btc(),), {"main": venue}, {}, clock)
    await eyes.observe()

    class Slow(FakeVenue):
        async def quote(self, symbol: str) -> Quote:
            await clock.advance(4)
            return await super().quote(symbol)

    seen = await Observer((btc(),), {"main": Slow()}, {}, clock).observe()
    assert seen.age_s == 4
    assert {a.age_s for a in seen.accounts} == {4}
