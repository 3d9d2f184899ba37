"""The statement as a witness: an old wallet is doubted, one that is ahead of it is not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest

from hedged.clock import VirtualClock
from hedged.core.types import Amount, CoinBalance, Flow, FlowKind, MarginAccount, Reason
from hedged.engine.statement import Statement
from hedged.ports import Venue, VenueAuthError, VenueRefused, VenueUnavailable

pytestmark = pytest.mark.asyncio
D = Decimal
START = datetime(2025, 1, 1, tzinfo=UTC)


class Told:
    """A venue with a statement."""

    name = "main"

    def __init__(self, flows: Sequence[Flow] = (), error: Exception | None = None) -> None:
        self._flows, self._error = flows, error
        self.asked = 0

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        self.asked += 1
        if self._error is not None:
            raise self._error
        return tuple(self._flows)


def line(second: int, change: str, balance: str | None, coin: str = "BTC") -> Flow:
    return Flow(
        flow_id=f"{second}{change}{balance}",
        kind=FlowKind.TRANSFER,
        change=Amount(D(change), coin),
        funding=D(0),
        fee=D(0),
        balance=None if balance is None else D(balance),
        at=START + timedelta(seconds=second),
        market="",
        trade_id="",
        detail="",
    )


async def objections(venue: Told, *shown: str) -> list[str]:
    """What is said against wallets that show this, look after look."""
    statement = Statement(cast("Venue", venue), ("BTC",), VirtualClock(START))
    found = []
    for value in shown:
        wallet = CoinBalance(Amount(D(value), "BTC"), None)
        beside = CoinBalance(Amount(D(value), "DOGE"), None)
        account = MarginAccount("main", (wallet, beside), (), D(0))
        gap = await statement.objection(account)
        assert gap is None or gap.reason is Reason.EPOCH_TORN
        found.append("" if gap is None else gap.detail)
    return found


DEPOSITED = (line(1, "5", "5"), line(2, "1", "6"))


async def test_what_was_there_before_is_doubted_until_it_is_gone() -> None:
    venue = Told(DEPOSITED)
    old, again, true = await objections(venue, "5", "5", "6")
    assert old == again
    assert "shows 5 BTC" in old
    assert "ends with 6" in old
    assert (true, venue.asked) == ("", 3)


async def test_a_wallet_that_stays_is_not_asked_about() -> None:
    venue = Told(DEPOSITED)
    assert await objections(venue, "6", "6", "6") == [""] * 3
    assert venue.asked == 1


async def test_the_balance_before_the_first_line_is_old_too() -> None:
    venue = Told([line(2, "1", "6")])
    (said,) = await objections(venue, "5")
    assert "shows 5 BTC" in said


@pytest.mark.parametrize(
    "venue",
    [
        Told(),
        Told([line(1, "5", "5")]),  # it has not come to the deposit yet
        Told([line(1, "5", None), line(2, "1", None)]),
        Told([line(1, "6", "6"), line(1, "1", "7")]),  # of one moment, in the wrong order
        Told([line(1, "6", "6", "ETH"), line(2, "1", "7", "ETH")]),
        Told([line(1, "6", "6.00000001"), line(2, "-6", "0"), line(3, "6", "6.00000001")]),
        Told(error=VenueUnavailable("no answer")),
        Told(error=VenueRefused("its account log is not read")),
        Told(error=VenueAuthError("no right")),
    ],
)
async def test_without_a_contrary_witness_the_wallet_stands(venue: Told) -> None:
    assert await objections(venue, "6") == [""]


class Growing(Told):
    """A venue whose statement tells no balances; at each look it may have grown."""

    def __init__(self, *grown: Sequence[Flow]) -> None:
        super().__init__()
        self._grown = list(grown)

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        self._flows = [*self._flows, *(self._grown.pop(0) if self._grown else ())]
        return tuple(line for line in await super().flows(since) if line.at >= since)


CAME, WENT, FEE = line(1, "1", None), line(3, "-1", None), line(2, "-0.25", None)


async def test_balances_that_are_not_told_are_reckoned_from_the_first_look() -> None:
    venue = Growing((), (CAME, FEE))
    first, true, *old, back = await objections(venue, "5", "5.75", "5", "5", "6", "5.75")
    assert (first, true, back) == ("", "", "")
    assert len(set(old[:2])) == 1
    assert "shows 5 BTC" in old[0]
    assert "ends with 5.75" in old[0]
    assert "shows 6 BTC" in old[2]  # as it was between the two


async def test_a_statement_that_comes_late_or_lacks_lines_is_no_witness() -> None:
    # The deposit is listed only after the next one: the wallet is ahead, and then explained.
    late = Growing((), (), (CAME, line(4, "1", None)))
    assert (await objections(late, "5", "6", "7", "6"))[:3] == [""] * 3
    # One is never listed: what went afterwards brings a figure back, and that is right.
    lacking = Growing((), (), (WENT,))
    assert await objections(lacking, "5", "6", "5") == [""] * 3
    # Off by the same once more: from then on it is a witness again.
    again = Growing((), (), (WENT,), (line(4, "2", None),))
    *before, old = await objections(again, "5", "6", "5", "7", "5")
    assert before == [""] * 4
    assert "shows 5 BTC" in old


async def test_lines_of_long_ago_count_without_being_told_again() -> None:
    clock = VirtualClock(START + timedelta(seconds=10))
    venue = Growing((), (CAME,), (line(8000, "1", None),))
    statement = Statement(cast("Venue", venue), ("BTC",), clock)

    async def said(value: str) -> bool:
        account = MarginAccount("main", (CoinBalance(Amount(D(value), "BTC"), None),), (), D(0))
        return await statement.objection(account) is not None

    assert [await said("5"), await said("6")] == [False, False]
    await clock.advance(8000)
    assert [await said("7"), await said("6"), await said("7")] == [False, True, False]


async def test_a_statement_without_balances_is_asked_for_at_each_change() -> None:
    venue = Told([line(1, "5", None)])
    assert await objections(venue, "5", "5", "7") == [""] * 3
    assert venue.asked == 2
