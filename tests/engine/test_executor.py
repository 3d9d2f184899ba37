"""Orders: sent once, and their slot held until their end is known."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal

import pytest

from hedged.clock import VirtualClock
from hedged.core.decide import decide
from hedged.core.types import Decision, Environment, Execution, Side, Snapshot
from hedged.engine.executor import Executor
from hedged.engine.observer import Observer
from hedged.ports import (
    Accepted,
    Order,
    OrderStatus,
    Outcome,
    Refused,
    Unknown,
    VenueUnavailable,
)
from tests.engine.fake import FakeVenue, btc, reported, virtual

pytestmark = pytest.mark.asyncio


class Desk:
    """An executor with its venue, and the decisions it is given."""

    def __init__(self, venue: FakeVenue) -> None:
        self.clock: VirtualClock = virtual()
        self.venue = venue
        self.executor = Executor({"main": venue}, self.clock)
        self.cycle = 0

    async def cycle_once(self) -> Decision:
        self.cycle += 1
        seen = await Observer((btc(),), {"main": self.venue}, {}, self.clock).observe()
        snapshot = Snapshot(
            book="core",
            cycle=self.cycle,
            at=self.clock.now(),
            environment=Environment.SIM,
            execution=Execution.LIVE,
            hedges=(btc(),),
            accounts=seen.accounts,
            holdings=seen.holdings,
            quotes=seen.quotes,
            in_flight=self.executor.in_flight(),
        )
        decision = decide(snapshot)
        await _while_time_passes(self.clock, self.executor.execute(decision.approved, snapshot))
        return decision

    async def settle_after(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.executor.settle()


async def _while_time_passes(clock: VirtualClock, work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    while not task.done():
        await clock.advance(0.2)
    await task


def unknown(_order: Order) -> Outcome:
    return Unknown("timed out")


async def test_an_accepted_order_frees_its_slot_when_it_is_done() -> None:
    desk = Desk(FakeVenue())
    await desk.cycle_once()
    (order,) = desk.venue.submitted
    assert (order.side, order.contracts) == (Side.SELL, Decimal(324593))
    assert desk.executor.in_flight() == ()
    assert (await desk.cycle_once()).approved == ()


async def test_a_refused_order_frees_its_slot_at_once() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Refused("110007 insufficient")))
    await desk.cycle_once()
    assert desk.executor.in_flight() == ()
    assert desk.venue.look_ups == 0


async def test_fault_01_timeout_but_accepted_is_adopted_by_client_id_never_sent_again() -> None:
    venue = FakeVenue()

    def accepted_in_silence(order: Order) -> Outcome:
        venue.fill(order)
        return Unknown("timed out")

    venue.on_submit = accepted_in_silence
    desk = Desk(venue)
    await desk.cycle_once()
    assert desk.executor.in_flight() == ()
    await desk.cycle_once()
    assert len(venue.submitted) == 1


async def test_fault_02_not_accepted_is_failed_only_after_3_not_founds_over_10_s() -> None:
    desk = Desk(FakeVenue(on_submit=unknown))
    await desk.cycle_once()
    assert desk.venue.look_ups >= 3  # many answers, but within the first seconds only
    assert [slot.detail for slot in desk.executor.in_flight()] == ["the venue does not know it"]
    await desk.settle_after(4)
    assert desk.executor.in_flight()
    await desk.settle_after(10)
    assert desk.executor.in_flight() == ()


async def test_a_not_found_beside_a_changed_position_is_no_proof() -> None:
    desk = Desk(FakeVenue(on_submit=unknown))
    await desk.cycle_once()
    desk.venue.q = Decimal(-324593)
    await desk.settle_after(20)
    (slot,) = desk.executor.in_flight()
    assert "the position went from 0 to -324593" in slot.detail


async def test_fault_05_an_acknowledged_order_that_is_invisible_holds_its_slot() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Accepted("id-1")))
    await desk.cycle_once()
    for _ in range(5):
        await desk.settle_after(10)
    assert desk.executor.in_flight()
    desk.venue.fill(desk.venue.submitted[0])
    await desk.executor.settle()
    assert desk.executor.in_flight() == ()


async def test_while_an_order_is_unresolved_nothing_else_is_sent() -> None:
    desk = Desk(FakeVenue(on_submit=unknown))
    for _ in range(3):
        await desk.cycle_once()
    assert len(desk.venue.submitted) == 1


async def test_a_failed_look_up_teaches_nothing() -> None:
    desk = Desk(FakeVenue(on_submit=unknown))

    def down() -> None:
        if desk.venue.submitted:
            raise VenueUnavailable("503")

    desk.venue.before_read = down
    await desk.cycle_once()
    await desk.settle_after(60)
    (slot,) = desk.executor.in_flight()
    assert "look-up failed: 503" in slot.detail


async def test_a_working_order_holds_its_slot() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Accepted("id-1")))
    desk.venue.on_submit = lambda order: _resting(desk.venue, order)
    await desk.cycle_once()
    assert [slot.detail for slot in desk.executor.in_flight()] == ["still working"]


def _resting(venue: FakeVenue, order: Order) -> Outcome:
    venue.known[order.client_id] = reported(order, OrderStatus.WORKING)
    return Accepted("id")


async def test_client_ids_are_ours_short_and_never_the_same() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Refused("no")))
    for _ in range(40):
        await desk.cycle_once()
    ids = [order.client_id for order in desk.venue.submitted]
    assert len(set(ids)) == 40
    for client_id in ids:
        assert client_id.startswith("hg")
        assert len(client_id) <= 28
        assert client_id.isalnum()
        assert client_id == client_id.lower()
