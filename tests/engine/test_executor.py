"""Orders: journalled, sent once, and their slot held until their end is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from hedged.core.events import (
    Dropped,
    ExternalChange,
    Intended,
    NeverExisted,
    Observed,
    Rejected,
    Submitted,
)
from hedged.core.terms import Cause
from hedged.core.types import MarginAccount, Reason, Side
from hedged.ports import (
    Accepted,
    Order,
    OrderStatus,
    Outcome,
    Refused,
    Selection,
    Unknown,
    VenueUnavailable,
)
from tests.engine.desk import Desk
from tests.engine.fake import PERP, SYMBOL, FakeVenue, reported

pytestmark = pytest.mark.asyncio


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
    assert desk.venue.look_ups >= 3  # many answers, but not over enough time
    assert [await desk.reason_after(s) for s in (1, 3)] == [Reason.ORDER_IN_FLIGHT] * 2
    assert await desk.recorded(NeverExisted) == []
    desk.venue.on_submit = None
    assert await desk.reason_after(10) is Reason.ABOVE_BAND
    assert len(await desk.recorded(NeverExisted)) == 1
    assert len(desk.venue.submitted) == 2


async def test_a_not_found_beside_a_changed_position_is_no_proof() -> None:
    desk = Desk(FakeVenue(on_submit=unknown))
    await desk.cycle_once()
    desk.venue.q = Decimal(-324593)
    for _ in range(5):
        assert await desk.reason_after(20) in {Reason.ORDER_IN_FLIGHT, Reason.EXTERNAL_CHANGE}
    assert len(desk.venue.submitted) == 1


async def test_fault_05_an_acknowledged_order_that_is_invisible_holds_its_slot() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Accepted("id-1")))
    await desk.cycle_once()
    for _ in range(5):
        assert await desk.reason_after(10) is Reason.ORDER_IN_FLIGHT
    desk.venue.fill(desk.venue.submitted[0])
    assert await desk.reason_after(10) is Reason.IN_BAND


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
    for _ in range(4):
        await desk.cycle_after(60)
    assert await desk.recorded(NeverExisted) == []
    assert len(desk.executor.in_flight()) == 1


async def test_a_working_order_holds_its_slot() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Accepted("id-1")))
    desk.venue.on_submit = lambda order: _resting(desk.venue, order)
    await desk.cycle_once()
    assert await desk.reason_after(10) is Reason.ORDER_IN_FLIGHT


def _resting(venue: FakeVenue, order: Order) -> Outcome:
    venue.known[order.client_id] = reported(order, OrderStatus.WORKING)
    return Accepted("id")


async def test_invariant_5_the_intent_is_recorded_before_anything_is_sent() -> None:
    desk = Desk(FakeVenue())
    seen: list[int] = []

    def look(order: Order) -> Outcome:
        ledger = desk.journal.ledger
        seen.append(len(ledger.unresolved()))
        desk.venue.fill(order)
        return Accepted("id-1")

    desk.venue.on_submit = look
    await desk.cycle_once()
    assert seen == [1]
    assert len(await desk.recorded(Intended, Submitted)) == 2


async def test_fault_34_when_the_journal_cannot_be_written_nothing_is_sent() -> None:
    desk = Desk(FakeVenue())
    await desk.cycle_once()
    desk.journal.full = True
    desk.venue.wallet += 1
    for _ in range(3):
        await desk.cycle_after(10)
    assert len(desk.venue.submitted) == 1
    desk.journal.full = False
    await desk.cycle_after(10)
    assert len(desk.venue.submitted) == 2


async def test_fault_27_a_restart_holds_the_same_slots_and_sends_nothing_twice() -> None:
    desk = Desk(FakeVenue(on_submit=unknown))
    await desk.cycle_once()
    again = desk.restarted()
    assert await again.reason_after(1) is Reason.ORDER_IN_FLIGHT
    desk.venue.fill(desk.venue.submitted[0])
    assert await again.reason_after(1) is Reason.IN_BAND
    assert len(desk.venue.submitted) == 1


async def test_the_first_start_adopts_an_existing_position() -> None:
    desk = Desk(FakeVenue(q=Decimal(-325_000)))
    assert await desk.reason_after(0) is Reason.IN_BAND
    slot = desk.journal.ledger.slots["main", SYMBOL]
    assert slot.quantity.value == -325_000


async def test_fault_10_a_trade_by_another_hand_freezes_within_one_poll() -> None:
    desk = Desk(FakeVenue())
    await desk.cycle_once()
    await desk.clock.advance(10)
    desk.venue.trade(Side.BUY, Decimal(50_000))
    for _ in range(3):
        assert await desk.reason_after(10) is Reason.EXTERNAL_CHANGE
    assert len(desk.venue.submitted) == 1
    (change,) = await desk.recorded(ExternalChange)
    assert isinstance(change, ExternalChange)
    assert change.quantity.value == 50_000


async def test_fault_11_an_orphan_with_our_mark_is_cancelled_and_others_are_left_alone() -> None:
    desk = Desk(FakeVenue())
    await desk.cycle_once()
    (order,) = desk.venue.submitted
    for name in ("hgorphan", "somebody-else"):
        stray = Order(name, order.instrument, Side.SELL, Decimal(5), Decimal(70_000), False)
        desk.venue.known[name] = reported(stray, OrderStatus.WORKING)
    await desk.cycle_after(61)
    assert desk.venue.cancelled == ["hgorphan"]


async def test_fault_11_an_orphan_goes_although_nothing_else_can_be_read() -> None:
    desk = Desk(FakeVenue())
    stray = Order("hgorphan", PERP, Side.SELL, Decimal(5), Decimal(70_000), False)
    desk.venue.known["hgorphan"] = reported(stray, OrderStatus.WORKING)

    async def no_wallet(coins: Sequence[str]) -> MarginAccount:
        raise VenueUnavailable(f"wallet of {coins}: 503")

    desk.venue.account = no_wallet  # type: ignore[method-assign] # it is down
    assert await desk.reason_after(0) is Reason.SOURCE_MISSING
    assert desk.venue.cancelled == ["hgorphan"]


class Behind(FakeVenue):
    """Its clock is an hour behind this machine's."""

    @property
    def skew_s(self) -> Decimal:
        return Decimal(3600)


