"""Reconciliation: every kind of difference, each with its explanation and what follows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedged.core.events import (
    Acked,
    Acknowledged,
    CancelRequested,
    Entry,
    Event,
    ExternalChange,
    Fill,
    Intended,
    LookedUp,
    NeverExisted,
    Opening,
    OutcomeUnknown,
    Reconciled,
    Submitted,
)
from hedged.core.ledger import Ledger, folded
from hedged.core.orders import State
from hedged.core.reconcile import orphans, reconciled
from hedged.core.reports import (
    Absence,
    Doubt,
    Evidence,
    OpenOrder,
    Orphan,
    Reconciliation,
    Rules,
    Topic,
    VenueReport,
)
from hedged.core.terms import Answer, Cause
from hedged.core.types import USD, Amount, Side
from tests.core.any_event import START, SYMBOL, fill, terms

ORDER = terms()
ID = ORDER.client_id
LATER = START + timedelta(minutes=1)
OPENING = Opening("main", SYMBOL, Amount(Decimal(-500), USD), START)
EVIDENCE = Evidence(watched={SYMBOL: USD}, started_at=START, now_s=Decimal(100))
LOST = (Intended(ORDER), Submitted(ID), OutcomeUnknown(ID, "timeout"))
WORKING = (Intended(ORDER), Submitted(ID), Acknowledged(ID, "v1"))
PROOF = replace(EVIDENCE, absences={ID: Absence(3, Decimal(10))})
NOT_FOUND = {ID: LookedUp(ID, Answer.NOT_FOUND)}


def after(*events: Event) -> Ledger:
    return folded(Entry(seq, START, event) for seq, event in enumerate(events, 1))


def report(
    position: str = "-500",
    *,
    fills: tuple[Fill, ...] = (),
    orders: tuple[OpenOrder, ...] = (),
    look_ups: Mapping[str, LookedUp] | None = None,
    btc: str | None = None,
    flow: str = "0",
) -> VenueReport:
    return VenueReport(
        venue="main",
        at=LATER,
        open_orders=orders,
        fills=fills,
        positions={SYMBOL: Amount(Decimal(position), USD)} if Decimal(position) else {},
        balances=() if btc is None else (Amount(Decimal(btc), "BTC"),),
        look_ups=look_ups or {},
        flows={"BTC": Decimal(flow)},
    )


def listed(name: str = ID, *, filled: str = "0", minutes: int = 0) -> OpenOrder:
    created_at = START + timedelta(minutes=minutes)
    return OpenOrder(name, "v1", SYMBOL, Decimal(filled), created_at)


def by_hand(usd: int, trade_id: str = "x1", cause: Cause = Cause.TRADE) -> Fill:
    side = Side.BUY if usd > 0 else Side.SELL
    trade = fill(replace(ORDER, side=side), str(abs(usd)), trade_id, at=LATER)
    return replace(trade, client_id="", cause=cause)


def topics(result: Reconciliation) -> list[Topic]:
    return [note.topic for note in result.notes]


def texts(result: Reconciliation) -> list[str]:
    return [f"{note.topic}: {note.text}" for note in result.notes]


def carried_on(ledger: Ledger, result: Reconciliation) -> Ledger:
    for event in result.events:
        ledger.apply(Entry(1, LATER, event))
    return ledger


def test_nothing_differs() -> None:
    result = reconciled(after(OPENING), report(btc="5"), EVIDENCE)
    assert result.notes == ()
    assert result.settled
    assert result.events == (Reconciled("main", True, (), (Amount(Decimal(5), "BTC"),)),)


def test_the_first_start_adopts_the_position_that_is_there() -> None:
    earlier = by_hand(-200)
    result = reconciled(Ledger(), report(fills=(earlier,)), EVIDENCE)
    assert result.events[0] == Opening("main", SYMBOL, Amount(Decimal(-500), USD), LATER)
    assert topics(result) == [Topic.OPENING]
    assert result.frozen == {}
    ledger = carried_on(Ledger(), result)
    assert reconciled(ledger, report(fills=(earlier,)), EVIDENCE).notes == ()


def test_trades_of_ours_are_booked_on_top_of_an_opening() -> None:
    ours = fill(ORDER, "100", at=LATER)
    elsewhere = replace(by_hand(1), symbol="ETH/USD:ETH", traded_at=LATER + timedelta(minutes=9))
    ledger = after(*WORKING)
    ledger = carried_on(ledger, reconciled(ledger, report(fills=(ours, elsewhere)), EVIDENCE))
    slot = ledger.slots["main", SYMBOL]
    assert (slot.quantity, slot.as_of) == (Amount(Decimal(-500), USD), LATER)
    assert ledger.orders[ID].booked == 100


def test_a_flat_start_is_recorded_too() -> None:
    result = reconciled(Ledger(), report("0"), EVIDENCE)
    assert result.notes == ()
    assert isinstance(result.events[0], Opening)


def test_fault_01_an_order_without_proof_is_adopted() -> None:
    result = reconciled(after(OPENING, *LOST), report(orders=(listed(),)), EVIDENCE)
    assert topics(result)[0] is Topic.ADOPTED_ORDER
    assert carried_on(after(OPENING, *LOST), result).orders[ID].state is State.WORKING
    assert result.look_up == ()


def test_an_order_that_no_list_shows_is_looked_up() -> None:
    result = reconciled(after(OPENING, *LOST), report(), EVIDENCE)
    assert result.look_up == (ID,)
    assert not result.settled
    assert result.events == (Reconciled("main", clean=False),)


def test_fault_02_never_existed_needs_all_of_the_proof() -> None:
    ledger = after(OPENING, *LOST)
    given_up = reconciled(ledger, report(look_ups=NOT_FOUND), PROOF)
    assert topics(given_up) == [Topic.NEVER_EXISTED]
    assert isinstance(given_up.events[0], NeverExisted)
    assert given_up.settled


@pytest.mark.parametrize(
    ("absence", "position"),
    [
        (Absence(2, Decimal(60)), "-500"),
        (Absence(3, Decimal("9.9")), "-500"),
        (Absence(99, Decimal("9.9")), "-500"),
        (Absence(3, Decimal(10)), "-600"),
        (Absence(3, Decimal(10)), "-450"),
    ],
)
def test_fault_02_short_of_it_the_slot_stays_held(absence: Absence, position: str) -> None:
    evidence = replace(EVIDENCE, absences={ID: absence})
    result = reconciled(after(OPENING, *LOST), report(position, look_ups=NOT_FOUND), evidence)
    assert not any(isinstance(event, NeverExisted) for event in result.events)
    assert (Topic.UNPROVEN_ORDER in topics(result)) is (absence != Absence(3, Decimal(10)))
    assert carried_on(after(OPENING, *LOST), result).orders[ID].state is State.UNKNOWN


def test_fault_02_a_fill_disproves_the_absence() -> None:
    found = report("-600", fills=(fill(ORDER, "100", at=LATER),), look_ups=NOT_FOUND)
    result = reconciled(after(OPENING, *LOST), found, PROOF)
    assert topics(result) == [Topic.NEW_FILL]
    ledger = carried_on(after(OPENING, *LOST), result)
    assert ledger.orders[ID].state is State.FILLED


def test_an_unexplained_position_beside_a_lost_order_ends_in_an_acknowledgement() -> None:
    """Neither the order nor the difference may hold the instrument for ever."""
    ledger, evidence = after(OPENING, *LOST), PROOF
    for _ in range(2):
        result = reconciled(ledger, report("-600", look_ups=NOT_FOUND), evidence)
        ledger = carried_on(ledger, result)
        evidence = replace(evidence, doubts=result.doubts, now_s=evidence.now_s + 10)
    ledger.apply(Entry(9, LATER, Acked("main", SYMBOL, "anna")))
    result = reconciled(ledger, report("-600", look_ups=NOT_FOUND), evidence)
    assert topics(result) == [Topic.NEVER_EXISTED]
    assert result.settled


def test_an_order_that_works_as_before_is_no_news() -> None:
    ledger = after(OPENING, *WORKING, LookedUp(ID, Answer.WORKING, Decimal(40)))
    order = listed(filled="40")
    result = reconciled(ledger, report("-540", orders=(order,)), EVIDENCE)
    assert result.events == (Reconciled("main", True, tuple(texts(result))),)
    assert topics(result) == [Topic.IN_FLIGHT]


def test_fault_06_the_end_of_an_order_is_learnt_by_asking() -> None:
    ended = {ID: LookedUp(ID, Answer.DONE, Decimal(40))}
    ledger = after(OPENING, *WORKING)
    found = report("-540", fills=(fill(ORDER, "40", at=LATER),), look_ups=ended)
    result = reconciled(ledger, found, EVIDENCE)
    assert topics(result) == [Topic.ENDED_ORDER, Topic.NEW_FILL]
    assert carried_on(ledger, result).orders[ID].state is State.CANCELLED


def test_fault_05_an_acknowledged_order_may_be_invisible_for_ever() -> None:
    ledger = after(OPENING, *WORKING)
    result = reconciled(ledger, report(look_ups=NOT_FOUND), PROOF)
    assert topics(result) == [Topic.INVISIBLE_ORDER]
    assert not carried_on(ledger, result).orders[ID].resolved


def test_what_was_never_sent_is_dropped_and_what_may_have_been_is_looked_up() -> None:
    two = terms(2)
    ledger = after(OPENING, Intended(ORDER), Intended(two), Submitted(two.client_id))
    result = reconciled(ledger, report(), EVIDENCE)
    assert topics(result) == [Topic.NEVER_SENT]
    assert result.look_up == (two.client_id,)
    states = [order.state for order in carried_on(ledger, result).orders.values()]
    assert set(states) == {State.DROPPED, State.UNKNOWN}


def test_what_this_process_is_sending_is_left_alone() -> None:
    ledger = after(OPENING, Intended(ORDER), Submitted(ID))
    evidence = replace(EVIDENCE, under_way=frozenset({ID}))
    result = reconciled(ledger, report("-550", orders=(listed(),)), evidence)
    assert topics(result) == [Topic.IN_FLIGHT]
    assert (result.cancel, result.look_up) == ((), ())


def test_fault_07_a_late_fill_is_booked() -> None:
    ended = LookedUp(ID, Answer.DONE, Decimal(40))
    ledger = after(
        OPENING, *WORKING, CancelRequested(ID, "moved"), ended, fill(ORDER, "40", at=LATER)
    )
    late = fill(ORDER, "10", "t2", at=LATER)
    result = reconciled(ledger, report("-550", fills=(late,)), EVIDENCE)
    assert topics(result) == [Topic.LATE_FILL]
    assert result.settled
    again = reconciled(carried_on(ledger, result), report("-550", fills=(late,)), EVIDENCE)
    assert again.notes == ()


def test_fault_08_a_trade_that_is_listed_twice_counts_once() -> None:
    ours, theirs = fill(ORDER, "100", at=LATER), by_hand(30)
    found = report("-570", fills=(theirs, ours, ours, theirs), orders=(listed(),))
    result = reconciled(after(OPENING, *WORKING), found, EVIDENCE)
    ledger = carried_on(after(OPENING, *WORKING), result)
    assert ledger.slots["main", SYMBOL].quantity == Amount(Decimal(-570), USD)


def test_fills_that_are_reported_before_they_are_listed_are_expected() -> None:
    ledger = after(OPENING, *WORKING, LookedUp(ID, Answer.DONE, Decimal(40)))
    result = reconciled(ledger, report("-540"), EVIDENCE)
    assert topics(result) == [Topic.OUTSTANDING_FILL]
    assert result.settled
    settled = reconciled(ledger, report("-540", fills=(fill(ORDER, "40", at=LATER),)), EVIDENCE)
    assert topics(settled) == [Topic.NEW_FILL]


@pytest.mark.parametrize("position", ["-500", "-510"])
def test_fault_09_a_position_without_its_fills_freezes(position: str) -> None:
    ledger = after(OPENING, *WORKING, LookedUp(ID, Answer.DONE, Decimal(40)))
    result = reconciled(ledger, report(position), EVIDENCE)
    assert topics(result) == [Topic.SUSPICION]
    assert SYMBOL in result.frozen


def test_a_difference_that_open_orders_can_make_is_in_flight() -> None:
    ledger = after(OPENING, *WORKING)
    result = reconciled(ledger, report("-540", orders=(listed(),)), EVIDENCE)
    assert topics(result) == [Topic.IN_FLIGHT]
    assert result.doubts == {}
    wrong_way = reconciled(ledger, report("-460", orders=(listed(),)), EVIDENCE)
    assert topics(wrong_way) == [Topic.SUSPICION]
    too_far = reconciled(ledger, report("-601", orders=(listed(),)), EVIDENCE)
    assert topics(too_far) == [Topic.SUSPICION]


def test_fault_10_a_trade_by_hand_freezes_until_it_is_acknowledged() -> None:
    found = report("-300", fills=(by_hand(200),))
    ledger = after(OPENING)
    result = reconciled(ledger, found, EVIDENCE)
    assert topics(result) == [Topic.EXTERNAL_CHANGE]
    assert SYMBOL in result.frozen
    ledger = carried_on(ledger, result)
    again = reconciled(ledger, found, EVIDENCE)
    assert (again.notes, set(again.frozen)) == ((), {SYMBOL})
    ledger.apply(Entry(9, LATER, Acked("main", SYMBOL, "anna")))
    assert reconciled(ledger, found, EVIDENCE).settled


def test_fault_10_or_is_adopted_where_the_settings_say_so() -> None:
    rules = Rules(adopt_external=True)
    result = reconciled(after(OPENING), report("-300", fills=(by_hand(200),)), EVIDENCE, rules)
    assert topics(result) == [Topic.ADOPTED_CHANGE]
    assert result.settled
    assert carried_on(after(OPENING), result).slots["main", SYMBOL].unacked == ()


def deleveraged(times: int, rules: Rules) -> Reconciliation:
    """The result of the last of so many days' deleveragings."""
    ledger, result = after(OPENING), None
    for time in range(times):
        trade = by_hand(100, cause=Cause.ADL)
        trade = replace(trade, trade_id=f"adl-{time}", traded_at=LATER + timedelta(minutes=time))
        result = reconciled(ledger, report(str(-400 + 100 * time), fills=(trade,)), EVIDENCE, rules)
        for event in result.events:
            ledger.apply(Entry(100 + time, LATER + timedelta(minutes=time), event))
    assert result is not None
    return result


