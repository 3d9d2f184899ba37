"""Whole cycles: dry-run proposes, live converges, and each says why."""

import asyncio
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from hedged.clock import VirtualClock, settle
from hedged.core.contracts import inverse_pnl
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    Decision,
    Depth,
    Environment,
    OrderIntent,
    Proposal,
    Reason,
    Side,
)
from hedged.engine.cycle import Cycle
from hedged.engine.executor import Executor
from hedged.engine.hedger import SOON_S, Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.paper import PaperLedger
from hedged.ports import VenueUnavailable
from hedged.store import MemoryJournal
from tests.engine.fake import PERP, SYMBOL, FakeVenue, btc, virtual


def hedger(venue: FakeVenue, *, live: bool = False, paper: bool = True) -> Hedger:
    clock = venue.clock
    journal = MemoryJournal(clock)
    return Hedger(
        Book("core", Environment.SIM, (btc(),)),
        Observer((btc(),), {"main": venue}, {}, clock),
        clock,
        executor=Executor({"main": venue}, {"main": (SYMBOL,)}, journal, clock) if live else None,
        paper=PaperLedger() if paper else None,
    )


async def cycles(of: Hedger, count: int) -> list[tuple[Reason, int]]:
    decided = []
    for _ in range(count):
        assert isinstance(of._clock, VirtualClock)
        await of._clock.advance(10)
        decided.append(await of.run_cycle())
    return [(d.assets[0].reason, len(d.assets[0].orders)) for d in decided]


OPENING = (Reason.ABOVE_BAND, 1)
IDLE = (Reason.IN_BAND, 0)
DOUBTED = (Reason.SANITY_JUMP, 0)  # coins that came or went are looked at twice


@pytest.mark.asyncio
async def test_dry_run_with_paper_reads_as_live_and_sends_nothing() -> None:
    venue = FakeVenue()
    book = hedger(venue)
    assert await cycles(book, 3) == [OPENING, IDLE, IDLE]
    venue.mark = Decimal(58500)
    assert await cycles(book, 1) == [IDLE]
    venue.wallet += 1
    assert await cycles(book, 3) == [DOUBTED, OPENING, IDLE]
    venue.wallet -= 2
    assert await cycles(book, 3) == [DOUBTED, (Reason.BELOW_BAND, 1), IDLE]
    assert (venue.submitted, book.tally.sent, book.tally.proposed.total()) == ([], 0, 3)


@pytest.mark.asyncio
@pytest.mark.parametrize("live", [True, False])
async def test_what_is_doubted_is_looked_at_again_at_once_but_not_for_ever(*, live: bool) -> None:
    venue = FakeVenue()
    book = hedger(venue, live=live)
    await cycles(book, 2)
    assert book.again_s is None
    venue.wallet += 1
    assert await cycles(book, 1) == [DOUBTED]
    waits = asyncio.create_task(book.pause())
    await settle()
    await venue.clock.advance(0.6)
    assert waits.done()
    assert (await book.run_cycle()).assets[0].reason is Reason.ABOVE_BAND
    assert book.again_s is None
    hastened: list[float | None] = []
    for _ in range(6):  # each look shows something else
        venue.wallet += 1
        assert await cycles(book, 1) == [DOUBTED]
        hastened.append(book.again_s)
    assert hastened == [SOON_S, None] * 3


@pytest.mark.asyncio
async def test_paper_starts_from_the_real_position() -> None:
    book = hedger(FakeVenue(q=Decimal(-325000)))
    assert await cycles(book, 1) == [IDLE]


@pytest.mark.asyncio
async def test_live_converges_into_the_band() -> None:
    venue = FakeVenue()
    book = hedger(venue, live=True)
    assert await cycles(book, 3) == [OPENING, IDLE, IDLE]
    assert (book.tally.sent, venue.q) == (1, Decimal(-324593))


@pytest.mark.asyncio
async def test_no_order_is_larger_than_what_stands_in_the_book() -> None:
    venue = FakeVenue(stands=Decimal(200_000))
    book = hedger(venue, live=True)
    assert await cycles(book, 3) == [OPENING, OPENING, IDLE]
    assert [order.contracts for order in venue.submitted] == [200_000, 124_593]


@pytest.mark.asyncio
async def test_only_who_is_about_to_trade_looks_into_the_book() -> None:
    looks: list[str] = []

    class Watched(FakeVenue):
        async def depth(self, symbol: str) -> Depth:
            looks.append(symbol)
            return await super().depth(symbol)

    assert await cycles(hedger(Watched()), 3) == [OPENING, IDLE, IDLE]
    assert looks == [SYMBOL]


