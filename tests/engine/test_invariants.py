"""A broken invariant in production: nothing is sent, everything halts, and the log says which."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from hedged.core.decide import decide
from hedged.core.invariants import unrecorded
from hedged.core.ledger import Ledger
from hedged.core.types import Approved, Decision, Limits, Placed, Side, Snapshot, TradingState
from hedged.ports import StoreError
from tests.engine.desk import Desk, FullDisk
from tests.engine.fake import SYMBOL, FakeVenue

pytestmark = pytest.mark.asyncio


def wrong_way(snapshot: Snapshot) -> Decision:
    """A planner that has its signs mixed up."""
    decision = decide(snapshot)
    turned = tuple(Approved(replace(a.intent, side=Side.BUY)) for a in decision.approved)
    return replace(decision, approved=turned)


@pytest.fixture
def mixed_up(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setattr("hedged.engine.hedger.decide", wrong_way)
    return monkeypatch.undo


async def test_a_broken_invariant_halts_before_anything_is_sent(
    mixed_up: Callable[[], None],
) -> None:
    desk = Desk(FakeVenue())
    with capture_logs() as logs:
        decision = await desk.cycle_once()
    assert decision.approved == ()
    assert desk.venue.submitted == []
    assert desk.executor.state is TradingState.HALTED
    assert desk.journal.ledger.why.startswith("invariant 1: BTC would go from")
    (said,) = [entry for entry in logs if entry["event"] == "invariant.broken"]
    assert (said["number"], said["log_level"]) == (1, "error")
    mixed_up()
    await desk.cycle_once()
    assert desk.venue.submitted == []  # until somebody has looked


@pytest.mark.usefixtures("mixed_up")
async def test_with_a_full_disk_nothing_is_sent_either() -> None:
    venue = FakeVenue()
    journal = FullDisk(venue.clock)
    desk = Desk(venue, journal)
    await desk.cycle_once()
    assert desk.venue.submitted == []
    journal.full = True
    with pytest.raises(StoreError):
        await journal.append()
    await desk.cycle_once()
    assert desk.venue.submitted == []


async def test_an_order_that_is_not_on_record_never_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(FakeVenue())
    forgotten = Ledger()
    monkeypatch.setattr(
        "hedged.engine.executor.unrecorded", lambda _ledger, name: unrecorded(forgotten, name)
    )
    await desk.cycle_once()
    assert desk.venue.submitted == []
    assert desk.executor.state is TradingState.HALTED
    assert "invariant 5" in desk.journal.ledger.why


async def test_in_a_sound_daemon_nothing_is_found() -> None:
    desk = Desk(FakeVenue(wallet=Decimal(3)))
    with capture_logs() as logs:
        for _ in range(3):
            await desk.cycle_once()
    assert [entry for entry in logs if entry["event"] == "invariant.broken"] == []
    assert len(desk.venue.submitted) == 1


async def test_a_hard_limit_halts_and_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def running_away(snapshot: Snapshot) -> Decision:
        few = (replace(snapshot.hedges[0], limits=Limits(max_orders_per_hour=1)),)
        sent = Placed(snapshot.at, "BTC", "main", SYMBOL, Decimal(0), Decimal(1))
        memory = replace(snapshot.memory, placed=(sent,) * 5)
        return decide(replace(snapshot, hedges=few, memory=memory))

    desk = Desk(FakeVenue())
    monkeypatch.setattr("hedged.engine.hedger.decide", running_away)
    await desk.cycle_once()
    assert desk.venue.submitted == []
    assert desk.executor.state is TradingState.HALTED
    assert desk.journal.ledger.why == (
        "6 orders in an hour would be more than 5 times the limit of 1"
    )