def test_fault_12_auto_deleveraging_is_hedged_again_at_most_so_often_a_day() -> None:
    first, third = deleveraged(1, Rules()), deleveraged(3, Rules())
    assert topics(first) == topics(third) == [Topic.DELEVERAGED]
    assert (first.settled, third.settled, third.halt) == (True, True, None)
    fourth = deleveraged(4, Rules())
    assert fourth.halt is not None
    assert "auto-deleveraging (4 times in a day, limit 3): buy 100 BTC/USD:BTC" in fourth.halt


def test_fault_12_or_it_halts_at_once_as_a_liquidation_always_does() -> None:
    halted = deleveraged(1, Rules(rehedge_adl=False))
    assert halted.halt is not None
    assert halted.halt.startswith("auto-deleveraging (on_adl): buy 100 BTC/USD:BTC")
    found = report("-300", fills=(by_hand(200, cause=Cause.LIQUIDATION),))
    liquidated = reconciled(after(OPENING), found, EVIDENCE)
    assert liquidated.halt is not None
    assert liquidated.halt.startswith("main liquidated: buy 200 BTC/USD:BTC at ")


@pytest.mark.parametrize("cause", [Cause.LIQUIDATION, Cause.ADL, Cause.SETTLEMENT])
def test_fault_12_what_the_venue_does_is_never_adopted(cause: Cause) -> None:
    rules = Rules(adopt_external=True, rehedge_adl=False)
    found = report("-300", fills=(by_hand(200, cause=cause),))
    result = reconciled(after(OPENING), found, EVIDENCE, rules)
    changes = [event for event in result.events if isinstance(event, ExternalChange)]
    assert [change.cause for change in changes] == [cause]
    assert f"by {cause}" in result.frozen[SYMBOL]
    assert isinstance(result.events[-1], Reconciled)
    assert not result.events[-1].clean


