"""Chasing the best price: where a post-only order rests, and when it moves or goes."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.chase import chase, front_price
from hedged.core.types import Quote, Resting, Side, Style, StyleKind, Tending
from tests.core.build import D, instrument

STYLE = Style(StyleKind.MAKER)
TICK = D("0.1")


def resting(side: Side = Side.SELL, price: str = "60000", age_s: str = "10") -> Resting:
    bound = D("59900" if side is Side.SELL else "60100")
    return Resting("core", "BTC", side, D(100), D(price), bound, False, D(age_s))


def quote(bid: str | None, ask: str | None) -> Quote:
    return Quote(
        instrument(),
        mark=D(60_000),
        index=D(60_000),
        age_s=D(1),
        bid=None if bid is None else D(bid),
        ask=None if ask is None else D(ask),
    )


def move(
    order: Resting, quoted: Quote, style: Style = STYLE, after_s: int = 10
) -> tuple[Tending, Decimal | None]:
    found = chase(order, quoted, style, D(after_s))
    return found.kind, found.price


def test_at_the_front_it_stays() -> None:
    assert move(resting(), quote("59999.9", "60000")) == (Tending.KEEP, None)


@pytest.mark.parametrize(
    ("side", "bid", "ask", "price"),
    [
        (Side.SELL, "59979.9", "59980", "59980"),
        (Side.SELL, "60019.9", "60020", "60020"),
        (Side.SELL, "59800", "59850", "59900"),
        (Side.BUY, "60020", "60020.1", "60020"),
        (Side.BUY, "60150", "60150.1", "60100"),
    ],
)
def test_it_follows_the_best_price_of_its_side_within_its_bound(
    side: Side, bid: str, ask: str, price: str
) -> None:
    assert move(resting(side), quote(bid, ask)) == (Tending.REPRICE, D(price))


def test_it_is_not_moved_for_less_than_it_is_worth_nor_too_often() -> None:
    patient = replace(STYLE, reprice_ticks=10)
    assert move(resting(), quote("59999", "59999.1"), patient)[0] is Tending.KEEP
    assert move(resting(), quote("59998", "59999"), patient) == (Tending.REPRICE, D(59_999))
    assert move(resting(age_s="1.9"), quote("59979.9", "59980"))[0] is Tending.KEEP
    assert move(resting(age_s="2"), quote("59979.9", "59980"))[0] is Tending.REPRICE


def test_after_its_time_it_crosses_where_the_bound_allows_it() -> None:
    sells, buys = resting(), resting(Side.BUY)
    over = (Tending.GIVE_UP, None)
    assert move(sells, quote("59900", "59950"), after_s=60) == (Tending.CROSS, D(59_900))
    assert move(sells, quote("59899.9", "59950"), after_s=60) == over
    assert move(sells, quote(None, "59950"), after_s=60) == over
    patient = replace(STYLE, cross=False)
    assert move(sells, quote("59900", "59950"), patient, after_s=60) == over
    assert move(buys, quote("60090", "60100"), after_s=60) == (Tending.CROSS, D(60_100))
    assert move(buys, quote("60090", "60100.1"), after_s=60) == over


def test_nobody_knows_the_price_any_more() -> None:
    for quoted in (quote("59999.9", None), quote(None, "60000")):
        assert move(resting(), quoted)[0] is Tending.CANCEL


PRICES = st.decimals(Decimal(59_000), Decimal(61_000), places=2)


@given(st.sampled_from(Side), PRICES, st.decimals(Decimal("0.01"), 500, places=2), PRICES)
def test_a_price_is_on_the_grid_within_the_bound_and_never_takes(
    side: Side, bid: Decimal, spread: Decimal, bound: Decimal
) -> None:
    market = quote(str(bid), str(bid + spread))
    price = front_price(side, market, bound)
    assert price is not None
    assert price % TICK == 0
    if side is Side.BUY:
        assert price <= min(bound, bid)
    else:
        assert price >= max(bound, bid + spread)


@given(st.sampled_from(Side), PRICES, PRICES, st.integers(0, 200))
def test_no_move_ever_passes_the_bound(
    side: Side, bid: Decimal, bound: Decimal, after_s: int
) -> None:
    order = replace(resting(side), bound=bound)
    found = chase(order, quote(str(bid), str(bid + 1)), STYLE, D(after_s))
    if found.price is not None:
        assert found.price <= bound if side is Side.BUY else found.price >= bound
