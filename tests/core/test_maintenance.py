"""Maintenance that a venue has announced: what may still be sent before it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.types import (
    AssetDecision,
    Finding,
    Maintenance,
    Reason,
    Style,
    StyleKind,
    TradingState,
)
from tests.core.build import AT, D, account, cold, policy, quote, snapshot

QUOTES = (replace(quote(65_000), bid=D(64_999), ask=D(65_001)),)
MAKER = Style(kind=StyleKind.MAKER, time_limit_s=D(600))


def window(begins_s: float | None, ends_s: float | None, *, lasts: bool = False) -> Maintenance:
    starts_at, ends_at = (
        None if at_s is None else AT + timedelta(seconds=at_s) for at_s in (begins_s, ends_s)
    )
    return Maintenance("main", "upgrade", starts_at, ends_at, lasts)


def decided(*windows: Maintenance, **changes: Any) -> AssetDecision:
    style = changes.pop("style", Style())
    given = {"quotes": QUOTES, "accounts": (account(5),), "holdings": (cold(0),)} | changes
    book = snapshot(hedges=(policy(style=style),), maintenance=windows, **given)
    return decide(book).assets[0]


def blocked(asset: AssetDecision) -> list[Finding]:
    assert asset.orders
    return [finding for finding in asset.blocked if finding.reason is Reason.WINDOW]


@pytest.mark.parametrize(
    ("told", "style", "is_blocked"),
    [
        (window(61, 600), Style(), False),
        (window(60, 600), Style(), True),
        (window(-5, 600), Style(), True),
        (window(-5, 600, lasts=True), Style(), True),
        (window(-600, -5), Style(), False),
        (window(-600, 0), Style(), False),
        (window(-600, -5, lasts=True), Style(), True),
        (window(-600, None), Style(), True),
        (window(None, None, lasts=True), Style(), True),
        (window(None, None, lasts=True), MAKER, True),
        (window(661, 900), MAKER, False),
        (window(660, 900), MAKER, True),
    ],
)
def test_nothing_goes_that_would_still_work_when_it_begins(
    told: Maintenance, style: Style, *, is_blocked: bool
) -> None:
    asset = decided(told, style=style, quotes=QUOTES)
    assert bool(blocked(asset)) is is_blocked


def test_the_reason_names_both_ends_and_how_long_the_order_may_rest() -> None:
    made = {"style": MAKER, "quotes": QUOTES}
    (found,) = blocked(decided(window(600, 4200), **made))
    assert found.detail == (
        "main has announced maintenance from 2026-01-01 00:10 to 2026-01-01 01:10 UTC: upgrade, "
        "and this order may rest for 600 s"
    )
    (found,) = blocked(decided(window(-600, None, lasts=True)))
    assert found.detail == (
        "main is in maintenance from 2025-12-31 23:50 to an unknown end: upgrade"
    )
    (found,) = blocked(decided(window(None, None, lasts=True), **made))
    assert found.detail == "main is in maintenance to an unknown end: upgrade"


def test_it_is_told_a_day_ahead_and_another_venues_is_not() -> None:
    def told(*windows: Maintenance) -> list[Reason]:
        return [alert.reason for alert in decided(*windows).alerts]

    assert told(window(86_400, 90_000)) == [Reason.WINDOW]
    assert told(window(86_401, 90_000)) == []
    assert told(window(-600, -5)) == []
    assert told(window(None, None, lasts=True)) == [Reason.WINDOW]
    away = Maintenance("other", "upgrade", AT, None, lasts=True)
    assert told(away) == []
    assert not blocked(decided(away))


def test_a_halt_stands_beside_it() -> None:
    asset = decided(window(0, 60), state=TradingState.HALTED)
    assert {finding.reason for finding in asset.blocked} == {Reason.HALTED, Reason.WINDOW}
    assert isinstance(asset.orders[0].notional_usd, Decimal)
