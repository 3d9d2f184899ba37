"""Each invariant, broken on purpose in an otherwise sound decision, is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.events import Intended, OutcomeUnknown, Submitted
from hedged.core.invariants import decision_violations, ledger_violations, unrecorded
from hedged.core.ledger import Ledger, Slot
from hedged.core.orders import Order, advanced
from hedged.core.terms import Terms
from hedged.core.types import (
    Amount,
    Approved,
    Decision,
    Execution,
    InFlight,
    Limits,
    Memory,
    Missing,
    OrderIntent,
    Placed,
    Resting,
    Side,
    Snapshot,
    TradingState,
)
from tests.core.build import AT, D, account, policy, quote, snapshot

SOUND = snapshot(
    quotes=(quote(65_000),),
    accounts=(account(5),),
    hedges=(policy(spot=(), limits=Limits(max_leverage=None, max_orders_per_hour=6)),),
)
Broken = tuple[Snapshot, Decision]


def numbers(broken: Broken) -> set[int]:
    return {violation.number for violation in decision_violations(*broken)}


def seen(**changes: Any) -> Broken:
    """What is decided soundly, beside another snapshot than it was decided from."""
    return replace(SOUND, **changes), decide(SOUND)


def ordered(**changes: Any) -> Broken:
    """Another order than the one that was planned."""
    decision = decide(SOUND)
    intent = replace(decision.approved[0].intent, **changes)
    return SOUND, replace(decision, approved=(Approved(intent),))


def limited(**limits: Any) -> Broken:
    hedge = replace(SOUND.hedges[0], limits=replace(SOUND.hedges[0].limits, **limits))
    return seen(hedges=(hedge,))


def twice() -> Broken:
    decision = decide(SOUND)
    return SOUND, replace(decision, approved=decision.approved * 2)


def listed(most: int) -> Broken:
    intent = decide(SOUND).approved[0].intent
    return ordered(instrument=replace(intent.instrument, max_contracts=D(most)))


def placed(count: int) -> Broken:
    order = Placed(AT - timedelta(minutes=5), "BTC", "main", "BTC/USD:BTC", D(-1), D(1))
    return seen(memory=Memory(placed=(order,) * count))


def resting(contracts: int) -> Broken:
    """An order that rests in another instrument of the asset."""
    other = replace(SOUND.quotes[0].instrument, symbol="BTC/USD:BTC-260327")
    rests = Resting(
        "core", "BTC", Side.SELL, D(contracts), D(65_000), D(65_000), reduce_only=False, age_s=D(1)
    )
    flight = InFlight("main", other.symbol, "hg1", "working", rests)
    return seen(
        quotes=(*SOUND.quotes, replace(SOUND.quotes[0], instrument=other)), in_flight=(flight,)
    )


CASES: dict[str, tuple[Callable[[], Broken], int]] = {
    "the wrong way": (lambda: ordered(side=Side.BUY), 1),
    "far too much": (lambda: ordered(contracts=D(2_000_000)), 1),
    "too much beside what rests": (lambda: resting(600_000), 1),
    "over the cap": (lambda: limited(max_position_usd=D(1_000)), 2),
    "beside one in flight": (
        lambda: seen(in_flight=(InFlight("main", "BTC/USD:BTC", "hg1", "unknown"),)),
        3,
    ),
    "two in one instrument": (twice, 3),
    "in a dry-run": (lambda: seen(execution=Execution.DRY_RUN), 6),
    "on a stale account": (lambda: seen(accounts=(account(5, age="31"),)), 7),
    "on a stale price": (lambda: seen(quotes=(quote(65_000, age="31"),)), 7),
    "without a price": (lambda: seen(quotes=()), 7),
    "without an account": (lambda: seen(accounts=()), 7),
    "unreconciled": (lambda: seen(missing=(Missing("main", "journal", "not compared"),)), 7),
    "outside the collar": (lambda: ordered(limit_price=D(60_000)), 12),
    "larger than the owner's largest": (lambda: limited(max_order_usd=D(1_000)), 12),
    "larger than the venue's largest": (lambda: listed(1_000), 12),
    "of nothing": (lambda: ordered(contracts=D(0)), 12),
    "too many": (lambda: placed(30), 12),
    "while halted": (lambda: seen(state=TradingState.HALTED), 13),
    "increasing while reducing": (lambda: seen(state=TradingState.REDUCING), 13),
    "a float": (lambda: ordered(contracts=325_000.0), 14),
    "not a number": (lambda: ordered(limit_price=D("NaN")), 14),
}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_invariant_is_named(name: str) -> None:
    make, number = CASES[name]
    assert number in numbers(make())


def test_nothing_is_found_in_what_is_sound() -> None:
    assert decision_violations(SOUND, decide(SOUND)) == ()
    assert numbers(placed(29)) == set()
    assert numbers(seen(missing=(Missing("spare", "journal", "not compared"),))) == set()
    assert numbers(limited(max_orders_per_hour=None)) == set()
    assert numbers(resting(0)) == set()


def test_what_approves_nothing_is_not_held_against_bad_input() -> None:
    """A halted book on stale prices is as it should be, as long as nothing is sent."""
    snapshot_, decision = seen(
        state=TradingState.HALTED, quotes=(quote(65_000, age="31"),), execution=Execution.DRY_RUN
    )
    assert decision_violations(snapshot_, replace(decision, approved=())) == ()


def test_orders_without_a_standing_are_found() -> None:
    decision = decide(SOUND)
    blind = replace(decision, assets=tuple(replace(a, standing=None) for a in decision.assets))
    assert numbers((SOUND, blind)) == {7}


def order(name: str, contracts: str = "10") -> Order:
    intent: OrderIntent = decide(SOUND).approved[0].intent
    terms = Terms(
        client_id=name,
        book="core",
        asset="BTC",
        cycle=1,
        part=0,
        venue="main",
        symbol=intent.instrument.symbol,
        unit="USD",
        contract_size=Decimal(1),
        side=intent.side,
        contracts=D(contracts),
        limit_price=intent.limit_price,
        reduce_only=False,
    )
    return advanced(advanced(None, Intended(terms)), Submitted(name))


def test_the_journal_holds_one_unresolved_order_per_instrument_within_its_size() -> None:
    first, second = order("hg1"), order("hg2")
    assert ledger_violations(Ledger(orders={"hg1": first})) == ()
    (violation,) = ledger_violations(Ledger(orders={"hg1": first, "hg2": second}))
    assert violation.number == 3
    larger = replace(first, reported=D(11))
    (violation,) = ledger_violations(Ledger(orders={"hg1": larger}))
    assert violation.text == "invariant 12: hg1 filled 11 of 10"


@pytest.mark.parametrize("wrong", [D("NaN"), D("Infinity"), -5.0])
def test_the_journal_expects_numbers(wrong: Any) -> None:
    slots = {
        name: Slot("main", name, Amount(quantity, "USD"), AT)
        for name, quantity in (("sound", D(-5)), ("odd", wrong))
    }
    ledger = Ledger(slots={("main", name): slot for name, slot in slots.items()})
    (violation,) = ledger_violations(ledger)
    assert violation.text.startswith("invariant 14: odd is expected at ")


def test_only_what_is_recorded_as_leaving_may_leave() -> None:
    going = order("hg1")
    assert unrecorded(Ledger(orders={"hg1": going}), "hg1") is None
    gone = Ledger(orders={"hg1": advanced(going, OutcomeUnknown("hg1", "timed out"))})
    for ledger in (Ledger(), gone):
        violation = unrecorded(ledger, "hg1")
        assert violation is not None
        assert violation.number == 5