def test_fault_10_what_no_trade_explains_is_taken_when_reads_agree() -> None:
    ledger = after(OPENING)
    first = reconciled(ledger, report("-300"), EVIDENCE)
    assert topics(first) == [Topic.SUSPICION]
    assert first.doubts == {SYMBOL: Doubt(Amount(Decimal(200), USD), 1, Decimal(100))}
    assert SYMBOL in first.frozen
    doubting = replace(EVIDENCE, doubts=first.doubts, now_s=Decimal(110))
    moved = reconciled(ledger, report("-301"), doubting)
    assert moved.doubts[SYMBOL].reads == 1
    second = reconciled(ledger, report("-300"), doubting)
    assert topics(second) == [Topic.EXTERNAL_CHANGE]
    ledger = carried_on(ledger, second)
    assert ledger.slots["main", SYMBOL].quantity == Amount(Decimal(-300), USD)
    assert SYMBOL in reconciled(ledger, report("-300"), EVIDENCE).frozen


def test_as_many_reads_must_agree_as_the_rules_say() -> None:
    evidence = EVIDENCE
    for reads in (1, 2):
        result = reconciled(after(OPENING), report("-300"), evidence, Rules(agreeing_reads=3))
        assert result.doubts[SYMBOL].reads == reads
        evidence = replace(EVIDENCE, doubts=result.doubts, now_s=evidence.now_s + 5)
    result = reconciled(after(OPENING), report("-300"), evidence, Rules(agreeing_reads=3))
    assert topics(result) == [Topic.EXTERNAL_CHANGE]


