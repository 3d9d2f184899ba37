"""How an account's margin is set, against how it is meant to be."""

from decimal import Decimal

import pytest

from hedged.core.arrangement import MARGIN_MODE, Arrangement, Change, changes

TOLD = Arrangement("cross", {"BTC/USD:BTC": Decimal("10.0"), "ETH/USD:ETH": None})


@pytest.mark.parametrize(
    ("mode", "leverage", "wanted"),
    [
        ("cross", None, []),
        ("cross", Decimal(10), []),
        ("isolated", None, [Change(MARGIN_MODE, "cross", "isolated")]),
        ("cross", Decimal(3), [Change("BTC/USD:BTC", "10", "3")]),
    ],
)
def test_what_is_told_to_be_otherwise_is_changed(
    mode: str, leverage: Decimal | None, wanted: list[Change]
) -> None:
    assert list(changes(TOLD, mode, leverage)) == wanted


def test_what_is_not_told_is_not_changed() -> None:
    assert list(changes(Arrangement(None), "isolated", Decimal(3))) == []
