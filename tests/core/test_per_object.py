"""What is kept by identity is kept for the last few objects only, and never for a wrong one."""

from hedged.core.per_object import KEPT, per_object


def test_the_same_object_is_computed_once_and_the_oldest_are_forgotten() -> None:
    asked: list[tuple[int, ...]] = []

    @per_object
    def total(numbers: tuple[int, ...]) -> int:
        asked.append(numbers)
        return sum(numbers)

    histories = [(number, number) for number in range(KEPT + 1)]
    assert [total(numbers) for numbers in histories] == [2 * n for n in range(KEPT + 1)]
    assert total(histories[-1]) == 2 * KEPT
    assert len(asked) == KEPT + 1
    assert total(histories[0]) == 0
    assert len(asked) == KEPT + 2


def test_an_equal_object_is_another_one() -> None:
    asked = []

    @per_object
    def first(numbers: tuple[int, ...]) -> int:
        asked.append(numbers)
        return numbers[0]

    one, other = (tuple(range(1, 3)) for _ in range(2))
    assert first(one) == first(other) == 1
    assert len(asked) == 2