def read_over(
    ledger: Ledger, found: VenueReport, *times_s: int, rules: Rules | None = None
) -> Reconciliation:
    """The result of the last of these readings, each carried on."""
    result, evidence = None, EVIDENCE
    for now_s in times_s:
        result = reconciled(ledger, found, replace(evidence, now_s=Decimal(now_s)), rules)
        for event in result.events:
            ledger.apply(Entry(100, LATER, event))
        evidence = replace(EVIDENCE, doubts=result.doubts)
    assert result is not None
    return result


def test_fault_41_reads_agree_only_over_a_least_time() -> None:
    hasty = read_over(after(OPENING), report("0"), 0, 1, 2, 9)
    assert topics(hasty) == [Topic.SUSPICION]
    assert "seen 4 times over 9 s, believed after 2 over 10 s" in hasty.frozen[SYMBOL]
    assert topics(read_over(after(OPENING), report("0"), 0, 10)) == [Topic.EXTERNAL_CHANGE]


def test_fault_41_what_nothing_explained_is_taken_back_when_the_venue_recovers() -> None:
    ledger = after(OPENING)
    assert SYMBOL in read_over(ledger, report("0"), 0, 10).frozen
    assert SYMBOL in read_over(ledger, report("-500"), 20, 29).frozen, "one good read is not proof"
    well = read_over(ledger, report("-500"), 30, 40)
    assert topics(well) == [Topic.RECOVERED]
    assert "is not unexplained any more: it was read wrongly" in texts(well)[0]
    slot = ledger.slots["main", SYMBOL]
    assert (slot.quantity, slot.unacked) == (OPENING.quantity, ())
    assert well.settled


