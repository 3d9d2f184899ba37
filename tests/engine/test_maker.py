"""Orders that rest: tended in every cycle, never two in one instrument, gone when unwanted."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hedged.core.events import CancelRequested, Intended, Reconciled, StateChanged
from hedged.core.types import HedgePolicy, Reason, Side, Style, StyleKind, TradingState
from hedged.engine.ending import wind_down
from hedged.ports import (
    OrderStatus,
    Outcome,
    Unknown,
    VenueAuthError,
    VenueRefused,
    VenueUnavailable,
)
from hedged.ports import Style as OrderStyle
from tests.engine.desk import Desk
from tests.engine.fake import FakeVenue, btc

pytestmark = pytest.mark.asyncio

MAKER = Style(StyleKind.MAKER)
D = Decimal


def desk_of(style: Style = MAKER, **changes: object) -> Desk:
    venue = FakeVenue(bid=D("64999.9"), ask=D(65000))
    venue.on_submit = venue.rest
    hedge: HedgePolicy = replace(btc(), style=style, **changes)  # type: ignore[arg-type] # tests name real fields
    return Desk(venue, hedge=hedge)


def at(venue: FakeVenue, price: str) -> None:
    """Move the market; the mark stays, so that the target does."""
    venue.bid, venue.ask = D(price) - D("0.1"), D(price)


def working(desk: Desk) -> list[str]:
    return [r.client_id for r in desk.venue.known.values() if r.status is OrderStatus.WORKING]


async def test_it_rests_at_the_best_price_and_holds_its_slot() -> None:
    desk = desk_of()
    await desk.cycle_once()
    (order,) = desk.venue.submitted
    assert (order.style, order.limit_price, order.side) == (
        OrderStyle.POST_ONLY,
        D(65000),
        Side.SELL,
    )
    again = (await desk.cycle_after(1)).assets[0]
    assert again.reason is Reason.ABOVE_BAND
    assert [finding.reason for finding in again.blocked] == [Reason.ORDER_IN_FLIGHT]
    assert len(desk.venue.submitted) == 1
    assert desk.hedger.tally.proposed["BTC"] == 1


async def test_it_follows_the_price_by_one_order_after_the_other() -> None:
    desk = desk_of()
    await desk.cycle_once()
    at(desk.venue, "64990")
    await desk.cycle_after(2)
    assert working(desk) == []  # the old one is gone before a new one is sent
    await desk.cycle_once()
    first, second = desk.venue.submitted
    assert second.limit_price == D(64990)
    assert working(desk) == [second.client_id]
    assert first.client_id != second.client_id
    assert desk.hedger.tally.sent == 2


async def test_it_never_rests_beyond_the_bound_that_was_approved() -> None:
    desk = desk_of()
    await desk.cycle_once()
    at(desk.venue, "64000")
    for _ in range(3):
        await desk.cycle_after(2)
    assert desk.venue.submitted[-1].limit_price == D(64935)


async def test_repricing_is_no_new_intent_for_the_limits() -> None:
    limited = replace(btc().limits, max_orders_per_hour=1, cooldown_s=D(3600))
    desk = desk_of(limits=limited, band=replace(btc().band, outer=D(1000)))
    await desk.cycle_once()
    for step in range(1, 6):
        at(desk.venue, str(65000 - step))
        await desk.cycle_after(2)
        await desk.cycle_once()
    assert len(desk.venue.submitted) == 6
    (begun, *others) = desk.journal.ledger.memory("core").placed
    assert not begun.goes_on
    assert all(order.goes_on for order in others)
    assert sum(order.notional_usd for order in (begun, *others)) == others[-1].notional_usd


async def test_a_partial_fill_is_replanned_from_the_position() -> None:
    desk = desk_of()
    await desk.cycle_once()
    desk.venue.hit(D(100_000))
    await desk.cycle_after(1)
    assert len(working(desk)) == 1
    at(desk.venue, "64990")
    await desk.cycle_after(2)
    await desk.cycle_once()
    assert desk.venue.submitted[-1].contracts == D(224594)


async def test_after_the_time_limit_what_is_left_crosses_within_the_bound() -> None:
    desk = desk_of()
    await desk.cycle_once()
    desk.venue.hit(D(100_000))
    await desk.cycle_after(61)
    assert working(desk) == []
    await desk.cycle_once()
    last = desk.venue.submitted[-1]
    assert (last.style, last.contracts, last.limit_price) == (
        OrderStyle.IOC,
        D(224594),
        D(64935),
    )
    assert await desk.reason_after(1) is Reason.IN_BAND


async def test_or_it_is_given_up_three_times_and_then_ever_less_often() -> None:
    desk = desk_of(replace(MAKER, cross=False))
    for _ in range(3):
        await desk.cycle_once()
        await desk.cycle_after(61)
    paused = (await desk.cycle_after(1)).assets[0]
    assert paused.reason is Reason.NO_LIQUIDITY
    assert "3 orders in a row came to nothing (its time limit of 60 s is over)" in paused.why
    assert {order.style for order in desk.venue.submitted} == {OrderStyle.POST_ONLY}


async def test_fault_14_a_post_only_rejection_is_replanned_at_most_three_times() -> None:
    desk = desk_of()
    submit = desk.venue.on_submit
    assert submit is not None

    def late(order: object) -> Outcome:
        desk.venue.bid = D(65010)  # the market came while the order was under way
        outcome = submit(order)  # type: ignore[arg-type] # the same
        desk.venue.bid = D("64999.9")
        return outcome

    desk.venue.on_submit = late
    reasons = [await desk.reason_after(1) for _ in range(5)]
    assert reasons == [Reason.ABOVE_BAND] * 3 + [Reason.NO_LIQUIDITY] * 2
    assert len(desk.venue.submitted) == 3


async def test_it_goes_when_the_target_moved_under_it() -> None:
    desk = desk_of()
    await desk.cycle_once()
    desk.venue.wallet = D(1)
    await desk.cycle_after(1)  # a jump is believed when it is seen twice
    await desk.cycle_after(1)
    assert working(desk) == []
    (cancel,) = await desk.recorded(CancelRequested)
    assert isinstance(cancel, CancelRequested)
    assert "the target moved" in cancel.why


async def test_it_stays_while_the_drift_grows() -> None:
    desk = desk_of()
    await desk.cycle_once()
    desk.venue.wallet = D(6)
    for _ in range(3):
        await desk.cycle_after(1)
    assert len(working(desk)) == len(desk.venue.submitted) == 1


async def test_a_halt_takes_it_away_at_once() -> None:
    desk = desk_of()
    await desk.cycle_once()
    await desk.journal.append(StateChanged(TradingState.HALTED, "anna", "stop"))
    await desk.cycle_after(1)
    assert working(desk) == []
    assert len(desk.venue.submitted) == 1


async def test_it_survives_a_moment_without_data_but_not_longer_than_a_price_may_be_old() -> None:
    desk = desk_of()
    await desk.cycle_once()

    def down() -> None:
        raise VenueUnavailable("503")

    desk.venue.before_read = down
    await desk.cycle_after(10)
    assert len(working(desk)) == 1
    await desk.cycle_after(25)
    assert len(desk.venue.cancelled) >= 1
    assert working(desk) == []


async def test_a_cancel_that_did_not_arrive_is_sent_again() -> None:
    desk = desk_of()
    await desk.cycle_once()
    cancel, lost = desk.venue.cancel, []

    async def lose(instrument: object, client_id: str) -> None:
        lost.append(client_id)
        raise VenueUnavailable("timed out")

    desk.venue.cancel = lose  # type: ignore[method-assign] # a line that is cut
    at(desk.venue, "64990")
    await desk.cycle_after(2)
    assert len(lost) == 1
    desk.venue.cancel = cancel  # type: ignore[method-assign] # and mended
    await desk.cycle_after(2)
    assert desk.venue.cancelled == lost
    await desk.cycle_after(2)
    assert working(desk) == [desk.venue.submitted[-1].client_id]
    assert len(desk.venue.submitted) == 2


async def test_fault_34_a_full_disk_does_not_keep_a_cancel_back() -> None:
    desk = desk_of()
    await desk.cycle_once()
    desk.journal.full = True
    for _ in range(4):
        await desk.cycle_after(9)
    assert working(desk) == []
    assert len(desk.venue.submitted) == 1
    desk.journal.full = False
    for _ in range(3):
        await desk.cycle_after(1)
    assert len(working(desk)) == 1
    assert len(desk.venue.submitted) == 2


async def test_fault_34_what_rests_goes_at_once_when_its_fill_cannot_be_recorded() -> None:
    """Not after `max_age`; and once it can be, that it was cancelled is on record, as no strike."""
    desk = desk_of()
    await desk.cycle_once()
    (name,) = working(desk)
    desk.journal.full = True
    desk.venue.hit(D(1000))
    await desk.cycle_after(1)
    assert working(desk) == []
    desk.journal.full = False
    await desk.cycle_after(1)
    assert await desk.recorded(CancelRequested) == [
        CancelRequested(name, "the journal cannot be written")
    ]
    assert desk.journal.ledger.orders[name].booked == 1000
    assert desk.journal.ledger.strikes == {}


async def test_fault_34_a_full_disk_is_noticed_while_something_rests_and_nothing_happens() -> None:
    desk = desk_of()
    await desk.cycle_once()
    desk.journal.full = True
    for _ in range(3):
        await desk.cycle_after(8)
    assert working(desk) == []


async def test_while_something_rests_the_same_comparison_is_not_written_every_time() -> None:
    desk = desk_of()
    for _ in range(4):
        await desk.cycle_after(1)
    before = await desk.recorded(Reconciled)
    for _ in range(10):
        await desk.cycle_after(1)
    assert len(working(desk)) == 1
    assert len(await desk.recorded(Reconciled)) - len(before) <= 1


async def test_a_restart_in_the_middle_goes_on_with_what_rests() -> None:
    desk = desk_of()
    await desk.cycle_once()
    again = desk.restarted()
    assert (await again.cycle_after(1)).assets[0].reason is Reason.ABOVE_BAND
    assert len(desk.venue.submitted) == 1
    assert working(again) == [desk.venue.submitted[0].client_id]
    at(desk.venue, "64990")
    await again.cycle_after(3)
    await again.cycle_after(1)
    assert [order.limit_price for order in desk.venue.submitted] == [D(65000), D(64990)]
    await again.cycle_after(60)
    await again.cycle_after(1)
    assert desk.venue.submitted[-1].style is OrderStyle.IOC  # its patience began before


async def test_an_unknown_outcome_is_looked_up_and_then_tended_like_any_other() -> None:
    desk = desk_of()

    def lost(order: object) -> Outcome:
        desk.venue.rest(order)  # type: ignore[arg-type] # the same
        return Unknown("timed out")

    desk.venue.on_submit = lost
    await desk.cycle_once()
    at(desk.venue, "64990")
    await desk.cycle_after(5)
    await desk.cycle_after(1)
    assert len(desk.venue.submitted) == 2
    assert len(working(desk)) == 1


async def test_a_hedge_that_rests_no_more_takes_its_order_away() -> None:
    desk = desk_of()
    await desk.cycle_once()
    again = Desk(desk.venue, desk.journal, btc())
    desk.venue.on_submit = None
    await again.cycle_after(1)
    await again.cycle_after(1)
    assert working(again) == []
    assert [order.style for order in desk.venue.submitted] == [
        OrderStyle.POST_ONLY,
        OrderStyle.IOC,
    ]


async def test_on_a_clean_stop_nothing_is_left_to_rest_and_the_switch_is_off() -> None:
    desk = desk_of()
    await desk.cycle_once()
    assert (desk.venue.armed, desk.executor.unprotected()) == (1, ())
    await desk.while_time_passes(wind_down(desk.executor))
    assert working(desk) == []
    assert desk.venue.q == 0
    assert desk.venue.disarmed == 1


async def test_the_switch_is_armed_before_anything_rests_and_kept_well_within_its_window() -> None:
    desk = desk_of(replace(MAKER, time_limit_s=D(3600)))
    armed_at_send: list[int] = []

    def watched(order: object) -> Outcome:
        armed_at_send.append(desk.venue.armed)
        return desk.venue.rest(order)  # type: ignore[arg-type] # the same

    desk.venue.on_submit = watched
    await desk.cycle_once()
    assert armed_at_send == [1]
    for _ in range(30):
        await desk.cycle_after(2)
        assert desk.executor.unprotected() == ()
    assert 3 <= desk.venue.armed <= 6


async def test_without_a_switch_resting_orders_are_short_lived() -> None:
    desk = desk_of(replace(MAKER, time_limit_s=D(3600)))
    desk.venue.has_switch = False
    await desk.cycle_once()
    assert desk.executor.unprotected() == ("main",)
    await desk.cycle_after(31)
    await desk.cycle_once()
    assert desk.venue.submitted[-1].style is OrderStyle.IOC


@pytest.mark.parametrize("error", [VenueRefused, VenueUnavailable, VenueAuthError])
async def test_a_switch_that_cannot_be_armed_ends_no_cycle(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the contract it is armed for is not listed any more."""
    desk = desk_of()

    async def fails(*_: object) -> bool:
        raise error("BTC/USD:BTC is not listed")

    monkeypatch.setattr(desk.venue, "arm_dead_man", fails)
    await desk.cycle_once()
    assert desk.executor.unprotected() == ("main",)
    monkeypatch.undo()
    await desk.cycle_after(21)
    assert desk.executor.unprotected() == ()
    monkeypatch.setattr(desk.venue, "disarm_dead_man", fails)
    await desk.while_time_passes(wind_down(desk.executor))
    assert desk.executor.unprotected() == ("main",)


async def test_a_sliced_correction_is_sent_part_by_part_and_ends_at_its_target() -> None:
    style = Style(StyleKind.TWAP, slices=4, duration_s=D(40), jitter=D(0))
    desk = desk_of(style)
    desk.venue.on_submit = None
    sent = []
    for _ in range(12):
        await desk.cycle_after(5)
        sent.append(len(desk.venue.submitted))
    assert sent[-1] == 4
    assert [order.contracts for order in desk.venue.submitted] == [81148, 81148, 81149, 81149]
    assert await desk.reason_after(5) is Reason.IN_BAND
    assert all(order.style is OrderStyle.IOC for order in desk.venue.submitted)


async def test_a_restart_in_a_sliced_correction_sends_no_slice_again() -> None:
    style = Style(StyleKind.TWAP, slices=4, duration_s=D(400), jitter=D(0))
    desk = desk_of(style)
    desk.venue.on_submit = None
    await desk.cycle_once()
    await desk.cycle_after(51)
    again = desk.restarted()
    for _ in range(4):
        await again.cycle_after(10)
    assert len(await again.recorded(Intended)) == 1
    await again.cycle_after(70)
    assert len(await again.recorded(Intended)) == 2
