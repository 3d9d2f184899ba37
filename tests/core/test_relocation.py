"""Collateral that moves by itself: in when it is thin, back when it is much, as far as allowed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.decide import decide
from hedged.core.explain import steps
from hedged.core.invariants import decision_violations
from hedged.core.moves import Move, MoveState, MoveTerms
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    AssetMemory,
    Environment,
    Execution,
    Grade,
    HedgeLeg,
    Holding,
    Kind,
    Limits,
    Margin,
    Memory,
    MoveIntent,
    Position,
    Reason,
    Snapshot,
    TradingState,
    Transfers,
)
from hedged.core.view import asset_object
from tests.core.build import AT, D, account, cold, instrument, policy, quote, snapshot

LIMITS = Limits(max_leverage=None, max_orders_per_hour=None)
ALLOWED = Transfers("main", "main:funding")
KNOWN = replace(instrument(), maintenance=D("0.005"))


def book(
    here: str | Decimal, stored: str | Decimal, *, allowed: Transfers | None = ALLOWED, **more: Any
) -> Snapshot:
    """A short of 500,000 USD at 50,000; `here` BTC stand behind it, `stored` are for funding."""
    hedge = policy(spot=("main:funding",), limits=LIMITS, transfers=allowed)
    settings: dict[str, Any] = {
        "quotes": (quote("50000", KNOWN),),
        "holdings": (Holding("main:funding", Amount(D(stored), "BTC"), D(0)),),
        "accounts": (account(here, Position(KNOWN, Amount(D(-500_000), USD), D(50_000))),),
        "hedges": (hedge,),
    }
    return snapshot(**(settings | more))


def only(of: Snapshot) -> AssetDecision:
    (asset,) = decide(of).assets
    return asset


def move_of(of: Snapshot) -> MoveIntent:
    move = only(of).move
    assert move is not None
    return move


def own(
    state: MoveState = MoveState.CONFIRMED, *, ago_s: int = 600, coins: str = "1", **more: Any
) -> Move:
    terms = MoveTerms(
        transfer_id=f"{state}-{ago_s}-{coins}",
        book="core",
        asset="BTC",
        venue="main",
        quantity=Amount(D(coins), "BTC"),
        source="main:funding",
        destination="main",
    )
    return Move(replace(terms, **more), AT - timedelta(seconds=ago_s), state, "why")


def after(*moves: Move) -> dict[str, Any]:
    return {"memory": Memory(moves=moves)}


def test_thin_collateral_is_topped_up_to_the_target() -> None:
    thin = book("2", "8")
    decision = decide(thin)
    (move,) = decision.moves
    assert (move.source, move.destination, move.quantity) == (
        "main:funding",
        "main",
        Amount(D("2"), "BTC"),
    )
    assert move.why == "20 % of the BTC are collateral, bound 25 % (collateral_low)"
    assert decision_violations(thin, decision) == ()
    shown: Any = asset_object(decision.assets[0])["transfer"]
    assert shown == {
        "quantity": "2",
        "coin": "BTC",
        "source": "main:funding",
        "destination": "main",
        "why": move.why,
        "blocked": [],
    }


def test_the_way_to_a_transfer_is_told() -> None:
    (said,) = (step for step in steps(only(book("2", "8"))) if step.label == "transfer")
    assert (said.source, said.text) == ("main:funding", "2")
    assert said.how == "to main: 20 % of the BTC are collateral, bound 25 % (collateral_low)"
    (rise,) = (step for step in steps(only(book("2", "8"))) if step.label == "rise survived")
    assert rise.how == "24.4 %, at its thinnest venue; BTC has risen 25 % within an hour"
    (rise,) = (step for step in steps(only(book("5", "5"))) if step.label == "rise survived")
    assert rise.how == "99 %, at its thinnest venue"
    assert asset_object(only(book("5", "5")))["rise_survived"] == "0.99"
    dry = only(book("2", "8", execution=Execution.DRY_RUN))
    (said,) = (step for step in steps(dry) if step.label == "transfer")
    assert said.how.endswith("; not sent: dry-run proposes and sends nothing")


def test_between_the_bounds_nothing_moves_and_without_leave_never() -> None:
    for here in ("2.5", "4", "6.5"):
        assert only(book(here, 10 - D(here))).move is None
    assert only(book("2", "8", allowed=None)).move is None
    assert asset_object(only(book("4", "6")))["transfer"] is None
    off = policy(
        spot=("main:funding",), limits=replace(LIMITS, collateral_low=None), transfers=ALLOWED
    )
    assert only(book("1", "9", hedges=(off,))).move is None


def test_no_more_is_moved_than_there_is_and_nothing_says_so() -> None:
    hedge = policy(spot=("main:funding", "cold"), limits=LIMITS, transfers=ALLOWED)

    def holding(stored: str) -> Snapshot:
        held = Holding("main:funding", Amount(D(stored), "BTC"), D(0))
        return book("2", "0", hedges=(hedge,), holdings=(held, cold(8 - D(stored))))

    assert move_of(holding("0.7")).quantity.value == D("0.7")
    bare = only(holding("0.01"))
    assert bare.move is None
    (told,) = (a for a in bare.alerts if "nothing can be moved" in a.detail)
    assert (told.reason, told.grade) == (Reason.MARGIN_LOW, Grade.URGENT)
    assert told.detail == "nothing can be moved from main:funding: it holds 0.01 BTC, wanted 2"


def test_what_is_much_goes_back_as_far_as_the_short_can_spare_it() -> None:
    (move,) = decide(book("8", "2")).moves
    assert (move.source, move.destination) == ("main", "main:funding")
    assert move.quantity.value == D(4)
    assert "bound 65 % (collateral_high)" in move.why
    eager = replace(
        LIMITS, collateral_low=D("0.01"), collateral_target=D("0.02"), collateral_high=D("0.03")
    )
    spare = policy(spot=("main:funding",), limits=eager, transfers=ALLOWED)
    (move,) = decide(book("8", "2", hedges=(spare,))).moves
    left = 8 - move.quantity.value
    assert abs(left - 10 * D("0.155") / D("1.15")) < D("1e-7")  # survives +15 %
    bold = policy(
        spot=("main:funding",), limits=replace(eager, liquidation_distance=None), transfers=ALLOWED
    )
    assert move_of(book("8", "2", hedges=(bold,))).quantity.value == D("7.8")


def test_a_flattened_book_and_one_that_is_not_short_move_nothing_in() -> None:
    assert only(book("2", "8", flattened="by anna")).move is None
    assert only(book("2", "8", accounts=(account("2"),))).move is None
    assert only(book("0", "0", accounts=(account("0"),))).move is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"execution": Execution.DRY_RUN}, Reason.DRY_RUN),
        ({"environment": Environment.MAINNET}, Reason.NOT_ARMED),
        ({"state": TradingState.HALTED}, Reason.HALTED),
        (after(own(MoveState.UNKNOWN)), Reason.ORDER_IN_FLIGHT),
        (after(*(own(ago_s=600 + n) for n in range(6))), Reason.LIMIT_EXCEEDED),
        (after(own(MoveState.REFUSED, ago_s=299)), Reason.COOLDOWN),
    ],
)
def test_what_keeps_a_transfer_back(changes: dict[str, Any], reason: Reason) -> None:
    thin = book("2", "8", **changes)
    assert decide(thin).moves == ()
    assert [finding.reason for finding in move_of(thin).findings] == [reason]


def test_what_was_or_is_elsewhere_keeps_nothing_back() -> None:
    for moves in (
        (own(MoveState.REFUSED, ago_s=300),),
        (own(MoveState.SENT, quantity=Amount(D(1), "ETH")),),
        (own(MoveState.SENT, venue="other"),),
        tuple(own(ago_s=86_400 + n) for n in range(9)),
    ):
        assert decide(book("2", "8", **after(*moves))).moves
    assert decide(book("2", "8", state=TradingState.REDUCING)).moves
    assert decide(book("8", "2", state=TradingState.REDUCING)).moves == ()


def test_the_coins_of_a_day_are_bounded() -> None:
    allowed = replace(ALLOWED, max_coins_a_day=D(3))
    spent = after(own(coins="1.5"), own(MoveState.REFUSED, coins="5"), own(ago_s=90_000, coins="3"))
    assert move_of(book("2", "8", allowed=allowed, **spent)).quantity.value == D("1.5")
    out = only(book("2", "8", allowed=allowed, **after(own(coins="3"))))
    assert out.move is None
    assert any("3 BTC were moved in a day, limit 3 (max_coins)" in a.detail for a in out.alerts)
    assert only(book("8", "2", allowed=allowed, **after(own(coins="3")))).move is None


def test_the_owner_hears_of_too_many_and_of_one_that_is_lost() -> None:
    many = only(book("2", "8", **after(*(own(ago_s=600 + n) for n in range(6)))))
    assert any("6 transfers of BTC in a day, limit 6" in alert.detail for alert in many.alerts)
    lost = only(book("4", "6", **after(own(MoveState.UNKNOWN, ago_s=300))))
    (told,) = lost.alerts
    assert (told.reason, told.grade) == (Reason.UNRECONCILED, Grade.URGENT)
    assert told.detail == (
        "what became of the transfer of 1 BTC from main:funding to main is not known: why"
    )


def test_a_margin_emergency_tops_up_before_it_reduces() -> None:
    since = AssetMemory("BTC", emergency_since=AT - timedelta(seconds=10))
    dire = Memory(assets=(since,))
    first = only(book("0.7", "9.3"))  # by its fraction, before anything is confirmed
    assert first.orders == ()
    rich = only(book("0.7", "9.3", memory=dire))
    assert rich.emergency is not None
    assert (rich.emergency.tops_up, rich.orders) == (True, ())
    assert rich.move is not None
    assert rich.move.quantity.value == D("3.3")
    poor = only(book("0.7", "0", memory=dire))
    assert poor.orders
    blocked = only(
        book("0.7", "9.3", memory=replace(dire, moves=(own(MoveState.REFUSED, ago_s=9),)))
    )
    assert blocked.orders
    coming = replace(dire, moves=(own(MoveState.SENT, ago_s=59),))
    assert only(book("0.7", "9.3", memory=coming)).orders == ()
    late = replace(dire, moves=(own(MoveState.SENT, ago_s=60),))
    assert only(book("0.7", "9.3", memory=late)).orders


def test_in_a_shared_account_an_emergency_asks_for_what_it_lacks() -> None:
    """Enough coins by their share, and too little equity: the venue's own figures count."""
    dire = Memory(assets=(AssetMemory("BTC", emergency_since=AT - timedelta(seconds=10)),))
    held = replace(book("4", "6").accounts[0], margin=Margin(D(20_000), D(2_500)))
    lacking = only(book("4", "6", accounts=(held,), memory=dire))
    assert lacking.move is not None
    # d = (0.15*300,000 - 17,500)/1.15 USD, and a quarter more
    assert lacking.move.quantity.value == D("0.59782608")


