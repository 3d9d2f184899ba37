"""What the journal comes to, and that a checkpoint with the rest comes to the same."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedged.core import ledger as ledger_module
from hedged.core.events import (
    Acked,
    Acknowledged,
    CancelRequested,
    Created,
    Decided,
    Dropped,
    Entry,
    Event,
    ExternalChange,
    IllegalStepError,
    Intended,
    LookedUp,
    NeverExisted,
    Observed,
    Opening,
    OutcomeUnknown,
    Reconciled,
    Rejected,
    Remembered,
    StateChanged,
    Submitted,
)
from hedged.core.ledger import Ledger, folded, restored
from hedged.core.terms import Answer, Cause
from hedged.core.types import USD, Amount, AssetMemory, Memory, Reason, TradingState
from hedged.core.words import POST_ONLY_PERIOD, WOULD_TAKE
from tests.core.any_event import ANY_EVENT, START, SYMBOL, fill, terms

OPENING = Opening("main", SYMBOL, Amount(Decimal(-500), USD), START)


def entries(*events: Event) -> list[Entry]:
    return [Entry(seq, START, event) for seq, event in enumerate(events, 1)]


def change(usd: str, *, adopted: bool = False, trade_id: str | None = None) -> ExternalChange:
    return ExternalChange(
        "main",
        SYMBOL,
        Amount(Decimal(usd), USD),
        Cause.TRADE,
        "by hand",
        adopted,
        trade_id,
        trade_id and START,  # type: ignore[arg-type] # None where the id is
    )


def quantity(ledger: Ledger) -> Decimal:
    return ledger.slots["main", SYMBOL].quantity.of(USD)


def test_invariant_08_opening_fills_and_external_changes_add_up() -> None:
    order = terms()
    ledger = folded(
        entries(
            OPENING,
            Intended(order),
            Submitted(order.client_id),
            fill(order, "60", "t1"),
            fill(order, "60", "t1"),
            fill(order, "40", "t2"),
            change("250", trade_id="x1"),
            change("250", trade_id="x1"),
            change("-50"),
        )
    )
    assert quantity(ledger) == -500 - 100 + 250 - 50


def test_an_external_change_waits_for_its_acknowledgement() -> None:
    ledger = folded(entries(OPENING, change("250"), change("10", adopted=True)))
    assert ledger.slots["main", SYMBOL].unacked == (change("250"),)
    ledger.apply(Entry(9, START, Acked("main", SYMBOL, "anna")))
    assert ledger.slots["main", SYMBOL].unacked == ()
    assert quantity(ledger) == -240


def test_a_fill_of_a_forgotten_order_still_moves_the_position() -> None:
    event = fill(terms(77), "60")
    ledger = folded(entries(OPENING))
    ledger.check([event])
    ledger.apply(Entry(2, START, event))
    assert quantity(ledger) == -560


def test_state_cycle_epoch_and_balances_are_the_last_ones() -> None:
    ledger = folded(
        entries(
            Created(1234),
            Observed("core", 7, "digest"),
            Observed("core", 6, "digest"),
            Decided("spare", 6, "BTC", Reason.IN_BAND, "within"),
            Intended(replace(terms(9), book="third")),
            StateChanged(TradingState.HALTED, "anna", "look into it"),
            Reconciled("main", clean=True, balances=(Amount(Decimal(5), "BTC"),)),
        )
    )
    assert (ledger.epoch_ms, ledger.cycles) == (
        1234,
        {"core": 7, "spare": 6, "third": 9},
    )
    assert (ledger.state, ledger.why) == (TradingState.HALTED, "look into it")
    assert ledger.balances == {("main", "BTC"): Amount(Decimal(5), "BTC")}
    ledger.apply(Entry(9, START, Acked("main", "BTC", "anna")))
    assert ledger.balances == {}


def test_unresolved_orders_by_venue() -> None:
    working, done = terms(1), terms(2)
    elsewhere = replace(terms(3), venue="spare")
    ledger = folded(
        entries(
            Intended(working),
            Intended(done),
            Submitted(done.client_id),
            LookedUp(done.client_id, Answer.DONE, Decimal(0)),
            Intended(elsewhere),
        )
    )
    assert [order.client_id for order in ledger.unresolved("main")] == [working.client_id]
    assert len(ledger.unresolved()) == 2


def test_a_batch_is_checked_as_a_whole_and_leaves_no_trace() -> None:
    order = terms()
    ledger = Ledger()
    ledger.check([Intended(order), Submitted(order.client_id)])
    with pytest.raises(IllegalStepError):
        ledger.check([Intended(order), Submitted(order.client_id), Submitted(order.client_id)])
    assert ledger == Ledger()


def test_what_is_committed_is_folded_whatever_it_is() -> None:
    order = terms()
    ledger = folded(
        entries(Intended(order), Submitted(order.client_id), Submitted(order.client_id))
    )
    assert "submit of" in ledger.orders[order.client_id].contradictions[0]


def test_the_oldest_ends_and_trades_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "RESOLVED_KEPT", 2)
    monkeypatch.setattr(ledger_module, "TRADES_KEPT", 2)
    ledger = folded(entries(OPENING, Intended(terms(0))))
    for number in range(1, 5):
        order = terms(number)
        at = START + timedelta(minutes=number)
        for event in (
            Intended(order),
            Submitted(order.client_id),
            Acknowledged(order.client_id, "v"),
            fill(order, "100", f"t{number}", at=at),
        ):
            ledger.apply(Entry(1, at, event))
    assert list(ledger.orders) == [terms(number).client_id for number in (0, 3, 4)]
    assert quantity(ledger) == -900
    ledger.apply(Entry(1, START, Dropped(terms(0).client_id, "not wanted")))
    assert list(ledger.orders) == [terms(number).client_id for number in (4, 0)], "by their ends"
    assert len(ledger.trades) == 2
    early = fill(terms(1), "100", "t1", at=START + timedelta(minutes=2))
    late = fill(terms(4), "1", "t9", at=START + timedelta(minutes=4))
    assert ledger.knows(early.trade, early.traded_at)
    assert not ledger.knows(late.trade, late.traded_at)


@settings(deadline=None, max_examples=60)
@given(st.lists(ANY_EVENT, max_size=40), st.integers(0, 40))
def test_a_checkpoint_and_the_rest_come_to_the_same(events: list[Event], cut: int) -> None:
    everything = entries(*events)
    begun = folded(everything[:cut]).checkpoint()
    assert folded(everything[cut:], begun) == folded(everything)
    assert restored(begun).checkpoint() == begun
    ledger = folded(everything)
    assert ledger.open == {name: o for name, o in ledger.orders.items() if o.is_open}


def test_a_batch_may_hold_more_than_orders() -> None:
    order = terms()
    with pytest.raises(IllegalStepError):
        Ledger().check([Observed("core", 1, "digest"), Submitted(order.client_id)])
    Ledger().check([Intended(order), Observed("core", 1, "digest"), Submitted(order.client_id)])


def test_a_book_remembers_its_own_orders_of_a_day() -> None:
    kept = Memory(assets=(AssetMemory("BTC"),))
    ours, theirs = terms(1), replace(terms(2), book="spare")
    ledger = folded(entries(Remembered("core", kept), Intended(ours), Intended(theirs)))
    memory = ledger.memory("core")
    assert memory.assets == kept.assets
    assert [order.at for order in memory.placed] == [START]
    assert ledger.memory("new") == Memory()
    for number, hours in ((11, 23), (12, 24)):
        ledger.apply(Entry(number, START + timedelta(hours=hours), Intended(terms(number))))
    recent = [order.at - START for order in ledger.memory("core").placed]
    assert recent == [timedelta(hours=23), timedelta(hours=24)]  # the first is a day old


def test_auto_deleveraging_is_counted_for_a_day() -> None:
    adl = replace(change("250"), cause=Cause.ADL)
    ledger = folded(entries(OPENING, adl, adl, change("250")))
    assert ledger.deleveraged == (START,)  # two legs of one event
    for number, hours in ((11, 23), (12, 24)):
        ledger.apply(Entry(number, START + timedelta(hours=hours), adl))
    assert [at - START for at in ledger.deleveraged] == [timedelta(hours=23), timedelta(hours=24)]


def ended(number: int, *events: Event) -> list[Event]:
    order = terms(number)
    return [Intended(order), Submitted(order.client_id), *events]


def test_a_reopening_that_takes_no_order_that_trades_at_once_is_no_fault_of_ours() -> None:
    order, slot = terms(), ("main", SYMBOL)
    refused = Rejected(order.client_id, f"{POST_ONLY_PERIOD}: 110103")
    strike = folded(entries(*ended(1, refused))).strikes[slot]
    assert (strike.reason, strike.is_of_reopening) == (Reason.NO_LIQUIDITY, True)
    other = folded(entries(*ended(1, Rejected(order.client_id, "no margin")))).strikes[slot]
    assert not other.is_of_reopening


def test_a_post_only_order_that_is_refused_as_one_is_a_matter_of_liquidity() -> None:
    refused = Rejected(terms().client_id, f"{WOULD_TAKE}: -5022")
    strike = folded(entries(*ended(1, refused))).strikes["main", SYMBOL]
    assert (strike.reason, strike.detail) == (Reason.NO_LIQUIDITY, f"{WOULD_TAKE}: -5022")


def test_orders_that_come_to_nothing_are_counted_until_one_fills() -> None:
    first, second, third = (terms(number).client_id for number in (1, 2, 3))
    refused = ended(1, Rejected(first, "no margin"))
    nowhere = ended(2, OutcomeUnknown(second, "timeout"), NeverExisted(second, "not found"))
    ledger = folded(entries(*refused))
    slot = ("main", SYMBOL)
    assert (ledger.strikes[slot].count, ledger.strikes[slot].reason) == (1, Reason.LIMIT_EXCEEDED)
    assert ledger.strikes[slot].detail == "refused: no margin"
    # What the venue never saw says nothing about the venue: the count stands.
    assert folded(entries(*refused, *nowhere)).strikes == ledger.strikes
    withdrawn = ended(3, CancelRequested(third, "moved"), LookedUp(third, Answer.DONE))
    assert folded(entries(*refused, *withdrawn)).strikes == ledger.strikes
    given_up = ended(3, CancelRequested(third, "too late", True), LookedUp(third, Answer.DONE))
    twice = folded(entries(*refused, *given_up)).strikes[slot]
    assert (twice.count, twice.reason, twice.detail) == (2, Reason.NO_LIQUIDITY, "too late")
    unfilled = folded(entries(*ended(3, LookedUp(third, Answer.DONE)))).strikes[slot]
    assert unfilled.detail == "no fill at 60000.5"
    traded = ended(3, fill(terms(3), "100"))
    assert folded(entries(*refused, *traded)).strikes == {}


@pytest.mark.parametrize(
    ("fee", "booked", "usd"),
    [
        (Amount(Decimal("0.0001"), "BTC"), "60", "6"),  # at the price of the trade, 60,000
        (Amount(Decimal("0.5"), USD), "60", "0.5"),
        (Amount(Decimal("-0.0001"), "BTC"), "60", "-6"),
        (Amount(Decimal("0.5"), "BNB"), "0", "0"),
        (None, "0", "0"),
    ],
)
def test_what_an_order_costs_is_what_its_trades_were_booked_with(
    fee: Amount | None, booked: str, usd: str
) -> None:
    order = terms(contracts="100")
    ledger = folded(
        entries(
            Intended(order),
            Submitted(order.client_id),
            replace(fill(order, "60"), fee=fee),
            LookedUp(order.client_id, Answer.DONE, Decimal(60)),
        )
    )
    placed = ledger.sent[order.client_id].placed
    assert (placed.notional_usd, placed.booked_usd, placed.fee_usd) == (
        Decimal(60),
        Decimal(booked),
        Decimal(usd),
    )
