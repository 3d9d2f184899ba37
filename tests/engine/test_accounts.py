"""Several accounts of one owner: nothing counts twice, and nothing is lost on its way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from hedged.core.types import Amount, Environment, Holding, MarginAccount, Reason, Transfer
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observation, Observer
from hedged.ports import VenueRefused
from hedged.sources import Place
from tests.engine.fake import FakeVenue, btc

D = Decimal
SPOT = ("main", "main:funding", "main:earn")


@dataclass
class Counting(FakeVenue):
    """Writes down the reads of accounts; at one of them a coin moves to the trading account."""

    reads: list[str] = field(default_factory=list)
    moves_at: int | None = None

    def _step(self, account: str) -> None:
        if len(self.reads) == self.moves_at:
            self.wallet += 1
            self.elsewhere["funding"]["BTC"] -= 1
        self.reads.append(account)

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        self._step("trading")
        return await super().account(coins)

    async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
        self._step(account)
        return await super().holdings(account, coins)


def observer(venue: FakeVenue) -> Observer:
    return Observer((btc(SPOT),), {"main": venue}, {}, venue.clock)


def coins(seen: Observation) -> Decimal:
    held = sum((h.quantity.value for h in seen.holdings), D(0))
    return held + sum(b.wallet.value for a in seen.accounts for b in a.balances)


@pytest.mark.asyncio
async def test_the_coins_of_all_accounts_are_hedged() -> None:
    venue = FakeVenue(wallet=D(2), elsewhere={"funding": {"BTC": D(1)}, "earn": {"BTC": D("0.5")}})
    book = Hedger(Book("core", Environment.SIM, (btc(SPOT),)), observer(venue), venue.clock)
    (asset,) = (await book.run_cycle()).assets
    assert asset.standing is not None
    assert asset.standing.exposure.coins == Amount(D("3.5"), "BTC")


@pytest.mark.asyncio
async def test_the_others_are_asked_anew_before_they_are_too_old_and_not_sooner() -> None:
    venue = Counting(elsewhere={"funding": {"BTC": D(1)}})
    looks = observer(venue)
    await looks.observe()
    asked = []
    for _ in range(4):
        await venue.clock.advance(10)
        venue.reads.clear()
        seen = await looks.observe()
        assert (coins(seen), seen.missing) == (D(6), ())
        assert seen.age_s is not None
        assert seen.age_s < 24
        asked.append(sorted(venue.reads))
    everything = ["earn", "funding", "trading"]
    assert asked == [["trading"], ["trading"], everything, ["trading"]]


@pytest.mark.asyncio
async def test_fault_22_a_move_between_accounts_never_counts_twice_or_not_at_all() -> None:
    """Each read of an account may come before or after the move."""

    for moves_at in range(6, 18):
        venue = Counting(elsewhere={"funding": {"BTC": D(1)}}, moves_at=moves_at)
        looks = observer(venue)
        believed = []
        for _ in range(5):
            seen = await looks.observe()
            if not seen.missing:
                believed.append(coins(seen))
            else:
                assert {gap.reason for gap in seen.missing} == {Reason.EPOCH_TORN}
            await venue.clock.advance(10)
        assert set(believed) == {D(6)}
        assert len(believed) >= 4


@pytest.mark.asyncio
async def test_fault_44_what_left_one_account_counts_until_it_reaches_the_other() -> None:
    venue = FakeVenue(elsewhere={"funding": {"BTC": D(0)}})
    book = Hedger(Book("core", Environment.SIM, (btc(SPOT),)), observer(venue), venue.clock)

    async def hedged() -> Decimal:
        (asset,) = (await book.run_cycle()).assets
        assert asset.standing is not None, asset.why
        await venue.clock.advance(10)
        return asset.standing.exposure.coins.value

    assert await hedged() == 5
    venue.wallet -= 2
    started = venue.clock.now() - timedelta(seconds=5)
    moving = Transfer("t1", Amount(D(2), "BTC"), "main", "main:funding", started)
    venue.moves.append(moving)
    assert [await hedged() for _ in range(5)] == [5] * 5
    venue.elsewhere["funding"]["BTC"] += 2
    venue.moves[:] = [
        Transfer("t1", Amount(D(2), "BTC"), "main", "main:funding", started, arrived=True)
    ]
    assert [await hedged() for _ in range(5)] == [5] * 5


@pytest.mark.asyncio
@pytest.mark.parametrize("came", [False, True])
async def test_fault_44_what_leaves_or_reaches_a_kept_account_counts_once(*, came: bool) -> None:
    """A figure that is believed for a while is read anew when the venue's lists say otherwise."""
    venue = FakeVenue(wallet=D(2), elsewhere={"funding": {"BTC": D(3)}})
    places = {"bc1q": Place("main:earn"), "1ours": Place("main:funding")}
    seeing = Observer((btc(SPOT),), {"main": venue}, {}, venue.clock, places)

    async def shown() -> Decimal:
        seen = await seeing.observe()
        assert not seen.missing
        await venue.clock.advance(10)
        return coins(seen) + sum(t.quantity.value for t in seen.transfers if not t.arrived)

    assert [await shown() for _ in range(5)] == [5] * 5
    started = venue.clock.now()
    address = "1ours" if came else "bc1q"
    venue.sent.append(
        Transfer("t1", Amount(D(2), "BTC"), "main:funding", address, started, tx_id="tx1")
    )
    venue.elsewhere["funding"]["BTC"] -= 2
    assert [await shown() for _ in range(12)] == [5] * 12
    if came:
        venue.elsewhere["funding"]["BTC"] += 2
        venue.came = frozenset({"tx1"})
        assert [await shown() for _ in range(5)] == [5] * 5


@pytest.mark.asyncio
async def test_fault_44_what_comes_back_to_where_it_left_from_counts_once() -> None:
    """A withdrawal that is cancelled: the coins are there again, and on their way no more."""
    venue = FakeVenue(wallet=D(5))
    seeing = Observer((btc(),), {"main": venue}, {}, venue.clock, {"bc1q": Place("main")})

    async def shown() -> Decimal:
        seen = await seeing.observe()
        await venue.clock.advance(10)
        return coins(seen) + sum(t.quantity.value for t in seen.transfers if not t.arrived)

    assert await shown() == 5
    at = venue.clock.now()
    venue.sent.append(Transfer("t1", Amount(D(2), "BTC"), "main", "bc1q", at, tx_id="tx1"))
    venue.wallet -= 2
    assert [await shown() for _ in range(8)] == [5] * 8
    venue.sent.clear()
    venue.wallet += 2
    assert [await shown() for _ in range(8)] == [5] * 8


@pytest.mark.asyncio
async def test_an_account_that_cannot_be_read_is_missing_and_not_empty() -> None:
    class Shut(FakeVenue):
        async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
            if account == "earn":
                raise VenueRefused("the key may not read earn")
            return await super().holdings(account, coins)

    for _ in range(2):
        seen = await observer(Shut()).observe()
        (gap,) = seen.missing
        assert (gap.source, gap.reason) == ("main:earn", Reason.SOURCE_MISSING)
        assert "may not read earn" in gap.detail
        assert len(seen.accounts) == 1
