"""Chasing the best price, and cutting an order into slices."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.chase import (
    Cancel,
    ChaseSettings,
    Cross,
    Keep,
    Move,
    Reprice,
    Resting,
    Why,
    chase,
    front_price,
)
from hedged.core.events import Acknowledged, Answer, CancelRequested, Intended, LookedUp, Submitted
from hedged.core.orders import Order, advanced, fold
from hedged.core.twap import TwapSettings, slices
from hedged.core.types import Quote, Side
from tests.core.any_event import terms
from tests.core.build import instrument

SETTINGS = ChaseSettings()
TICK = Decimal("0.1")


def working(side: Side = Side.SELL, price: str = "60000") -> Order:
    order = replace(terms(side=side), limit_price=Decimal(price), post_only=True)
    name = order.client_id
    return fold([Intended(order), Submitted(name), Acknowledged(name, "v")])[name]


def resting(order: Order | None = None, **changes: object) -> Resting:
    order = order or working()
    sell = order.terms.side is Side.SELL
    usual: dict[str, object] = {
        "order": order,
        "bound": Decimal("59900" if sell else "60100"),
        "wanted": Decimal(-100 if sell else 100),
        "gate_open": True,
        "age_s": Decimal(10),
        "priced_s": Decimal(10),
    }
    return Resting(**(usual | changes))  # type: ignore[arg-type] # tests name real fields


def quote(bid: str | None, ask: str | None, age_s: str = "1") -> Quote:
    return Quote(
        instrument(),
        mark=Decimal(60_000),
        index=Decimal(60_000),
        age_s=Decimal(age_s),
        bid=None if bid is None else Decimal(bid),
        ask=None if ask is None else Decimal(ask),
    )


def test_at_the_front_it_stays() -> None:
    assert chase(resting(), quote("59999.9", "60000"), SETTINGS) == Keep()


@pytest.mark.parametrize(
    ("order", "bid", "ask", "price"),
    [
        (working(Side.SELL), "59979.9", "59980", "59980"),
        (working(Side.SELL), "60019.9", "60020", "60020"),
        (working(Side.SELL), "59800", "59850", "59900"),
        (working(Side.BUY), "60020", "60020.1", "60020"),
        (working(Side.BUY), "60150", "60150.1", "60100"),
    ],
)
def test_it_follows_the_best_price_of_its_side_within_its_bound(
    order: Order, bid: str, ask: str, price: str
) -> None:
    assert chase(resting(order), quote(bid, ask), SETTINGS) == Reprice(Decimal(price))


def test_it_is_not_moved_for_less_than_it_is_worth_nor_too_often() -> None:
    patient = replace(SETTINGS, reprice_ticks=10)
    assert chase(resting(), quote("59999", "59999.1"), patient) == Keep()
    assert chase(resting(), quote("59998", "59999"), patient) == Reprice(Decimal(59_999))
    fresh = resting(priced_s=Decimal("1.9"))
    assert chase(fresh, quote("59979.9", "59980"), SETTINGS) == Keep()
    due = resting(priced_s=Decimal(2))
    assert chase(due, quote("59979.9", "59980", age_s="30"), SETTINGS) == Reprice(Decimal(59_980))


def test_after_its_time_it_crosses_where_the_bound_allows_it() -> None:
    late = resting(age_s=Decimal(60))
    assert chase(late, quote("59900", "59950"), SETTINGS) == Cross(Decimal(59_900))
    assert chase(late, quote("59899.9", "59950"), SETTINGS) == Cancel(Why.TIME_LIMIT)
    assert chase(late, quote(None, "59950"), SETTINGS) == Cancel(Why.TIME_LIMIT)
    giving_up = replace(SETTINGS, then_cross=False)
    assert chase(late, quote("59900", "59950"), giving_up) == Cancel(Why.TIME_LIMIT)
    buying = resting(working(Side.BUY), age_s=Decimal(60))
    assert chase(buying, quote("60090", "60100"), SETTINGS) == Cross(Decimal(60_100))
    assert chase(buying, quote("60090", "60100.1"), SETTINGS) == Cancel(Why.TIME_LIMIT)


@pytest.mark.parametrize(
    ("changes", "quoted", "why"),
    [
        ({"gate_open": False}, quote("59999.9", "60000"), Why.GATE_CLOSED),
        ({"wanted": Decimal(-99)}, quote("59999.9", "60000"), Why.TARGET_MOVED),
        ({"wanted": Decimal(0)}, quote("59999.9", "60000"), Why.TARGET_MOVED),
        ({"wanted": Decimal(500)}, quote("59999.9", "60000"), Why.TARGET_MOVED),
        ({}, quote("59999.9", "60000", age_s="30.1"), Why.QUOTE_AGED),
        ({}, quote("59999.9", None), Why.NO_QUOTE),
        ({}, quote(None, "60000"), Why.NO_QUOTE),
    ],
)
def test_it_goes_when_its_reason_has_gone(
    changes: dict[str, object], quoted: Quote, why: Why
) -> None:
    assert chase(resting(None, **changes), quoted, SETTINGS) == Cancel(why)


def test_a_part_that_is_filled_is_wanted_no_more() -> None:
    order = advanced(working(), LookedUp(terms().client_id, Answer.WORKING, Decimal(40)))
    still = resting(order, wanted=Decimal(-60))
    assert chase(still, quote("59999.9", "60000"), SETTINGS) == Keep()


def test_what_is_ending_is_left_to_end() -> None:
    name = terms().client_id
    for event in (CancelRequested(name, "moved"), LookedUp(name, Answer.DONE)):
        ending = resting(advanced(working(), event), gate_open=False)
        assert chase(ending, quote("1", "2"), SETTINGS) == Keep()


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


@given(st.sampled_from(Side), PRICES, PRICES, st.integers(0, 200), st.integers(0, 200))
def test_no_move_ever_passes_the_bound(
    side: Side, bid: Decimal, bound: Decimal, age_s: int, wanted: int
) -> None:
    order = working(side)
    signed = Decimal(wanted if side is Side.BUY else -wanted)
    at = resting(order, bound=bound, age_s=Decimal(age_s), wanted=signed)
    move: Move = chase(at, quote(str(bid), str(bid + 1)), SETTINGS)
    if isinstance(move, Reprice | Cross):
        assert move.price <= bound if side is Side.BUY else move.price >= bound
        assert wanted >= order.remaining


@given(
    st.integers(1, 10_000),
    st.sampled_from(["1", "0.001", "10"]),
    st.integers(1, 20),
    st.integers(1, 12),
    st.integers(0, 10),
    st.text(max_size=5),
)
def test_slices_are_whole_lots_that_add_up_within_the_duration(
    lots: int, lot: str, least: int, count: int, jitter: int, seed: str
) -> None:
    one_lot = Decimal(lot)
    schedule = TwapSettings(count, Decimal(300), Decimal(jitter) / 10)
    cut = slices(lots * one_lot, one_lot, least * one_lot, schedule, seed)
    assert sum(part.contracts for part in cut) == lots * one_lot
    assert len(cut) == max(1, min(count, lots // least))
    assert all(part.contracts % one_lot == 0 for part in cut)
    assert len(cut) == 1 or all(part.contracts >= least * one_lot for part in cut)
    times = [part.after_s for part in cut]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= 300
    assert [part.part for part in cut] == list(range(len(cut)))
    assert cut == slices(lots * one_lot, one_lot, least * one_lot, schedule, seed)


def test_without_jitter_slices_are_in_the_middle_of_their_windows() -> None:
    cut = slices(Decimal(100), Decimal(1), Decimal(1), TwapSettings(4, Decimal(40), Decimal(0)), "")
    assert [part.after_s for part in cut] == [5, 15, 25, 35]


def test_a_least_size_between_lots_counts_as_the_next_lot() -> None:
    cut = slices(Decimal(10), Decimal(1), Decimal("2.5"), TwapSettings(), "")
    assert [part.contracts for part in cut] == [4, 3, 3]
    anything = slices(Decimal(2), Decimal(1), Decimal(0), TwapSettings(), "")
    assert [part.contracts for part in anything] == [1, 1]


def test_another_seed_is_another_schedule() -> None:
    one, two = (
        slices(Decimal(100), Decimal(1), Decimal(1), TwapSettings(), seed) for seed in ("a", "b")
    )
    assert [part.after_s for part in one] != [part.after_s for part in two]


@pytest.mark.parametrize(
    "wrong",
    [{"slices": 0}, {"duration_s": Decimal(-1)}, {"jitter": Decimal("1.1")}],
)
def test_a_schedule_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a schedule"):
        replace(TwapSettings(), **wrong)  # type: ignore[arg-type] # tests name real fields
