"""One read that is wrong, in whatever a venue can say: the running daemon sends nothing for it.

The venue tells no equity here, so that the identity which would unmask most of these is out of
play: what is left is that nothing that jumps is believed before a second cycle agrees.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from hedged.core.types import (
    USD,
    Amount,
    CoinBalance,
    Environment,
    HedgePolicy,
    MarginAccount,
    Quote,
)
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.store import MemoryJournal
from tests.engine.fake import SYMBOL, FakeVenue, btc

D = Decimal
POLL_S = 10


@dataclass
class Liar(FakeVenue):
    """Scales what one read returns: `at` reads of its kind later, `times` times."""

    what: str = ""
    factor: Decimal = Decimal(1)
    at: int = 0
    times: int = 1

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        seen = await super().account(coins)
        if self.what not in {"position", "coins"} or not self._is_due():
            return seen
        if self.what == "coins":
            more = [
                CoinBalance(Amount(b.wallet.value * self.factor, b.wallet.unit), None)
                for b in seen.balances
            ]
            return replace(seen, balances=tuple(more))
        held = [
            replace(p, quantity=Amount(p.quantity.of(USD) * self.factor, USD))
            for p in seen.positions
        ]
        return replace(seen, positions=tuple(held))

    async def quote(self, symbol: str) -> Quote:
        seen = await super().quote(symbol)
        if self.what != "prices" or not self._is_due():
            return seen
        return replace(seen, mark=seen.mark * self.factor, index=seen.index * self.factor)

    def _is_due(self) -> bool:
        self.at -= 1
        return -self.times <= self.at < 0


def live(venue: FakeVenue, hedge: HedgePolicy) -> Hedger:
    journal = MemoryJournal(venue.clock)
    return Hedger(
        Book("core", Environment.SIM, (hedge,)),
        Observer((hedge,), {"main": venue}, {}, venue.clock),
        venue.clock,
        executor=Executor({"main": venue}, {"main": (SYMBOL,)}, journal, venue.clock),
    )


async def polled(book: Hedger, venue: FakeVenue, cycles: int) -> None:
    for _ in range(cycles):
        with capture_logs():
            await book.run_cycle()
        await venue.clock.advance(POLL_S)


LIES = [
    (what, D(factor))
    for what, factors in {
        "position": ("10", "100", "0.1", "0", "-1", "-10"),
        "coins": ("10", "100", "0.1", "0", "-1"),
        "prices": ("10", "0.1", "2", "0.01"),
    }.items()
    for factor in factors
]


@given(
    lie=st.sampled_from(LIES),
    at=st.integers(0, 9),
    ratio=st.sampled_from([D(1), D("0.5"), D("0.05")]),
    moved=st.sampled_from([D(1), D("0.9"), D("1.1")]),
)
@settings(max_examples=60, deadline=None)
@pytest.mark.asyncio
async def test_one_bad_read_sends_nothing(
    lie: tuple[str, Decimal], at: int, ratio: Decimal, moved: Decimal
) -> None:
    venue = Liar()
    book = live(venue, replace(btc(), ratio=ratio))
    await polled(book, venue, 3)
    venue.mark *= moved
    await polled(book, venue, 2)
    sent, held = list(venue.submitted), venue.q
    venue.what, venue.factor = lie
    venue.at = at
    await polled(book, venue, 12)
    assert venue.at < 0  # it has lied
    assert (venue.submitted, venue.q) == (sent, held)


@pytest.mark.asyncio
async def test_what_two_polls_agree_on_is_believed() -> None:
    venue = Liar()
    book = live(venue, btc())
    await polled(book, venue, 3)
    venue.what, venue.factor, venue.at, venue.times = "coins", D("0.1"), 0, 100
    await polled(book, venue, 1)
    assert len(venue.submitted) == 1
    await polled(book, venue, 3)
    assert len(venue.submitted) > 1