def test_fault_10_a_recovery_takes_no_trade_by_hand_back() -> None:
    """Its position was seen before its trade was listed; the trade still wants an operator."""
    ledger = after(OPENING)
    read_over(ledger, report("-300"), 0, 10)
    late = report("-300", fills=(by_hand(200),))
    found = read_over(ledger, late, 20)
    assert "the trades that made it are listed now" in " ".join(texts(found))
    slot = ledger.slots["main", SYMBOL]
    assert slot.quantity == Amount(Decimal(-300), USD)
    assert [change.cause for change in slot.unacked] == [Cause.TRADE]
    assert SYMBOL in found.frozen


def test_fault_10_what_no_trade_explains_is_never_adopted() -> None:
    result = read_over(after(OPENING), report("-300"), 0, 10, rules=Rules(adopt_external=True))
    assert topics(result) == [Topic.EXTERNAL_CHANGE]
    assert SYMBOL in result.frozen


def test_a_position_that_is_left_out_of_the_report_is_flat() -> None:
    result = reconciled(after(OPENING), report("0"), EVIDENCE)
    assert result.doubts == {SYMBOL: Doubt(Amount(Decimal(500), USD), 1, Decimal(100))}


def test_fault_11_an_orphan_is_cancelled_and_a_foreign_order_is_not() -> None:
    orders = (listed("hgelder"), listed("somebody"), listed(""))
    result = reconciled(after(OPENING), report(orders=orders), EVIDENCE)
    assert [orphan.client_id for orphan in result.cancel] == ["hgelder"]
    assert topics(result) == [Topic.ORPHAN, Topic.FOREIGN_ORDER, Topic.FOREIGN_ORDER]
    assert result.halt is None
    assert not result.settled


def test_an_order_that_was_given_up_and_is_there_is_an_orphan() -> None:
    ledger = after(OPENING, *LOST, NeverExisted(ID, "wrong"))
    result = reconciled(ledger, report(orders=(listed(minutes=5),)), EVIDENCE)
    assert [orphan.client_id for orphan in result.cancel] == [ID]
    assert result.halt is None


def test_fault_29_a_new_order_with_our_mark_is_a_rivals() -> None:
    result = reconciled(after(OPENING), report(orders=(listed("hgrival", minutes=5),)), EVIDENCE)
    assert topics(result) == [Topic.RIVAL]
    assert result.halt is not None
    assert "hgrival" in result.halt


