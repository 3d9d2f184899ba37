"""Arming holds for the accounts and limits that the operator saw, and for nothing else."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from hedged.core.arming import accounts_of, disarmed, limits_of
from hedged.core.events import Armed, Disarmed, Entry
from hedged.core.ledger import folded, restored
from hedged.core.types import HedgeLeg, HedgePolicy, Limits, Transfers, Window
from tests.core.any_event import START

POLICY = HedgePolicy(
    asset="BTC",
    spot=("main",),
    legs=(HedgeLeg("main", "BTC/USD:BTC", cap_usd=Decimal(500_000)),),
    limits=Limits(max_order_usd=Decimal(10_000)),
)
ACCOUNTS: dict[str, str | None] = {"main": "1001", "elsewhere": "7"}
ARMED = Armed(
    "core", tuple(accounts_of(ACCOUNTS, [POLICY])), tuple(limits_of([POLICY])), who="anna"
)


def test_a_book_that_nobody_armed_says_how_to() -> None:
    assert disarmed("core", None, ACCOUNTS, [POLICY]) == (
        "book core was never armed: hedged arm core"
    )


def test_what_was_armed_stays_armed_while_nothing_changes() -> None:
    assert disarmed("core", ARMED, ACCOUNTS, [POLICY]) is None
    elsewhere = {**ACCOUNTS, "elsewhere": "8"}  # a venue that the book does not trade at
    assert disarmed("core", ARMED, elsewhere, [POLICY]) is None


def test_another_account_behind_the_key_disarms() -> None:
    why = disarmed("core", ARMED, {"main": "1002"}, [POLICY])
    assert why == (
        "armed by anna, and changed since: was 'main: account 1001', is 'main: account 1002'; "
        "hedged arm core"
    )


def test_a_number_that_the_venue_no_longer_tells_disarms() -> None:
    assert "is 'main: account'" in str(disarmed("core", ARMED, {"main": None}, [POLICY]))


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_any_other_limit_disarms_and_is_named(name: str) -> None:
    limits: Limits = replace(POLICY.limits, **{name: 3})  # type: ignore[arg-type] # any field
    why = disarmed("core", ARMED, ACCOUNTS, [replace(POLICY, limits=limits)])
    assert f"is 'BTC: {name} 3'" in str(why)


@pytest.mark.parametrize(
    "change",
    [
        {"ratio": Decimal("0.5")},
        {"transfers": Transfers("main", "main:funding")},
        {"transfers": Transfers("main", "main:funding", 6, Decimal(3))},
        {"keep": Decimal(1)},
        {"notional_usd": Decimal(1)},
        {"allow_long": True},
        {"slippage": Decimal("0.01")},
        {"windows": (Window("night", Decimal(1)),)},
        {"legs": (HedgeLeg("main", "BTC/USD:BTC", cap_usd=Decimal(600_000)),)},
        {"legs": (*POLICY.legs, HedgeLeg("main", "BTC/USD:BTC-270326"))},
    ],
    ids=str,
)
def test_whatever_lets_it_trade_more_or_elsewhere_disarms(change: dict[str, object]) -> None:
    changed: HedgePolicy = replace(POLICY, **change)  # type: ignore[arg-type] # any field
    assert disarmed("core", ARMED, ACCOUNTS, [changed]) is not None


def test_the_journal_keeps_it_through_a_restart_until_it_is_taken_back() -> None:
    armed = folded([Entry(1, START, ARMED)])
    assert restored(armed.checkpoint()).armed == {"core": ARMED}
    assert folded([Entry(1, START, ARMED), Entry(2, START, Disarmed("core", "ben"))]).armed == {}
