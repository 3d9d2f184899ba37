"""The figures that people watch, against the same numbers by hand."""

from dataclasses import replace
from typing import Any

from hedged.core.decide import decide
from hedged.core.figures import Figures, figures
from hedged.core.types import (
    USD,
    Amount,
    HedgeLeg,
    Missing,
    Others,
    PaperFill,
    Quote,
    Snapshot,
)
from tests.core.build import D, account, cold, instrument, policy, quote, short, snapshot


def shown(book: Snapshot) -> Figures:
    found = figures(book, decide(book).assets[0])
    assert found is not None
    return found


PAYS = Quote(
    instrument(), D(62_500), D(62_500), D(0), funding_rate=D("0.0001"), funding_interval_h=D(8)
)


def hedged(**changes: Any) -> Snapshot:
    """4 BTC cold and 1 at the venue, 250,000 USD short: one BTC is exposed."""
    held = replace(short("250000", "62500"), liquidation_price=D(75_000))
    return snapshot(
        **{"quotes": (PAYS,), "holdings": (cold(4),), "accounts": (account(1, held),)} | changes
    )


def test_the_figures_of_a_hedge() -> None:
    found = shown(hedged())
    assert found == Figures(
        price=D(62_500),
        net_delta=D(1),
        target_delta=D(0),
        band=D("0.0125"),
        hedge_ratio=D("0.8"),
        position_usd=D(-250_000),
        target_usd=D(-312_500),
        drift_usd=D(62_500),
        band_usd=D("781.25"),
        funding_rate=D("0.0001"),
        index_basis=D(0),
        funding_usd_per_day=D(75),
        collateral_fraction=D("0.2"),
        liquidation_price=D(75_000),
        liquidation_distance=D("0.2"),
    )


def test_the_coins_kept_exposed_are_the_target_delta() -> None:
    keeps = hedged(hedges=(policy(keep=D("0.5")),))
    assert shown(keeps).target_delta == D("0.5")


def test_what_cannot_be_told_is_none() -> None:
    no_rate = shown(hedged(quotes=(quote(62_500),)))
    assert (no_rate.funding_rate, no_rate.funding_usd_per_day) == (None, None)
    no_interval = shown(hedged(quotes=(replace(PAYS, funding_interval_h=None),)))
    assert (no_interval.funding_rate, no_interval.funding_usd_per_day) == (D("0.0001"), None)
    gone = snapshot(quotes=(PAYS,), accounts=(account(),), holdings=(cold(0),))
    empty = shown(gone)
    assert (empty.hedge_ratio, empty.collateral_fraction) == (None, None)
    assert (empty.liquidation_price, empty.liquidation_distance) == (None, None)
    assert empty.funding_usd_per_day == 0  # nothing is held, so nothing is paid


def test_without_a_verdict_there_are_no_figures() -> None:
    blind = hedged(missing=(Missing("cold", "holdings", "timed out"),))
    assert figures(blind, decide(blind).assets[0]) is None


def test_the_nearest_liquidation_is_told_by_distance_not_by_price() -> None:
    """A position that is counted but not traded may be the one that is liquidated first."""
    dated = replace(instrument(), symbol="BTC/USD:BTC-260327")
    held = replace(short("250000", "62500"), liquidation_price=D(75_000))
    stray = replace(
        short("62500", "62500"), instrument=dated, liquidation_price=D(73_000), mark=D(60_000)
    )
    count = policy(others=Others.COUNT)
    found = shown(hedged(accounts=(account(1, held, stray),), hedges=(count,)))
    assert (found.liquidation_price, found.liquidation_distance) == (D(75_000), D("0.2"))
    # Its funding is not the hedge's: it is not traded here.
    assert found.funding_usd_per_day == D(75)
    near = replace(stray, liquidation_price=D(66_000))
    nearer = shown(hedged(accounts=(account(1, held, near),), hedges=(count,)))
    assert (nearer.liquidation_price, nearer.liquidation_distance) == (D(66_000), D("0.1"))


def test_positions_of_other_instruments_and_flat_ones_have_no_liquidation_here() -> None:
    eth = replace(instrument(), symbol="ETH/USD:ETH", base="ETH", settle="ETH")
    other = replace(short("1000", "3000"), instrument=eth, liquidation_price=D(3_001))
    flat = replace(short("0", "62500"), liquidation_price=D(65_001))
    found = shown(hedged(accounts=(account(1, flat, other),)))
    assert found.liquidation_price is None


def test_two_legs_pay_each_its_own_rate() -> None:
    dear = replace(instrument(), symbol="BTC/USD:BTC-2")
    second = replace(PAYS, instrument=dear, funding_rate=D("-0.0002"), funding_interval_h=D(4))
    held = (short("250000", "62500"), replace(short("10000", "62500"), instrument=dear))
    legs = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("main", "BTC/USD:BTC-2"))
    found = shown(
        hedged(quotes=(PAYS, second), accounts=(account(1, *held),), hedges=(policy(legs=legs),))
    )
    assert found.funding_usd_per_day == 75 - 12
    assert found.funding_rate == D("0.0001")


def test_a_paper_position_is_the_one_that_is_shown() -> None:
    fill = PaperFill(instrument(), Amount(D(-62_500), USD), D(62_500))
    found = shown(hedged(paper=(fill,)))
    assert (found.position_usd, found.net_delta) == (D(-312_500), D(0))
    assert found.liquidation_price == D(75_000)
