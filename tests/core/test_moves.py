"""The life of a transfer: what may follow on what, and what a ledger makes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.events import Entry, Event, IllegalStepError
from hedged.core.ledger import folded
from hedged.core.moves import (
    Move,
    MoveIntended,
    MoveState,
    MoveStep,
    MoveTerms,
    forbidden,
    moved,
    transfer_id,
)
from hedged.core.once import admitted, once
from hedged.core.types import Amount
from tests.core.any_event import START

NAME = transfer_id("core", "main", "BTC", epoch_ms=1, cycle=2)
TERMS = MoveTerms(
    NAME, "core", "BTC", "main", Amount(Decimal(1), "BTC"), "main:funding", "main", "thin"
)
INTENT = MoveIntended(TERMS)
ENDS = {MoveState.CONFIRMED, MoveState.REFUSED, MoveState.DROPPED}
STEPS = st.lists(st.sampled_from(MoveState), max_size=6)


def entries(*events: Event) -> list[Entry]:
    return [Entry(seq, START, event) for seq, event in enumerate(events, 1)]


def test_no_two_transfers_have_one_id() -> None:
    names = {
        transfer_id(book, venue, coin, epoch_ms=epoch, cycle=cycle)
        for book in ("core", "other")
        for venue in ("main", "second")
        for coin in ("BTC", "ETH")
        for epoch in (1, 2)
        for cycle in (1, 2, 11)
    }
    assert len(names) == 48
    assert all(len(name) == 36 for name in names)


@given(STEPS)
def test_an_end_is_an_end_and_nothing_is_sent_twice(states: list[MoveState]) -> None:
    """Whatever is recorded, in whatever order, a transfer is sent at most once and ends once."""
    ledger = folded(entries(INTENT))
    taken = [MoveState.INTENDED]
    for state in states:
        event = MoveStep(NAME, state)
        allowed = not forbidden(ledger.moves[NAME], event)
        if allowed:
            ledger.check([event])
            taken.append(state)
        else:
            with pytest.raises(IllegalStepError):
                ledger.check([event])
        ledger.apply(Entry(2, START, event))
        assert ledger.moves[NAME].state is taken[-1]
        assert ledger.moves[NAME].open is (taken[-1] not in ENDS)
    assert taken.count(MoveState.SENT) <= 1
    assert sum(state in ENDS for state in taken) <= 1


def test_a_step_of_nothing_and_a_second_intent_are_bugs() -> None:
    assert forbidden(None, MoveStep("nobody's", MoveState.SENT)) == "there is no transfer nobody's"
    assert forbidden(Move(TERMS, START), INTENT) == f"the transfer {NAME} was made before"
    ledger = folded([])
    ledger.check([INTENT, MoveStep(NAME, MoveState.SENT)])
    with pytest.raises(IllegalStepError, match="it cannot become confirmed"):
        ledger.check([INTENT, MoveStep(NAME, MoveState.CONFIRMED)])
    assert moved({}, MoveStep("nobody's", MoveState.SENT), START) == {}


def test_the_store_takes_an_intent_once() -> None:
    assert once(INTENT) == f"transfer|{NAME}"
    assert once(MoveStep(NAME, MoveState.SENT)) is None
    assert admitted([INTENT], frozenset()) == (INTENT,)
    with pytest.raises(IllegalStepError, match="was made before"):
        admitted([INTENT], frozenset({f"transfer|{NAME}"}))


def test_what_ended_more_than_a_day_ago_is_forgotten_and_what_is_open_never() -> None:
    old, other = (
        Move(TERMS, START, MoveState.CONFIRMED),
        MoveIntended(
            MoveTerms(
                "new", "core", "ETH", "main", Amount(Decimal(1), "ETH"), "main:funding", "main"
            )
        ),
    )
    later = START + timedelta(days=1)
    assert set(moved({NAME: old}, other, later)) == {"new"}
    assert set(moved({NAME: old}, other, later - timedelta(seconds=1))) == {NAME, "new"}
    open_one = Move(TERMS, START, MoveState.UNKNOWN)
    assert set(moved({NAME: open_one}, other, later)) == {NAME, "new"}
