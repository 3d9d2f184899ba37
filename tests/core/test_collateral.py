"""What the owner hears of margin while the hedge stands, whether or not an order is due."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.collateral import margin_alerts
from hedged.core.decide import decide
from hedged.core.margin import fraction_needed, rise_survived
from hedged.core.types import Limits, Margin, Reason, Snapshot
from hedged.core.world import world_of
from tests.core.build import D, account, cold, policy, quote, short, snapshot, world

FREE = Limits(max_leverage=None)


def book(wallet: str, coins: str, limits: Limits = FREE) -> Snapshot:
    """Ten coins in all, hedged at 50,000 without any PnL."""
    return snapshot(
        quotes=(quote(50_000),),
        holdings=(cold(coins),),
        accounts=(account(wallet, short("500000", "50000")),),
        hedges=(policy(limits=limits),),
    )


def told(of: Snapshot) -> list[str]:
    (asset,) = decide(of).assets
    assert asset.reason is Reason.IN_BAND
    assert {alert.reason for alert in asset.alerts} <= {Reason.MARGIN_LOW}
    return [alert.detail for alert in asset.alerts]


def test_too_small_a_part_as_collateral_is_told_with_the_rise_and_what_to_move() -> None:
    assert told(book("2.5", "7.5")) == []
    (alert,) = told(book("2", "8"))
    assert alert.startswith(
        "20 % of the BTC are collateral, bound 25 % (collateral_low): a rise of"
    )
    assert "25 % would take all of it, and BTC has risen 42 % within a day; move 20 %" in alert


def test_the_bound_is_the_owners() -> None:
    strict = replace(FREE, collateral_low=D("0.6"), collateral_target=D("0.7"))
    assert "50 % of the BTC are collateral, bound 60 %" in told(book("5", "5", strict))[0]
    assert told(book("2", "8", replace(FREE, collateral_low=None))) == []
    plenty = replace(FREE, collateral_low=D("0.6"))
    assert "would take all of it; move" in told(book("5", "5", plenty))[0]


def test_a_book_without_a_short_has_no_margin_to_speak_of() -> None:
    empty = snapshot(quotes=(quote(50_000),), holdings=(cold(10),))
    assert decide(empty).assets[0].alerts == ()


@pytest.mark.parametrize(("price", "is_told"), [("57499", True), ("57500", False)])
def test_a_near_liquidation_is_told_without_any_order(price: str, *, is_told: bool) -> None:
    near = replace(short("500000", "50000"), liquidation_price=D(price))
    held = replace(book("5", "5"), accounts=(account("5", near),))
    shown = "BTC/USD:BTC at main is liquidated some 15 % from the mark, limit 15 % (liquidation_"
    assert [alert.startswith(shown) for alert in told(held)] == ([True] if is_told else [])


def test_maintenance_that_takes_too_much_is_told() -> None:
    tight = replace(account("5", short("500000", "50000")), margin=Margin(D(100), D(51)))
    near, alert = told(replace(book("5", "5"), accounts=(tight,)))
    assert near.startswith("margin emergency, to be confirmed")
    assert alert.startswith("maintenance takes 51.00 of 100.00 USD equity, limit 50 %")


def test_a_borrowed_coin_is_told() -> None:
    thin, near, owed = told(book("-1", "11"))
    assert near.startswith("margin emergency, to be confirmed")
    assert thin.startswith("-10 % of the BTC are collateral")
    assert owed == "1 BTC are borrowed at main: pay them in, or lower the ratio"


@given(
    fraction=st.decimals("0.01", "0.99", places=4), maintenance=st.decimals("0", "0.1", places=4)
)
def test_the_rise_survived_is_the_one_that_the_fraction_is_needed_for(
    fraction: Decimal, maintenance: Decimal
) -> None:
    rise = rise_survived(fraction, maintenance)
    assert abs(fraction_needed(rise, maintenance) - fraction) < D("1e-30")


def test_a_venue_whose_coins_lie_elsewhere_has_no_maintenance_to_speak_of() -> None:
    """Its funding wallet was read, its trading account was not: only a verdict may say so."""
    seen = book("3", "7")
    hedge = seen.hedges[0]
    standing = decide(seen).assets[0].standing
    assert standing is not None
    bare = world(hedge, *seen.quotes, holdings=(cold("7"),))
    alone = replace(hedge, limits=replace(hedge.limits, liquidation_distance=None))
    told = margin_alerts(world_of(seen), hedge, standing, ())
    assert margin_alerts(bare, alone, standing, ()) == told