@pytest.mark.parametrize(
    ("now", "flow", "vanished"),
    [
        ("5", "0", False),
        ("6", "0", False),
        ("4.96", "0", False),
        ("4", "0", True),
        ("4", "-1", False),
        ("3", "-1", True),
        ("0", "0", True),
    ],
)
def test_fault_44_coins_that_vanish_are_not_believed(now: str, flow: str, vanished: bool) -> None:  # noqa: FBT001 - pytest names it
    seen = after(OPENING, Reconciled("main", clean=True, balances=(Amount(Decimal(5), "BTC"),)))
    result = reconciled(seen, report(btc=now, flow=flow), EVIDENCE)
    assert (topics(result) == [Topic.VANISHED_COINS]) is vanished
    assert ("BTC" in result.frozen) is vanished
    believed = carried_on(seen, result).balances["main", "BTC"].value
    assert believed == Decimal(5 if vanished else now)


def test_fault_44_until_someone_acknowledges() -> None:
    seen = after(OPENING, Reconciled("main", clean=True, balances=(Amount(Decimal(5), "BTC"),)))
    seen.apply(Entry(9, LATER, Acked("main", "BTC", "anna")))
    result = reconciled(seen, report(btc="4"), EVIDENCE)
    assert result.settled
    assert carried_on(seen, result).balances["main", "BTC"].value == 4


def test_another_venue_is_not_this_ones_business() -> None:
    elsewhere = replace(ORDER, venue="spare")
    there = replace(OPENING, venue="spare", symbol="ETH/USD:ETH")
    ledger = after(OPENING, there, Intended(elsewhere), Submitted(ID))
    result = reconciled(ledger, report(), EVIDENCE)
    assert result.events == (Reconciled("main", clean=True),)
    assert result.settled


TRADES = st.lists(
    st.tuples(st.booleans(), st.integers(1, 60), st.integers(0, 9)),
    max_size=8,
    unique_by=lambda t: t[2],
)


@settings(deadline=None)
@given(TRADES, st.integers(-50, 50), st.data())
def test_invariant_08_and_09_hold_after_any_report(
    trades: list[tuple[bool, int, int]], unlisted: int, data: st.DataObject
) -> None:
    """Trades of ours and by hand, in parts and in any order, and a change that none explains."""
    order = terms(contracts="1000")
    name = order.client_id
    ledger = after(OPENING, Intended(order), Submitted(name), OutcomeUnknown(name, "?"))
    fills = [
        fill(order, str(size), f"t{number}", at=LATER) if ours else by_hand(size, f"t{number}")
        for ours, size, number in trades
    ]
    position = -500 + unlisted + sum(int(trade.quantity.value) for trade in fills)
    filled = sum(size for ours, size, _ in trades if ours)
    look_ups = {name: LookedUp(name, Answer.DONE, Decimal(filled))}
    shown = data.draw(st.lists(st.sampled_from(fills), max_size=5)) if fills else []
    evidence, found = EVIDENCE, report()
    for part in (shown, fills, data.draw(st.permutations(fills)), fills):
        found = report(str(position), fills=tuple(part), look_ups=look_ups)
        result = reconciled(ledger, found, evidence)
        ledger = carried_on(ledger, result)
        evidence = replace(evidence, doubts=result.doubts, now_s=evidence.now_s + 10)
    slot = ledger.slots["main", SYMBOL]
    assert slot.quantity == Amount(Decimal(position), USD)
    assert ledger.orders[name].booked == filled
    assert reconciled(ledger, found, evidence).notes == ()
    by_others = [size for ours, size, _ in trades if not ours]
    if by_others or unlisted:
        assert slot.unacked


def test_a_list_that_shows_more_filled_than_is_booked_is_taken_in_without_a_word() -> None:
    """The fills will tell it; until then the position may be ahead of the journal."""
    result = reconciled(
        after(OPENING, *WORKING), report("-540", orders=(listed(filled="40"),)), EVIDENCE
    )
    assert LookedUp(ID, Answer.WORKING, Decimal(40), "v1") in result.events
    assert topics(result) == [Topic.IN_FLIGHT]
    assert result.settled


def test_an_orphan_has_our_mark_is_of_no_journal_and_older_than_this_process() -> None:
    stray = terms(9).client_id
    seen = (listed(stray), listed(), listed("by-hand"), listed(terms(8).client_id, minutes=1))
    assert orphans(after(*WORKING), seen, EVIDENCE) == (Orphan(SYMBOL, stray),)
