"""Whole decisions: the verdict, its figures and limits, and what may be sent."""

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.contracts import inverse_pnl
from hedged.core.decide import decide
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    Environment,
    Execution,
    InFlight,
    Instrument,
    Kind,
    Missing,
    PaperFill,
    Quote,
    Reason,
    Side,
    Snapshot,
    TradingState,
)
from hedged.core.view import asset_object, book_object
from tests.core.build import D, account, cold, instrument, policy, position, quote, short, snapshot

prices = st.decimals("1000", "500000", places=1, allow_nan=False)


def only(of: Snapshot) -> AssetDecision:
    (decision,) = decide(of).assets
    return decision


def opened(**changes: Any) -> Snapshot:
    return snapshot(**{"quotes": (quote("65000"),), "holdings": (cold(5),)} | changes)


def test_the_opening_hedge() -> None:
    decision = only(opened())
    (order,) = decision.orders
    assert decision.reason is Reason.ABOVE_BAND
    # 0.25 % of 325,000 is 812.50; back to half of it leaves 406.25, rounded toward less trading.
    assert (order.side, order.contracts, order.notional_usd) == (Side.SELL, D(324593), D(324593))
    assert order.limit_price == D("64935")
    assert not order.reduce_only
    assert [a.intent for a in decide(opened()).approved] == [order]


def test_a_withdrawal_buys_back_reduce_only() -> None:
    held = (account("0", short("325000", "65000")),)
    after = snapshot(quotes=(quote("65000"),), holdings=(cold(3),), accounts=held)
    (order,) = only(after).orders
    assert only(after).reason is Reason.BELOW_BAND
    assert (order.side, order.contracts, order.reduce_only) == (Side.BUY, D(129756), True)
    assert order.limit_price == D("65065")


@given(path=st.lists(prices, min_size=1, max_size=5), lot=st.sampled_from(["1", "100"]))
def test_with_ratio_1_no_order_on_any_price_only_path(path: list[Decimal], lot: str) -> None:
    held = (account("0", short("325000", "65000")),)
    which = instrument(lot=lot, least=lot)
    for mark in path:
        decision = only(snapshot(quotes=(quote(mark, which),), holdings=(cold(5),), accounts=held))
        assert (decision.reason, decision.orders) == (Reason.IN_BAND, ())


@given(path=st.lists(st.decimals("40000", "90000", places=1), min_size=1, max_size=5))
def test_with_keep_no_order_on_any_price_only_path(path: list[Decimal]) -> None:
    held = (account("0", short("195000", "65000")),)
    for mark in path:
        decision = only(
            snapshot(
                quotes=(quote(mark),),
                holdings=(cold(5),),
                accounts=held,
                hedges=(policy(keep=D(2)),),
            )
        )
        assert (decision.reason, decision.orders) == (Reason.IN_BAND, ())


@given(
    spot=st.decimals("0", "50", places=8),
    wallet=st.decimals("0", "50", places=8),
    q=st.integers(-(10**6), 10**6),
    entry=prices,
    mark=prices,
    ratio=st.decimals("0", "1.5", places=2),
    lot=st.sampled_from(["1", "100"]),
)
def test_a_filled_order_lands_in_the_band_on_the_same_side(
    spot: Decimal,
    wallet: Decimal,
    q: int,
    entry: Decimal,
    mark: Decimal,
    ratio: Decimal,
    lot: str,
) -> None:
    which = instrument(lot=lot, least=lot)
    held = (position(q, entry, which),) if q else ()
    start = snapshot(
        quotes=(quote(mark, which),),
        holdings=(cold(spot),),
        accounts=(account(wallet, *held),),
        hedges=(policy(ratio=ratio, allow_long=True),),
    )
    decision = only(start)
    assert decision.standing is not None
    drift, band = decision.standing.drift_usd, decision.standing.target.band_usd
    if not decision.orders:
        assert abs(drift) <= band
        return
    (order,) = decision.orders
    after = drift + order.quantity.of(USD)
    closes_all = order.reduce_only and abs(q) - order.contracts < which.lot
    # Where an order has to cross zero, the rest opens next time.
    assert abs(after) <= band or (closes_all and abs(after) < abs(drift))
    assert after * drift >= 0
    assert order.contracts % which.lot == 0


def test_a_price_move_trades_nothing_and_says_so() -> None:
    held = (account("0", short("325000", "65000")),)
    moved = snapshot(quotes=(quote("58500"),), holdings=(cold(5),), accounts=held)
    decision = only(moved)
    assert decision.reason is Reason.IN_BAND
    assert "inside the band of ±812.50 USD" in decision.why


def test_dry_run_proposes_and_approves_nothing() -> None:
    decided = decide(opened(execution=Execution.DRY_RUN))
    (asset,) = decided.assets
    assert asset.orders
    assert [f.reason for f in asset.blocked] == [Reason.DRY_RUN]
    assert decided.approved == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"environment": Environment.MAINNET}, Reason.NOT_ARMED),
        ({"state": TradingState.HALTED}, Reason.HALTED),
        ({"state": TradingState.REDUCING}, Reason.REDUCING),
    ],
)
def test_what_keeps_a_sound_order_from_being_sent(changes: dict[str, Any], reason: Reason) -> None:
    decided = decide(opened(**changes))
    assert [f.reason for f in decided.assets[0].blocked] == [reason]
    assert decided.assets[0].orders
    assert decided.approved == ()


def test_reducing_passes_a_reduce_only_order() -> None:
    held = (account("0", short("325000", "65000")),)
    decided = decide(
        snapshot(
            quotes=(quote("65000"),),
            holdings=(cold(3),),
            accounts=held,
            state=TradingState.REDUCING,
        )
    )
    assert [a.intent.reduce_only for a in decided.approved] == [True]