async def test_a_trade_right_after_the_first_start_is_named_whatever_our_clock_says() -> None:
    desk = Desk(Behind(q=Decimal(-324_593)))
    await desk.cycle_once()
    desk.venue.trade(Side.BUY, Decimal(50_000))
    at = desk.clock.now() - timedelta(hours=1) + timedelta(seconds=1)
    desk.venue.trades[-1] = replace(desk.venue.trades[-1], at=at)
    await desk.cycle_after(10)
    (change,) = await desk.recorded(ExternalChange)
    assert isinstance(change, ExternalChange)
    assert (change.trade_id, change.cause) == ("trade-0", Cause.TRADE)


async def test_after_a_restart_coins_that_came_meanwhile_are_believed_in_the_first_cycle() -> None:
    """It looks twice before it, far enough apart."""
    desk = Desk(FakeVenue())
    for _ in range(2):
        await desk.cycle_after(10)
    desk.venue.wallet += 1
    again = desk.restarted()
    assert await again.reason_after(10) is Reason.ABOVE_BAND
    assert len(desk.venue.submitted) == 2


async def test_fault_13_a_refused_order_is_tried_three_times_and_then_ever_less_often() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Refused("110007 not enough margin")))
    for _ in range(3):
        assert await desk.reason_after(1) is Reason.ABOVE_BAND
    paused = (await desk.cycle_after(1)).assets[0]
    assert paused.reason is Reason.LIMIT_EXCEEDED
    assert "3 orders in a row came to nothing (refused: 110007 not enough margin)" in paused.why
    for _ in range(120):
        await desk.cycle_after(10)
    assert 5 <= len(desk.venue.submitted) <= 10
    desk.venue.on_submit = None
    assert await desk.reason_after(3600) is Reason.ABOVE_BAND
    assert await desk.reason_after(1) is Reason.IN_BAND


async def test_fault_43_orders_that_fill_nothing_back_off_without_a_halt() -> None:
    desk = Desk(FakeVenue())

    def unfilled(order: Order) -> Outcome:
        desk.venue.known[order.client_id] = reported(order, OrderStatus.DONE)
        return Accepted("id")

    desk.venue.on_submit = unfilled
    reasons = [await desk.reason_after(1) for _ in range(6)]
    assert reasons == [Reason.ABOVE_BAND] * 3 + [Reason.NO_LIQUIDITY] * 3
    assert await desk.reason_after(10) is Reason.ABOVE_BAND


async def test_client_ids_are_ours_short_and_never_the_same() -> None:
    desk = Desk(FakeVenue(on_submit=lambda _: Refused("no")))
    for _ in range(12):
        await desk.cycle_after(3600)
    ids = [order.client_id for order in desk.venue.submitted]
    assert len(set(ids)) == 12
    for client_id in ids:
        assert client_id.startswith("hg")
        assert len(client_id) <= 28
        assert client_id.isalnum()
        assert client_id == client_id.lower()


async def test_no_order_waits_for_the_digest_of_what_was_seen() -> None:
    desk = Desk(FakeVenue())
    await desk.cycle_once()
    kinds = [entry.event.kind for entry in await desk.journal.entries(Selection())]
    assert kinds.index("decision") < kinds.index("submit") < kinds.index("snapshot")
    (seen,) = await desk.recorded(Observed)
    assert isinstance(seen, Observed)
    assert (seen.cycle, len(seen.digest)) == (1, 64)


async def test_an_order_that_a_halt_keeps_back_was_never_sent_and_is_no_strike() -> None:
    desk = Desk(FakeVenue())
    desk.journal.on_intent = lambda: desk.executor.brake.halt("exercise")
    await desk.cycle_once()
    assert (desk.venue.submitted, desk.hedger.tally.sent) == ([], 0)
    (dropped,) = await desk.recorded(Dropped, Rejected)
    assert isinstance(dropped, Dropped)
    assert dropped.why == "halted"
    ledger = desk.journal.ledger
    assert (ledger.unresolved(), ledger.strikes, ledger.sent) == ((), {}, {})
