"""Cutting a correction into slices."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.decimals import exact
from hedged.core.twap import Slice, due_times, next_slice
from hedged.core.types import Style, StyleKind
from tests.core.build import D

EVEN = Style(StyleKind.TWAP, slices=4, duration_s=D(40), jitter=D(0))


@given(st.integers(1, 12), st.integers(0, 10), st.text(max_size=5))
def test_slices_are_due_in_order_each_in_its_window(count: int, jitter: int, seed: str) -> None:
    style = Style(StyleKind.TWAP, slices=count, duration_s=D(300), jitter=D(jitter) / 10)
    times = due_times(style, seed)
    window = D(300) / count
    assert len(times) == count
    for part, at in enumerate(times):
        assert window * part - D("1e-20") <= at <= window * (part + 1)
    assert times == due_times(style, seed)


def test_without_jitter_slices_are_in_the_middle_of_their_windows() -> None:
    assert due_times(EVEN, "") == (D(5), D(15), D(25), D(35))


def test_another_seed_is_another_schedule() -> None:
    assert due_times(Style(), "a") != due_times(Style(), "b")


@pytest.mark.parametrize(
    ("elapsed", "sent", "expected"),
    [
        (0, None, Slice(1, 4, D(5))),
        (5, None, Slice(1, 4, D(0))),
        (6, 5, Slice(2, 3, D(9))),
        (15, 6, Slice(2, 3, D(0))),
        (27, None, Slice(3, 2, D(0))),  # two were missed: the third is a half of all
        (36, 35, Slice(4, 1, D(4))),
        (36, 26, Slice(4, 1, D(0))),
        (40, 39, Slice(4, 1, D(0))),
    ],
)
def test_the_next_slice(elapsed: int, sent: int | None, expected: Slice) -> None:
    assert next_slice(EVEN, "", D(elapsed), None if sent is None else D(sent)) == expected


@exact
def _sent_at_the_end(style: Style, seed: str, total: Decimal) -> Decimal:
    """What has been sent when the duration is over, a look a second."""
    todo, sent_s = total, None
    for second in range(int(style.duration_s) + 1):
        part = next_slice(style, seed, D(second), sent_s)
        if todo and not part.wait_s:
            todo -= todo / part.left
            sent_s = D(second)
    return total - todo


@given(st.integers(1, 20), st.integers(0, 10), st.text(max_size=5))
def test_the_slices_come_to_all_of_it(count: int, jitter: int, seed: str) -> None:
    style = Style(StyleKind.TWAP, slices=count, duration_s=D(60), jitter=D(jitter) / 10)
    assert _sent_at_the_end(style, seed, D(1000)) == 1000


@pytest.mark.parametrize(
    "wrong", [{"slices": 0}, {"duration_s": Decimal(-1)}, {"jitter": Decimal("1.1")}]
)
def test_a_schedule_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a schedule"):
        replace(Style(), **wrong)  # type: ignore[arg-type] # tests name real fields