def test_a_linear_hedge_has_other_collateral() -> None:
    linear = instrument(Kind.LINEAR)
    hedge = policy(
        spot=("main:funding",),
        limits=LIMITS,
        transfers=ALLOWED,
        legs=(HedgeLeg("main", linear.symbol),),
    )
    held = Position(linear, Amount(D(-10), "BTC"), D(50_000))
    mixed = book(
        "0", "10", hedges=(hedge,), quotes=(quote("50000", linear),), accounts=(account("0", held),)
    )
    assert only(mixed).move is None


def test_invariants_hold_of_transfers_too() -> None:
    thin = book("2", "8")
    decision = decide(thin)
    (move,) = decision.moves
    for broken, number in (
        (replace(thin, execution=Execution.DRY_RUN), 6),
        (replace(thin, state=TradingState.HALTED), 13),
        (replace(thin, memory=Memory(moves=(own(MoveState.SENT),))), 3),
        (replace(thin, holdings=()), 7),
    ):
        assert [found.number for found in decision_violations(broken, decision)] == [number]
    for amount in (D(0), D("NaN")):
        odd = replace(decision, moves=(replace(move, quantity=Amount(amount, "BTC")),))
        assert [found.number for found in decision_violations(thin, odd)] == [14]


@given(
    here=st.decimals("0", "12", places=3),
    stored=st.decimals("0", "12", places=3),
    factor=st.decimals("0.5", "1.6", places=2),
)
def test_a_transfer_leaves_collateral_between_its_bounds_and_no_other_follows(
    here: Decimal, stored: Decimal, factor: Decimal
) -> None:
    seen = book(here, stored, quotes=(quote(50_000 * factor, KNOWN),))
    decision = decide(seen)
    assert decision_violations(seen, decision) == ()
    for move in decision.moves:
        is_in = move.destination == "main"
        moved = move.quantity.value if is_in else -move.quantity.value
        assert 0 < abs(moved) <= (stored if is_in else here)
        later = book(here + moved, stored - moved, quotes=seen.quotes)
        back = [m for m in decide(later).moves if (m.destination == "main") is not is_in]
        assert back == []
