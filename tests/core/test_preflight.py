"""What the preflight makes of keys, clocks, margin modes and lots."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hedged.core.access import Access
from hedged.core.certificate import Certificate, Proven
from hedged.core.decide import decide
from hedged.core.listing import listed
from hedged.core.preflight import (
    Mark,
    certificate_check,
    clock_check,
    dead_man_check,
    key_checks,
    leverage_check,
    listing_check,
    lot_checks,
    margin_check,
    position_check,
    transfer_checks,
)
from hedged.core.types import Amount, Environment, Execution, Kind, Others, Position
from tests.core.build import account, instrument, policy, position, quote, snapshot

D = Decimal
NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD, DOUBT, WRONG = Mark.GOOD, Mark.DOUBT, Mark.WRONG
SOUND = {"may_trade": True, "may_withdraw": False, "is_bound": True}
REAL, TEST = Environment.MAINNET, Environment.TESTNET


def found(
    environment: Environment, execution: Execution, **key: bool | datetime | None
) -> dict[str, Mark]:
    access = Access(**(SOUND | key))  # type: ignore[arg-type] # by name, each of its own type
    checks = list(key_checks("main", access, environment, execution, NOW))
    assert all(check.remedy for check in checks if check.mark is not GOOD)
    return {check.found: check.mark for check in checks}


def test_a_sound_key_is_good_and_says_what_it_may_do() -> None:
    assert found(REAL, Execution.LIVE) == {"it may not withdraw": GOOD, "it may trade": GOOD}


@pytest.mark.parametrize(("environment", "mark"), [(REAL, WRONG), (TEST, DOUBT)])
def test_the_right_to_withdraw_is_wrong_where_the_money_is_real(
    environment: Environment, mark: Mark
) -> None:
    assert found(environment, Execution.LIVE, may_withdraw=True)["it may withdraw"] is mark


def test_what_is_not_told_is_a_doubt_and_not_a_no() -> None:
    told = found(REAL, Execution.LIVE, may_withdraw=None, may_trade=None, is_bound=None)
    assert told == {"whether it may withdraw is not told": DOUBT}


def test_live_execution_needs_a_key_that_trades_and_dry_run_on_mainnet_none() -> None:
    assert found(REAL, Execution.LIVE, may_trade=False)["it may only read"] is WRONG
    assert found(REAL, Execution.DRY_RUN, may_trade=False)["it may only read"] is GOOD
    assert found(REAL, Execution.DRY_RUN)["it may trade"] is DOUBT
    assert found(TEST, Execution.DRY_RUN)["it may trade"] is GOOD


@pytest.mark.parametrize(
    ("may", "marks"),
    [
        (True, {"it may move collateral": GOOD}),
        (False, {"it may not move collateral": WRONG}),
        (None, {"its right to move is not told": DOUBT}),
    ],
)
def test_collateral_is_moved_only_with_the_right_to(
    *, may: bool | None, marks: dict[str, Mark]
) -> None:
    access = Access(may_transfer=may)
    assert {c.found: c.mark for c in transfer_checks("main", access, moves=True)} == marks
    assert list(transfer_checks("main", access, moves=False)) == []


def test_a_key_for_any_address_is_a_doubt_on_mainnet() -> None:
    assert found(REAL, Execution.LIVE, is_bound=False)["it works from any address"] is DOUBT
    assert "it works from any address" not in found(TEST, Execution.LIVE, is_bound=False)


@pytest.mark.parametrize(
    ("days", "mark"), [(15, GOOD), (14, DOUBT), (4, DOUBT), (3, WRONG), (0, WRONG), (-1, WRONG)]
)
def test_the_end_of_a_key_is_told_14_and_3_days_ahead(days: int, mark: Mark) -> None:
    told = found(TEST, Execution.LIVE, expires_at=NOW + timedelta(days=days))
    (text,) = [text for text in told if text.startswith("it expires")]
    assert told[text] is mark


@pytest.mark.parametrize(
    ("skew", "mark"), [("0", GOOD), ("-1", GOOD), ("1.001", WRONG), ("-3600", WRONG), (None, DOUBT)]
)
def test_a_clock_beyond_a_second_is_wrong(skew: str | None, mark: Mark) -> None:
    assert clock_check("main", None if skew is None else D(skew)).mark is mark


@pytest.mark.parametrize(
    ("told", "mark"), [("cross", GOOD), ("isolated", WRONG), ("portfolio", WRONG), (None, DOUBT)]
)
def test_the_margin_mode_is_held_against_the_configured_one(told: str | None, mark: Mark) -> None:
    assert margin_check("main", told, "cross").mark is mark


def test_who_cancels_when_hedged_falls_silent() -> None:
    assert dead_man_check("main", has_switch=True).mark is Mark.GOOD
    none = dead_man_check("main", has_switch=False)
    assert (none.mark, none.found) == (
        Mark.DOUBT,
        "none that hedged could arm: what rests there rests 30 s at most",
    )


@pytest.mark.parametrize(("wallet", "mark"), [("0.1", GOOD), ("0.099", DOUBT)])
def test_a_lot_beyond_two_percent_of_the_book_is_too_coarse(wallet: str, mark: Mark) -> None:
    listed = instrument(size="100")
    decision = decide(snapshot(quotes=(quote(50000, listed),), accounts=(account(wallet),)))
    (check,) = lot_checks(decision)
    assert (check.subject, check.mark) == ("core BTC", mark)
    assert check.found.startswith("a lot of BTC/USD:BTC is 100 USD, 2")


def test_an_empty_book_has_no_share_of_a_lot() -> None:
    assert not list(lot_checks(decide(snapshot(quotes=(quote(50000),)))))


def test_the_lot_of_a_position_that_is_only_counted_does_not_matter() -> None:
    dated = replace(instrument(size="10000"), symbol="BTC/USD:BTC-260327")
    stray = replace(position(-10_000, 50_000, dated), mark=D(50_000))
    counts = policy(others=Others.COUNT)
    decision = decide(
        snapshot(quotes=(quote(50_000),), accounts=(account(1, stray),), hedges=(counts,))
    )
    assert [check.mark for check in lot_checks(decision)] == [GOOD]


@pytest.mark.parametrize(
    ("kind", "told", "mark"),
    [
        (Kind.INVERSE, D("0.1") / 6, GOOD),  # 60,000 USD short from 60,000 at 59,016.39…
        (Kind.INVERSE, None, GOOD),
        (Kind.INVERSE, -D("0.1") / 6, WRONG),
        (Kind.INVERSE, D(0), WRONG),
        (Kind.LINEAR, D(1000), GOOD),
        (Kind.LINEAR, D(-1000), WRONG),
    ],
)
def test_the_venue_and_our_formula_say_the_same_of_a_position(
    kind: Kind, told: Decimal | None, mark: Mark
) -> None:
    perp = replace(instrument(), kind=kind, settle="BTC" if kind is Kind.INVERSE else "USDT")
    price = D(60_000) * 60 / 61 if kind is Kind.INVERSE else D(59_000)
    quantity = Amount(D(-60_000), "USD") if kind is Kind.INVERSE else Amount(D(-1), "BTC")
    held = Position(perp, quantity, D(60_000), unrealised_pnl=told)
    found = position_check(held, replace(quote(60_000), instrument=perp, mark=price))
    assert found.mark is mark
    assert bool(found.remedy) is (mark is WRONG)


def test_leverage_and_contract_are_held_against_what_they_should_be() -> None:
    good = leverage_check("main", "BTC/USD:BTC", D(5), D(5), "")
    assert (good.mark, good.found) == (GOOD, "5")
    assert leverage_check("main", "BTC/USD:BTC", None, D(5), "").mark is DOUBT
    tried = leverage_check("main", "BTC/USD:BTC", D(10), D(5), "refused: no")
    assert (tried.mark, tried.found) == (
        WRONG,
        "10, configured is 5; setting it came to: refused: no",
    )
    perp = instrument()
    assert listing_check(listed(perp), perp).mark is GOOD
    other = listing_check(listed(perp), replace(perp, contract_size=D(10)))
    assert (other.mark, "hedged ack" in other.remedy) == (WRONG, True)


def test_a_contract_without_a_certificate_takes_no_real_money() -> None:
    perp = instrument()
    check = certificate_check(perp, Proven({perp.venue: "bybit"}, (), "4.5.90"))
    assert check.mark is Mark.WRONG
    assert (
        f"{perp.symbol} at bybit has no certificate: hedged certify --venue {perp.venue}"
        in check.found
    )
    certificate = Certificate(
        "bybit",
        TEST,
        perp.symbol,
        perp.kind,
        perp.base,
        perp.settle,
        perp.contract_size,
        "4.5.90",
        "0.1.0",
        NOW,
    )
    proven = Proven({perp.venue: "bybit"}, (certificate,), "4.5.90")
    assert certificate_check(perp, proven).mark is Mark.GOOD
