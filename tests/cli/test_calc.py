"""`hedged calc`, run as its users run it."""

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from hedged.cli import app


def calc(*options: str) -> dict[str, str | None]:
    done = CliRunner().invoke(app, ["calc", "--json", *options])
    assert done.exit_code == 0, done.output
    shown: dict[str, str | None] = json.loads(done.stdout)
    return shown


def test_introductory_example_five_btc_short_five_linear_contracts() -> None:
    shown = calc("--kind", "linear", "--coins", "5", "--price", "65000")
    assert (shown["target_contracts"], shown["target_usd"]) == ("-5", "-325000")
    moved = calc(
        *("--kind", "linear", "--coins", "5", "--price", "58500", "--position", "-5"),
        *("--entry", "65000"),
    )
    assert (moved["order_contracts"], moved["net_delta"]) == ("0", "0")


def test_introductory_example_two_coins_855000_usd() -> None:
    btc = calc("--kind", "linear", "--coins", "10", "--price", "68000")
    eth = calc("--kind", "linear", "--coins", "50", "--price", "3500")
    assert btc["order_contracts"] == "-10"
    assert eth["target_usd"] == "-175000"
    assert Decimal(btc["target_usd"] or 0) + Decimal(eth["target_usd"] or 0) == -855000


def test_introductory_example_sell_spot_buy_back_the_matching_contracts() -> None:
    after_sale = ("--coins", "3", "--position", "-5", "--entry", "65000", "--price", "65000")
    assert calc("--kind", "linear", *after_sale)["order_contracts"] == "2"


def test_an_inverse_book_needs_no_order_after_a_move() -> None:
    shown = calc(
        *("--coins", "5", "--price", "58500", "--position", "-3250", "--entry", "65000"),
        *("--contract-size", "100"),
    )
    assert shown["unrealised_pnl"] == "0.5555555555555555555555555556"
    assert (shown["order_contracts"], shown["net_delta"], shown["hedge_ratio"]) == ("0", "0", "1")


def test_coin_accounting_would_buy_back() -> None:
    shown = calc(
        *("--coins", "5", "--price", "58500", "--position", "-325000", "--entry", "65000"),
        *("--accounting", "coins"),
    )
    assert shown["order_contracts"] == "32500"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--coins", "x", "--price", "1"], "'x' is not a number"),
        (["--coins", "NaN", "--price", "1"], "'NaN' is not a number"),
        (["--coins", "1"], "Missing option '--price'"),
        (["--price", "0"], "must be greater than 0"),
        (["--price", "1", "--position", "3"], "a position needs its --entry"),
        (["--price", "1", "--kind", "quanto"], "'quanto' is not one of"),
    ],
)
def test_bad_options_are_named_in_one_line(options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["calc", *options])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
