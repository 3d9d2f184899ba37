"""Coins that left are told of; prices, trades and arrivals are not."""

from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.memory import remember
from hedged.core.types import Finding, Memory, Reason
from tests.core.build import account, cold, policy, quote, short, snapshot


def book(coins: str, position: str, mark: str, memory: Memory) -> Any:
    return snapshot(
        memory=memory,
        quotes=(quote(mark),),
        holdings=(cold(coins),),
        accounts=(account("0", short(position, "65000")),),
        hedges=(policy(),),
    )


def alerts(coins: str, position: str, mark: str) -> tuple[Finding, ...]:
    """What is said of this, when 5 coins hedged at 65,000 were seen before."""
    first = book("5", "325000", "65000", Memory())
    memory = remember(Memory(), first, decide(first))
    (asset,) = decide(book(coins, position, mark, memory)).assets
    return asset.alerts


@pytest.mark.parametrize(
    ("coins", "position", "mark"),
    [
        ("5", "325000", "65000"),
        ("5", "325000", "50000"),  # the price fell
        ("5", "325000", "80000"),
        ("6", "325000", "65000"),  # coins came
        ("5", "260000", "65000"),  # the hedge was reduced
        ("4.985", "65000", "65000"),  # nearly all of it: fees are more than the band
        ("4.99", "325000", "65000"),  # within the band of 0.0125
    ],
)
def test_prices_trades_and_arrivals_are_no_departure(coins: str, position: str, mark: str) -> None:
    assert alerts(coins, position, mark) == ()


@pytest.mark.parametrize(
    ("coins", "position", "mark", "gone"),
    [
        ("4", "325000", "65000", "1"),
        ("4", "325000", "50000", "1"),
        ("4", "260000", "65000", "1"),  # and the hedge was reduced meanwhile
        ("4.98", "325000", "65000", "0.02"),
    ],
)
def test_coins_that_left_are_told_of_with_figures(
    coins: str, position: str, mark: str, gone: str
) -> None:
    (found,) = alerts(coins, position, mark)
    assert found.reason is Reason.SANITY_JUMP
    assert found.detail.startswith(f"{gone} BTC left since the last look")
    assert f"(5 before, {coins} now)" in found.detail
