"""What one cycle leaves behind for the next."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hedged.core.decide import decide
from hedged.core.memory import remember
from hedged.core.serialise import memory_from_json, memory_to_json
from hedged.core.types import (
    Amount,
    AssetMemory,
    Band,
    Decision,
    Execution,
    Limits,
    Memory,
    Missing,
    PaperFill,
    Reason,
    Snapshot,
    Tended,
    Tending,
    Transfer,
)
from tests.core.build import AT, D, account, cold, instrument, policy, quote, short, snapshot

FREE = Limits(max_leverage=None, collateral_low=None, liquidation_distance=None)
HEDGED = short("325000", "65000")
A_SECOND = timedelta(seconds=1)
SOON = AT + A_SECOND


def book(memory: Memory, at: datetime = AT, **changes: Any) -> Snapshot:
    settings: dict[str, Any] = {
        "quotes": (quote("65000"),),
        "holdings": (cold(5),),
        "accounts": (account("0", HEDGED),),
        "hedges": (policy(limits=FREE),),
    }
    return snapshot(memory=memory, at=at, **(settings | changes))


def after(memory: Memory, at: datetime = AT, **changes: Any) -> Memory:
    seen = book(memory, at, **changes)
    return remember(memory, seen, decide(seen))


def only(memory: Memory) -> AssetMemory:
    (asset,) = memory.assets
    return asset


def test_a_judged_reading_is_believed_and_a_jump_only_doubted() -> None:
    first = after(Memory())
    believed = only(first).believed
    assert believed is not None
    assert [believed.coins, believed.mark] == [5, 65000]
    jumped = after(first, holdings=(cold(50),))
    assert only(jumped).believed == believed
    doubted = only(jumped).doubted
    assert doubted is not None
    assert doubted.coins == 50
    early = after(jumped, AT + timedelta(milliseconds=499), holdings=(cold(50),))
    assert (only(early).believed, only(early).doubted_at) == (believed, AT)
    agreed = only(after(early, SOON, holdings=(cold(50),)))
    assert agreed.believed == doubted
    assert (agreed.doubted, agreed.doubted_at) == (None, None)
    other = only(after(early, SOON, holdings=(cold(51),)))
    assert (other.believed, other.doubted_at) == (believed, SOON)
    back = only(after(jumped))
    assert (back.believed, back.doubted) == (believed, None)


def test_bad_input_leaves_the_memory_as_it_was() -> None:
    first = after(Memory())
    assert after(first, missing=(Missing("cold", "holdings", "gone"),)).assets == first.assets


def test_orders_are_remembered_for_a_day_when_they_go() -> None:
    assumed: dict[str, Any] = {"execution": Execution.DRY_RUN, "paper": ()}
    opened = after(Memory(), accounts=(account(),), **assumed)
    (order,) = opened.placed
    assert [order.quantity, order.notional_usd] == [-324593, 324593]
    assert order.at == AT
    later = after(opened, AT + timedelta(hours=23))
    assert later.placed == (order,)
    assert after(later, AT + timedelta(days=1)).placed == ()


def test_what_was_sent_is_the_journals_business() -> None:
    assert after(Memory(), accounts=(account(),)).placed == ()


def test_dry_run_remembers_what_it_assumes_only() -> None:
    dry: dict[str, Any] = {"accounts": (account(),), "execution": Execution.DRY_RUN}
    assert after(Memory(), **dry).placed == ()
    assert len(after(Memory(), **dry, paper=()).placed) == 1
    slow = policy(limits=replace(FREE, max_position_usd=D(1000)))
    assert after(Memory(), **dry, paper=(), hedges=(slow,)).placed == ()


def test_flows_are_what_changes_the_net_delta_at_any_price() -> None:
    first = after(Memory())
    moved = after(first, AT + timedelta(minutes=1), quotes=(quote("58500"),))
    assert only(moved).days[0].flows < D("1e-30")
    seen = after(moved, AT + timedelta(minutes=1), holdings=(cold(6),))
    one = after(seen, AT + timedelta(minutes=2), holdings=(cold(6),))
    assert abs(only(one).days[0].flows - 65000**2) < D("1e-20")
    traded = after(
        one,
        AT + timedelta(minutes=3),
        holdings=(cold(6),),
        accounts=(account("0", short("390000", "65000")),),
    )
    assert only(traded).days[0].flows == only(one).days[0].flows


def test_prices_are_sampled_once_an_hour() -> None:
    memory = after(Memory())
    for minutes, mark in ((30, "70000"), (60, "71500"), (90, "60000")):
        memory = after(memory, AT + timedelta(minutes=minutes), quotes=(quote(mark),))
    (day,) = only(memory).days
    assert day.return_hours == 1
    assert abs(day.returns - (D("1.1").ln()) ** 2) < D("1e-25")


def test_statistics_keep_thirty_days() -> None:
    memory = Memory()
    for day in range(40):
        memory = after(memory, AT + timedelta(days=day))
    asset = only(memory)
    assert len(asset.days) == 30
    assert asset.first_at == AT
    assert after(memory, AT).assets[0].days == asset.days  # a clock that steps back adds no day


def test_a_correction_under_way_goes_on_to_its_end() -> None:
    """Hysteresis: outside the band it begins, and only inside the smaller one it ends."""
    hedge = policy(limits=replace(FREE, max_order_usd=D(100)), band=Band(hysteresis=D("0.6")))
    memory = after(Memory(), accounts=(account("0", short("324000", "65000")),), hedges=(hedge,))
    assert only(memory).correcting_since == AT
    inside: dict[str, Any] = {
        "accounts": (account("0", short("324400", "65000")),),
        "hedges": (hedge,),
    }
    (calm,) = decide(book(Memory(), **inside)).assets
    assert calm.reason is Reason.IN_BAND
    (busy,) = decide(book(memory, **inside)).assets
    assert busy.reason is Reason.ABOVE_BAND
    assert "being corrected inside the band" in busy.why
    ended = after(memory, accounts=(account("0", short("324520", "65000")),), hedges=(hedge,))
    assert only(ended).correcting_since is None


def funded(hours: int, rate: str) -> Any:
    at = AT + timedelta(hours=8 * (hours // 8 + 1))
    return replace(quote("65000"), funding_rate=D(rate), funding_at=at, funding_interval_h=D(8))


def test_a_stamp_counts_at_its_last_rate_once_it_has_passed() -> None:
    memory = Memory()
    for hours, rate in ((0, "0.0001"), (7, "0.0002"), (8, "0.0003"), (9, "-0.0004")):
        seen = (funded(hours, rate),)
        memory = after(memory, AT + timedelta(hours=hours), quotes=seen)
    assert [(stamp.rate, stamp.settled) for stamp in memory.stamps] == [
        (D("0.0002"), True),
        (D("-0.0004"), False),
    ]
    late = after(memory, AT + timedelta(hours=9), quotes=(funded(0, "9"),))
    assert late.stamps == memory.stamps  # an answer from before the stamp


def transfer(**changes: Any) -> Transfer:
    known = Transfer("t1", Amount(D(2), "BTC"), "second", "main", AT)
    return replace(known, **changes)


def coins_of(decision: Decision) -> Decimal:
    (asset,) = decision.assets
    assert asset.standing is not None
    return asset.standing.exposure.spot.value


def test_own_transfers_count_until_they_arrive_or_too_long_has_passed() -> None:
    under_way = book(Memory(), transfers=(transfer(),))
    assert coins_of(decide(under_way)) == 7
    memory = remember(Memory(), under_way, decide(under_way))
    forgotten = book(memory, AT + timedelta(hours=2))
    assert coins_of(decide(forgotten)) == 7
    late = book(memory, AT + timedelta(hours=2, seconds=1))
    (doubted,) = decide(late).assets
    assert "2 BTC went without a trade or a transfer that is known" in doubted.why
    overdue, departed = doubted.alerts
    assert "2 BTC on the way from second to main for more than 7200 s" in overdue.detail
    assert (overdue.reason, doubted.orders) == (Reason.SANITY_JUMP, ())
    again = replace(late, memory=remember(memory, late, decide(late)), at=late.at + A_SECOND)
    assert coins_of(decide(again)) == 5
    assert "2 BTC left since the last look" in departed.detail
    assert decide(again).assets[0].alerts == (overdue, departed)
    arrived = book(memory, transfers=(transfer(arrived=True),), holdings=(cold(7),))
    assert coins_of(decide(arrived)) == 7
    assert remember(memory, arrived, decide(arrived)).transfers == ()
    elsewhere = book(Memory(), transfers=(transfer(destination="a friend"),))
    assert coins_of(decide(elsewhere)) == 5
    assert after(memory, AT + timedelta(days=8)).transfers == ()


def test_the_memory_can_be_written_down() -> None:
    paper = (PaperFill(instrument(), Amount(D(-5), "USD"), D(1)),)
    memory = after(Memory(), transfers=(transfer(),), quotes=(funded(0, "0.0001"),), paper=paper)
    assert memory_from_json(memory_to_json(memory)) == memory


def test_a_chase_that_is_given_up_begins_anew_and_one_that_crosses_goes_on() -> None:
    seen = book(Memory(), accounts=(account("0", short("300000", "65000")),))
    decision = decide(seen)
    assert only(remember(Memory(), seen, decision)).working_since == AT
    for move, since in ((Tending.GIVE_UP, None), (Tending.CANCEL, None), (Tending.CROSS, AT)):
        tended = (Tended("hg1", "BTC", move, "why"),)
        found = only(remember(Memory(), seen, replace(decision, tended=tended)))
        assert (found.working_since, found.correcting_since) == (since, since)
