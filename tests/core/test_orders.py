"""The order state machine: its table, its folding, and a venue that plays every trick."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hedged.core.events import (
    Acknowledged,
    CancelRequested,
    Dropped,
    Fill,
    IllegalStepError,
    Intended,
    LookedUp,
    NeverExisted,
    OrderEvent,
    OutcomeUnknown,
    Rejected,
    Released,
    Repriced,
    Submitted,
)
from hedged.core.orders import (
    NEVER_TAKEN,
    TAKEN,
    TERMINAL,
    TRANSITIONS,
    Order,
    State,
    Trigger,
    advanced,
    client_id,
    fold,
    is_ours,
)
from hedged.core.terms import Answer
from tests.core.any_event import fill, terms

TERMS = terms()
ID = TERMS.client_id
VENUE_SAYS = frozenset(Trigger) - {
    Trigger.SUBMIT,
    Trigger.DROP,
    Trigger.LOSE,
    Trigger.CANCEL,
    Trigger.REPRICE,
    Trigger.RELEASE,
}


def order_after(*events: OrderEvent) -> Order:
    return fold([Intended(TERMS), *events])[ID]


def looked_up(answer: Answer, filled: str = "0") -> LookedUp:
    return LookedUp(ID, answer, Decimal(filled))


WORKING = (Submitted(ID), Acknowledged(ID, "v1"))
LOST = (Submitted(ID), OutcomeUnknown(ID, "timeout"))
RELEASED = Released(ID, "anna", "the venue forgot it", "its support, ticket 42")


def test_the_table_has_a_cell_for_everything() -> None:
    assert set(TRANSITIONS) == set(State)
    for row in TRANSITIONS.values():
        assert set(row) == set(Trigger)


def test_what_the_venue_says_is_never_illegal() -> None:
    for state, row in TRANSITIONS.items():
        for trigger in VENUE_SAYS:
            assert row[trigger] is not None, (state, trigger)


def test_terminal_states_reopen_by_a_fill_alone() -> None:
    """Invariant 10."""
    for state in TERMINAL:
        for trigger, after in TRANSITIONS[state].items():
            if after not in (state, None):
                assert trigger in (Trigger.PART, Trigger.FULL), (state, trigger)
    assert TRANSITIONS[State.FILLED][Trigger.PART] is State.FILLED
    assert TRANSITIONS[State.CANCELLED][Trigger.PART] is State.CANCELLED


def test_unknown_is_left_by_proof_alone() -> None:
    """Invariant 11: nothing that merely passes resolves it."""
    leaving = {t for t, after in TRANSITIONS[State.UNKNOWN].items() if after is not State.UNKNOWN}
    proof = {Trigger.ACKNOWLEDGE, Trigger.REFUSE, Trigger.SEE, Trigger.PART, Trigger.FULL}
    illegal = {Trigger.SUBMIT, Trigger.DROP, Trigger.REPRICE}
    judged = {Trigger.RELEASE}  # by a person, with evidence
    assert leaving == proof | illegal | judged | {Trigger.END, Trigger.DISPROVE}


def test_what_the_venue_has_taken_is_never_disproved() -> None:
    for state in TAKEN:
        assert TRANSITIONS[state][Trigger.DISPROVE] is state
        assert TRANSITIONS[state][Trigger.MISS] is state


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), State.PENDING),
        ((Dropped(ID, "gate closed"),), State.DROPPED),
        ((Submitted(ID),), State.SUBMITTING),
        ((Submitted(ID), Dropped(ID, "halted in between")), State.DROPPED),
        ((Dropped(ID, "halted"), CancelRequested(ID, "halt")), State.DROPPED),
        (WORKING, State.WORKING),
        ((Submitted(ID), Rejected(ID, "too small")), State.REJECTED),
        (LOST, State.UNKNOWN),
        ((*LOST, looked_up(Answer.NOT_FOUND)), State.UNKNOWN),
        ((*LOST, looked_up(Answer.WORKING)), State.WORKING),
        ((*LOST, NeverExisted(ID, "proof")), State.NEVER_EXISTED),
        ((*WORKING, looked_up(Answer.WORKING, "40")), State.PARTIALLY_FILLED),
        ((*WORKING, looked_up(Answer.DONE, "40")), State.CANCELLED),
        ((*WORKING, looked_up(Answer.DONE, "100")), State.FILLED),
        ((*WORKING, looked_up(Answer.NOT_FOUND)), State.WORKING),
        ((*WORKING, NeverExisted(ID, "wrong")), State.WORKING),
        ((*WORKING, CancelRequested(ID, "moved")), State.CANCEL_REQUESTED),
        ((*WORKING, CancelRequested(ID, "moved"), fill(TERMS, "40")), State.CANCEL_REQUESTED),
        ((*WORKING, CancelRequested(ID, "moved"), fill(TERMS, "100")), State.FILLED),
        ((*LOST, CancelRequested(ID, "moved")), State.UNKNOWN),
        ((*LOST, RELEASED), State.RELEASED),
        ((*WORKING, RELEASED), State.RELEASED),
        ((*WORKING, RELEASED, fill(TERMS, "100")), State.FILLED),
        ((*WORKING, looked_up(Answer.DONE, "40"), RELEASED), State.CANCELLED),
    ],
)
def test_where_events_lead(events: tuple[OrderEvent, ...], state: State) -> None:
    assert order_after(*events).state is state


@pytest.mark.parametrize(
    "events",
    [
        (Intended(TERMS),),
        (Submitted(ID), Submitted(ID)),
        (*LOST, Dropped(ID, "too late: it may have left")),
        (OutcomeUnknown(ID, "of what?"),),
        (CancelRequested(ID, "nothing was sent"),),
        (Submitted(ID), Repriced(ID, Decimal(1))),
        (*WORKING, Dropped(ID, "it has left")),
        (RELEASED,),
        (Submitted(ID), RELEASED),
    ],
)
def test_acts_out_of_turn_are_bugs(events: tuple[OrderEvent, ...]) -> None:
    with pytest.raises(IllegalStepError, match=ID):
        order_after(*events)


def test_an_order_begins_with_its_intent() -> None:
    with pytest.raises(IllegalStepError, match="never intended"):
        advanced(None, Submitted(ID))


def test_fault_07_a_fill_after_the_cancel_is_booked_once_and_audited() -> None:
    ended = (*WORKING, CancelRequested(ID, "moved"), looked_up(Answer.DONE, "40"))
    expected = order_after(*ended, fill(TERMS, "40", "t1"))
    assert (expected.booked, expected.late) == (Decimal(40), ())
    late = order_after(*ended, fill(TERMS, "40", "t1"), fill(TERMS, "10", "t2"))
    again = advanced(late, fill(TERMS, "10", "t2"))
    assert again == late
    assert (late.state, late.booked, late.late) == (State.CANCELLED, Decimal(50), ("t2",))
    assert late.detail == "late fill of 10"
    assert (expected.venue_id, expected.detail) == ("v1", "moved")


def test_a_fill_proves_that_a_dead_order_lives() -> None:
    order = order_after(*LOST, NeverExisted(ID, "wrong"), fill(TERMS, "40"))
    assert order.state is State.PARTIALLY_FILLED
    assert not order.resolved
    assert order.late == ("t1",)
    assert order.contradictions == ("fill while never-existed",)


def test_fault_05_a_released_order_frees_its_slot_and_its_late_fills_still_count() -> None:
    order = order_after(*WORKING, looked_up(Answer.WORKING, "40"), RELEASED)
    assert (order.resolved, order.remaining) == (True, Decimal(0))
    assert order.detail == "released by anna: the venue forgot it"
    known = advanced(order, fill(TERMS, "40", "t1"))
    late = advanced(known, fill(TERMS, "10", "t2"))
    assert (known.late, late.late) == ((), ("t2",))
    assert (late.state, late.booked) == (State.RELEASED, Decimal(50))


def test_what_remains_is_what_can_still_fill() -> None:
    assert order_after(Submitted(ID)).remaining == 100
    partly = order_after(*WORKING, looked_up(Answer.WORKING, "40"))
    assert partly.remaining == 60
    assert partly.contradictions == ()
    too_much = replace(partly, reported=Decimal(101))
    assert too_much.remaining == 0
    assert order_after(*WORKING, looked_up(Answer.DONE, "40")).remaining == 0
    refused = order_after(Submitted(ID), Rejected(ID, "too small"))
    assert refused.contradictions == ()


def test_contradictions_are_kept() -> None:
    order = order_after(*LOST, NeverExisted(ID, "wrong"), Acknowledged(ID, "v1"))
    assert order.state is State.NEVER_EXISTED
    assert order.contradictions == ("acknowledgement while never-existed",)
    denied = order_after(*WORKING, NeverExisted(ID, "wrong"))
    assert denied.contradictions == ("never-existed while working",)


def test_the_end_may_be_known_before_its_trades_are_listed() -> None:
    order = order_after(*WORKING, looked_up(Answer.DONE, "100"))
    assert (order.booked, order.filled) == (Decimal(0), Decimal(100))
    assert order.outstanding.value == Decimal(-100)
    assert order.remaining == 0
    assert advanced(order, fill(TERMS, "100")).outstanding.value == 0


def test_a_reprice_changes_the_price_in_force() -> None:
    order = order_after(*WORKING, Repriced(ID, Decimal(61_000)))
    assert (order.state, order.limit_price) == (State.WORKING, Decimal(61_000))
    assert order.terms.limit_price == TERMS.limit_price


@given(st.permutations(["10", "20", "30", "40"]), st.lists(st.integers(0, 3), max_size=6))
def test_fault_08_fills_count_once_in_whatever_order(sizes: list[str], again: list[int]) -> None:
    trades = [fill(TERMS, size, f"t{size}") for size in sizes]
    order = order_after(*WORKING, *trades, *(trades[number] for number in again))
    assert (order.state, order.booked) == (State.FILLED, Decimal(100))
    assert set(order.trade_ids) == {"t10", "t20", "t30", "t40"}
    assert order.late == ()


IDS = st.tuples(
    st.text(max_size=20),
    st.text(max_size=20),
    st.integers(0, 2_000_000_000_000),
    st.integers(0, 36**7 - 1),
    st.integers(0, 999),
)


@given(IDS, IDS)
def test_client_ids_fit_every_venue_and_differ(
    one: tuple[str, str, int, int, int], two: tuple[str, str, int, int, int]
) -> None:
    made = [
        client_id(book, "main", symbol, epoch_ms=epoch, cycle=cycle, part=part)
        for book, symbol, epoch, cycle, part in (one, two)
    ]
    assert all(re.fullmatch("hg[a-z0-9]{26}", name) and is_ours(name) for name in made)
    assert (made[0] == made[1]) == (one == two)


def test_a_client_id_that_would_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no client id left"):
        client_id("core", "main", "X", epoch_ms=1, cycle=36**7, part=0)


class Venue(RuleBasedStateMachine):
    """A truthful venue with lost answers, late lists and orders that are invisible for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.order = advanced(None, Intended(TERMS))
        self.sent = self.taken = self.alive = False
        self.answered = self.proven = self.disproved = False
        self.trades: list[Fill] = []
        self.delivered: set[str] = set()

    def tell(self, event: OrderEvent) -> None:
        before = self.order
        self.order = advanced(before, event)
        reopened = before.resolved and not self.order.resolved
        assert not reopened or (isinstance(event, Fill | LookedUp) and self.traded)
        if before.state is State.UNKNOWN and self.order.resolved:
            assert self.proven or self.disproved or isinstance(event, Fill | LookedUp)

    @property
    def traded(self) -> Decimal:
        return sum((trade.contracts for trade in self.trades), Decimal(0))

    @precondition(lambda self: not self.sent)
    @rule(taken=st.booleans())
    def send(self, *, taken: bool) -> None:
        self.tell(Submitted(ID))
        self.sent, self.taken, self.alive = True, taken, taken

    @precondition(lambda self: self.sent and not self.answered)
    @rule(lost=st.booleans())
    def answer(self, *, lost: bool) -> None:
        self.answered = True
        if lost:
            self.tell(OutcomeUnknown(ID, "timeout"))
        elif self.taken:
            self.proven = True
            self.tell(Acknowledged(ID, "v1"))
        else:
            self.proven = True
            self.tell(Rejected(ID, "refused"))

    @precondition(lambda self: self.alive)
    @rule(size=st.integers(1, 60))
    def trade(self, size: int) -> None:
        size = min(size, 100 - int(self.traded))
        self.trades.append(fill(TERMS, str(size), f"t{len(self.trades)}"))
        self.alive = self.traded < 100

    @precondition(lambda self: self.alive)
    @rule()
    def end(self) -> None:
        self.alive = False

    @precondition(lambda self: self.trades)
    @rule(data=st.data())
    def list_a_trade(self, data: st.DataObject) -> None:
        trade = data.draw(st.sampled_from(self.trades))
        self.delivered.add(trade.trade_id)
        self.tell(trade)

    @precondition(lambda self: self.sent)
    @rule(visible=st.booleans())
    def look_up(self, *, visible: bool) -> None:
        if not (self.taken and visible):
            self.tell(LookedUp(ID, Answer.NOT_FOUND))
        else:
            answer = Answer.WORKING if self.alive else Answer.DONE
            self.tell(LookedUp(ID, answer, self.traded))

    @precondition(lambda self: self.sent)
    @rule()
    def cancel(self) -> None:
        self.tell(CancelRequested(ID, "moved"))

    @precondition(lambda self: self.order.state is State.UNKNOWN)
    @rule()
    def give_up_rightly_or_wrongly(self) -> None:
        self.disproved = True
        self.tell(NeverExisted(ID, "three not-founds"))

    @invariant()
    def every_listed_trade_is_booked_once(self) -> None:
        listed = [t.contracts for t in self.trades if t.trade_id in self.delivered]
        assert self.order.booked == sum(listed)
        assert len(self.order.trade_ids) == len(listed)
        assert self.order.filled <= 100

    @invariant()
    def a_resolved_order_can_only_surprise_after_a_wrong_disproof(self) -> None:
        if self.order.resolved and self.alive:
            assert self.order.state is State.NEVER_EXISTED
        if self.order.late:
            assert self.disproved

    @invariant()
    def states_say_what_is_known(self) -> None:
        state = self.order.state
        assert (state is State.PENDING) == (not self.sent)
        assert state in NEVER_TAKEN or state is not State.FILLED or self.order.filled == 100
        assert replace(self.order).terms == TERMS

    def teardown(self) -> None:
        """Once the venue shows everything, the order stands where it really is."""
        if not self.taken:
            return
        self.alive = False
        for trade in self.trades:
            self.order = advanced(self.order, trade)
        self.order = advanced(self.order, LookedUp(ID, Answer.DONE, self.traded))
        assert self.order.booked == self.order.filled == self.traded
        if self.traded or not self.disproved:
            assert self.order.state is (State.FILLED if self.traded == 100 else State.CANCELLED)


Venue.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestVenue = Venue.TestCase