BAD_INPUT: dict[str, tuple[dict[str, Any], Reason]] = {
    "stale quote": ({"quotes": (quote("65000", age="30.1"),)}, Reason.STALE_DATA),
    "stale account": ({"accounts": (account("0", age="31"),)}, Reason.STALE_DATA),
    "missing account": (
        {"missing": (Missing("main", "account", "timed out"),)},
        Reason.SOURCE_MISSING,
    ),
    "missing wallet": ({"missing": (Missing("cold", "holdings", "gone"),)}, Reason.SOURCE_MISSING),
    "missing quote": ({"quotes": ()}, Reason.SOURCE_MISSING),
    "account not read": ({"accounts": (account(venue="other"),)}, Reason.SOURCE_MISSING),
    "order in flight": (
        {"in_flight": (InFlight("main", "BTC/USD:BTC", "hg1", "timeout"),)},
        Reason.ORDER_IN_FLIGHT,
    ),
    "mark far from index": (
        {"quotes": (Quote(instrument(), mark=D(65000), index=D(6500), age_s=D(0)),)},
        Reason.COLLAR,
    ),
    "crossed book": (
        {"quotes": (Quote(instrument(), D(65000), D(65000), D(0), bid=D(65001), ask=D(65000)),)},
        Reason.COLLAR,
    ),
    "torn account": (
        {"accounts": (account("0", short("325000", "60000"), equity=D("0")),)},
        Reason.EPOCH_TORN,
    ),
    "position vanished beside its PnL": (
        {"accounts": (account("5", equity=D("4.5")),)},
        Reason.EPOCH_TORN,
    ),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_gives_no_verdict_and_no_order(name: str) -> None:
    changes, reason = BAD_INPUT[name]
    decided = decide(opened(**changes))
    (asset,) = decided.assets
    assert asset.reason is reason
    assert [f.reason for f in asset.blocked] == [reason]
    assert (asset.orders, decided.approved, asset.standing) == ((), (), None)
    assert asset_object(asset)["equity"] is None


def test_a_missing_quote_of_another_instrument_does_not_matter() -> None:
    other = Missing("main", "quote", "timed out", symbol="ETH/USD:ETH")
    assert only(opened(missing=(other,))).reason is Reason.ABOVE_BAND


def test_an_unmanaged_position_on_the_coin_stops_the_book() -> None:
    dated = Instrument(
        "main", "BTC/USD:BTC-270326", Kind.INVERSE, "BTC", "BTC", D(1), D(1), D("0.1"), D(1), None
    )
    held = account("0", position("-5000", "65000", dated))
    decision = only(opened(accounts=(held,)))
    assert decision.reason is Reason.UNMANAGED_POSITION
    assert "-5000 USD of BTC/USD:BTC-270326" in decision.why


def test_a_long_target_is_refused_without_allow_long() -> None:
    borrowed: dict[str, Any] = {"quotes": (quote("65000"),), "holdings": (cold(-5),)}
    refused = only(snapshot(**borrowed))
    assert refused.reason is Reason.LIMIT_EXCEEDED
    assert "+325000 USD is long, limit 0" in refused.why
    allowed = only(snapshot(**borrowed, hedges=(policy(allow_long=True),)))
    assert [order.side for order in allowed.orders] == [Side.BUY]


def test_a_short_under_a_refused_long_target_is_still_closed() -> None:
    held = (account("0", short("1000", "65000")),)
    decision = only(snapshot(quotes=(quote("65000"),), holdings=(cold(-5),), accounts=held))
    (order,) = decision.orders
    assert (order.side, order.reduce_only) == (Side.BUY, True)


def test_a_drift_below_the_smallest_order_waits() -> None:
    which = instrument(least="2000")
    held = (account("0", short("323500", "65000")),)
    decision = only(snapshot(quotes=(quote("65000", which),), holdings=(cold(5),), accounts=held))
    assert decision.reason is Reason.BELOW_MIN_QTY
    assert "less than the smallest order, 2000 USD" in decision.why


def test_the_paper_position_is_what_dry_run_judges() -> None:
    paper = (PaperFill(instrument(), Amount(D(-325000), USD), D(65000)),)
    decision = only(opened(execution=Execution.DRY_RUN, paper=paper))
    assert (decision.reason, decision.orders) == (Reason.IN_BAND, ())
    shown = asset_object(decision)
    assert (shown["position_usd"], shown["paper_position_usd"]) == ("0", "-325000")
    assert (shown["drift_usd"], shown["paper_drift_usd"]) == ("325000", "0")
    assert shown["assumed"] is True


def test_the_view_keeps_the_interface() -> None:
    held = (account("0", short("325000", "65000")),)
    book = book_object(
        decide(snapshot(quotes=(quote("58500"),), holdings=(cold(5),), accounts=held))
    )
    asset = cast("list[dict[str, Any]]", book["assets"])[0]
    assert abs(D(asset["equity"]) - 5 - inverse_pnl(D(-325000), D(65000), D(58500))) < D("1e-20")
    assert (asset["spot"], asset["collateral"], asset["position_usd"]) == ("5", "0", "-325000")
    assert (asset["hedge_ratio"], asset["reason"], asset["orders"]) == ("1", "IN_BAND", [])
    assert abs(D(asset["net_delta"])) < D("1e-20")


def test_no_ratio_of_nothing() -> None:
    shown = asset_object(only(snapshot(quotes=(quote("65000"),))))
    assert (shown["hedge_ratio"], shown["reason"]) == (None, "IN_BAND")


def test_the_same_snapshot_gives_the_same_decision() -> None:
    assert decide(opened()) == decide(opened())
