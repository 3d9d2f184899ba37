"""Effectiveness held against the statistics module and fractions, over the whole and by windows."""

import statistics
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hedged.report.causes import Causes, Step
from hedged.report.effectiveness import Change, Effectiveness, changes, effectiveness, rolling
from hedged.report.samples import Sample
from hedged.report.text import ROLLING, rolling_row
from tests.core.any_event import START

D = Decimal
HOUR = timedelta(hours=1)
USD = st.decimals(-50_000, 50_000, places=2)
PAIRS = st.lists(st.tuples(USD, USD), min_size=3, max_size=60)


def hourly(pairs: Sequence[tuple[Decimal, Decimal]]) -> list[Change]:
    return [
        Change(START + n * HOUR, START + (n + 1) * HOUR, item, hedge)
        for n, (item, hedge) in enumerate(pairs)
    ]


@given(PAIRS)
def test_each_measure_is_what_others_compute(pairs: list[tuple[Decimal, Decimal]]) -> None:
    item, hedge = ([Fraction(value) for value in side] for side in zip(*pairs, strict=True))
    assume(len(set(item)) > 1 < len(set(hedge)))
    assume(sum(item))
    found = effectiveness(hourly(pairs))
    assert found.offset == pytest.approx(D(float(-sum(hedge) / sum(item))), rel=D("1e-9"))
    line = statistics.linear_regression(item, hedge)
    assert found.slope == pytest.approx(D(float(line.slope)), rel=D("1e-6"), abs=D("1e-9"))
    r = statistics.correlation([float(x) for x in item], [float(y) for y in hedge])
    assert found.r_squared == pytest.approx(D(r * r), rel=D("1e-6"), abs=D("1e-9"))
    net = [x + y for x, y in zip(item, hedge, strict=True)]
    left = statistics.variance(net) / statistics.variance(item)
    assert found.reduction == pytest.approx(D(float(1 - left)), rel=D("1e-6"), abs=D("1e-9"))


def test_by_hand() -> None:
    """Coins made 100, -50, 30; the hedge -90, 55, -35.

    Offset 70/80. Less the means of 80/3 and -70/3, the products come to -32,800/3 and the squares
    to 33,800/3: the slope is -328/338.
    """
    made = effectiveness(hourly([(D(100), D(-90)), (D(-50), D(55)), (D(30), D(-35))]))
    assert made.offset == D("0.875")
    item = [Fraction(x) - Fraction(80, 3) for x in (100, -50, 30)]
    hedge = [Fraction(y) + Fraction(70, 3) for y in (-90, 55, -35)]
    across = sum(x * y for x, y in zip(item, hedge, strict=True))
    squares = sum(x * x for x in item)
    assert (across, squares) == (Fraction(-32_800, 3), Fraction(33_800, 3))
    assert made.slope == pytest.approx(D(-328) / 338, rel=D("1e-30"))
    assert made.samples == 3
    assert made.is_within is True


@pytest.mark.parametrize(
    ("hedge", "is_within"),
    [
        ("-1", True),
        ("-0.8", True),
        ("-1.25", True),
        ("-0.79", False),
        ("-1.26", False),
        ("1", False),
    ],
)
def test_the_marks(hedge: str, *, is_within: bool) -> None:
    pairs = [(D(n), D(n) * D(hedge)) for n in (100, -30, 55, 8)]
    assert effectiveness(hourly(pairs)).is_within is is_within


def test_r_squared_alone_is_not_enough() -> None:
    """The coin count over the real path of 2019 to 2021 had R² .97, and a slope of -2.38."""
    pairs = [(D(n), D(n) * D("-2.38")) for n in (100, -30, 55, 8)]
    found = effectiveness(hourly(pairs))
    assert found.r_squared == pytest.approx(D(1))
    assert found.is_within is False
    assert found.reduction is not None
    assert found.reduction < 0


@given(
    st.lists(st.tuples(USD, USD), min_size=1, max_size=120),
    st.integers(7, 48).map(lambda hours: hours * HOUR),
)
def test_windows_move_by_a_seventh_and_end_with_the_period(
    pairs: list[tuple[Decimal, Decimal]], window: timedelta
) -> None:
    made = hourly(pairs)
    found = list(rolling(made, window))
    ends = [w.end for w in found]
    assert ends == sorted(set(ends))
    end = made[-1].end
    for one in found:
        within = [c for c in made if one.start <= c.start and c.end <= one.end]
        assert one == effectiveness(within)
        assert one.end - one.start <= window
    if len(pairs) * HOUR >= window >= 3 * HOUR:
        assert ends[-1] == end
    expected = max(0, (len(pairs) * HOUR - window) // (window / 7) + 1)
    assert len(found) <= expected


def test_a_last_change_that_is_longer_than_the_window_has_none() -> None:
    made = hourly([(D(1), D(-1)), (D(2), D(-2))])
    made.append(Change(made[-1].end, made[-1].end + 30 * HOUR, D(3), D(-3)))
    assert list(rolling(made, 24 * HOUR)) == []


def sample(hours: float) -> Sample:
    return Sample(START + hours * HOUR, D(1), D(1), D(1), D(0), D(0), ())


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=50))
def test_changes_hold_all_steps_and_span_an_hour(spans: list[float]) -> None:
    """Looks come at irregular times; what is left at the end is a change of its own."""
    at, steps = 0.0, []
    for number, span in enumerate(spans, 1):
        causes = Causes(inventory=D(number), perp_index=D(-number), basis=D("0.5"))
        steps.append(Step(sample(at), sample(at + span), causes))
        at += span
    made = changes(steps)
    assert sum(change.item for change in made) == sum(range(1, len(spans) + 1))
    assert sum(c.hedge + c.item for c in made) == D("0.5") * len(spans)
    assert all(c.end - c.start >= HOUR for c in made[:-1])
    assert (made[0].start, made[-1].end) == (steps[0].start.at, steps[-1].end.at)


def test_what_did_not_move_is_a_dash_and_no_verdict() -> None:
    found = effectiveness(hourly([(D(0), D(0))] * 3))
    assert found == Effectiveness(START, START + 3 * HOUR, None, None, None, 3)
    assert found.is_within is None
    row = dict(zip(ROLLING, rolling_row(found), strict=True))
    assert row["within the marks"] == row["variance reduction"] == "–"