@pytest.mark.asyncio
async def test_a_depth_that_cannot_be_read_sends_nothing() -> None:
    class Blind(FakeVenue):
        async def depth(self, symbol: str) -> Depth:
            raise VenueUnavailable("no answer")

    venue = Blind()
    decision = await hedger(venue, live=True).run_cycle()
    assert (decision.assets[0].reason, venue.submitted) == (Reason.SOURCE_MISSING, [])
    assert "depth BTC/USD:BTC: no answer" in decision.assets[0].why


@pytest.mark.asyncio
async def test_every_cycle_says_what_and_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with capture_logs() as logs:
        await cycles(hedger(FakeVenue()), 2)
    first, second = (entry for entry in logs if entry["event"] == "cycle.done")
    assert (first["reason"], first["asset"], first["cycle"]) == ("ABOVE_BAND", "BTC", 1)
    assert (first["drift_usd"], first["band_usd"]) == ("325000", "812.5")
    assert second["reason"] == "IN_BAND"
    assert "inside the band of ±81" in second["why"]
    assert second["assumed"] is True
    assert {"age_s", "duration_ms", "net_delta", "book"} <= first.keys()
    (proposed,) = (entry for entry in logs if entry["event"] == "order.proposed")
    assert (proposed["side"], proposed["contracts"]) == ("sell", "324593")
    assert (proposed["blocked"], proposed["assumed_filled"]) == (["DRY_RUN"], True)


@pytest.mark.asyncio
async def test_an_unchanged_stateless_proposal_is_logged_once_then_hourly() -> None:
    venue = FakeVenue()
    clock = virtual()
    book = Hedger(
        Book("core", Environment.SIM, (btc(),)),
        Observer((btc(),), {"main": venue}, {}, clock),
        clock,
    )

    async def logged(seconds: float) -> int:
        await clock.advance(seconds)
        with capture_logs() as logs:
            await book.run_cycle()
        return [entry["event"] for entry in logs].count("order.proposed")

    assert [await logged(s) for s in (10, 10, 3000, 700, 10)] == [1, 0, 0, 1, 0]
    venue.wallet += 1
    assert [await logged(10), await logged(10)] == [0, 1]


@pytest.mark.asyncio
async def test_idle_reasons_are_counted() -> None:
    book = hedger(FakeVenue())
    await cycles(book, 4)
    assert (book.tally.cycles, dict(book.tally.idle_reasons)) == (4, {"IN_BAND": 3})


def proposal(side: Side, contracts: int, price: int) -> Decision:
    size = Decimal(contracts)
    intent = OrderIntent("core", 1, "BTC", PERP, side, size, size, Decimal(price), False)
    proposed = (Proposal(intent, size, Decimal(1), Decimal(price), Decimal(0)),)
    asset = AssetDecision("BTC", Reason.ABOVE_BAND, proposals=proposed)
    return Decision("core", 1, virtual().now(), (asset,), ())


def test_paper_fills_stay_few_and_keep_their_pnl() -> None:
    ledger = PaperLedger()
    fills: list[tuple[Decimal, Decimal]] = []
    for step in range(50):
        side = Side.SELL if step % 3 else Side.BUY
        contracts, price = 1000 + step, 60000 + 37 * step
        fills.append((Decimal(contracts if side is Side.BUY else -contracts), Decimal(price)))
        ledger.assume(proposal(side, contracts, price))
    merged = ledger.fills()
    assert len(merged) == 2
    total = sum((fill.quantity for fill in merged), Amount(Decimal(0), USD))
    assert total.value == sum(q for q, _ in fills)
    mark = Decimal(61234)
    pairs = [(fill.quantity.of(USD), fill.price) for fill in merged]
    assert abs(pnl(pairs, mark) - pnl(fills, mark)) < Decimal("1e-20")


def pnl(fills: list[tuple[Decimal, Decimal]], mark: Decimal) -> Decimal:
    return sum((inverse_pnl(q, price, mark) for q, price in fills), Decimal(0))


@pytest.mark.asyncio
async def test_watchers_see_each_cycle_and_one_that_fails_touches_nothing() -> None:
    book = hedger(FakeVenue())
    seen: list[Cycle] = []

    def failing(cycle: Cycle) -> None:
        raise ValueError(cycle.decision.cycle)

    book.watchers += [failing, seen.append]
    with capture_logs() as logs:
        decisions = [await book.run_cycle() for _ in range(2)]
    assert [cycle.decision for cycle in seen] == decisions
    assert [cycle.snapshot.cycle for cycle in seen] == [1, 2]
    assert sum(entry["event"] == "watch.failed" for entry in logs) == 2
