"""`hedged calc`, run as its users run it."""

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hedged.cli.commands import app


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
        (["--price", "1e400"], "not between 1e-12 and 1e12"),
        (["--price", "1e-400"], "not between 1e-12 and 1e12"),
        (["--price", "1e9999999999"], "is not a number"),
        (["--price", "1", "--coins", "-1e13"], "not between 1e-12 and 1e12"),
        (["--price", "1" + "0" * 28], "more than 28 digits"),
        (["--price", "0." + "1" * 29], "more than 28 digits"),
        (["--price", "1_000"], "'1_000' is not a number"),
        (["--price", "\u0661\u0662"], "is not a number"),
        (["--price", " 1"], "' 1' is not a number"),
        (["--price", "1", "--coins", "inf"], "'inf' is not a number"),
        (["--price", "1", "--ratio", "1.6"], "from 0 to 1.5"),
        (["--price", "1", "--ratio", "-0.1"], "from 0 to 1.5"),
        (["--price", "1", "--ratio", "50"], 'did you mean "50%"?'),
        (["--price", "1", "--ratio", "1e2"], "from 0 to 1.5"),
    ],
)
def test_bad_options_are_named_in_one_line(options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["calc", *options])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout == ""


def test_a_ratio_is_written_as_in_the_configuration() -> None:
    half = calc("--coins", "2", "--price", "100", "--ratio", "50%")
    assert half == calc("--coins", "2", "--price", "100", "--ratio", "0.5")
    assert half["target_usd"] == "-100"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--coins", "1", "--price", "100", "--entry", "90"], "--entry changes nothing without"),
        (["--coins", "-1", "--price", "100"], "the target is long"),
    ],
)
def test_what_the_figures_do_not_say_is_said_on_stderr(options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["calc", "--json", *options])
    assert done.exit_code == 0
    assert done.stderr.startswith(f"hedged: {said}")
    assert done.stderr.count("\n") == 1
    assert json.loads(done.stdout)["target_usd"] in {"-100", "100"}


def test_a_usual_question_has_no_note() -> None:
    options = ["--coins", "5", "--price", "58500", "--position", "-3250", "--entry", "65000"]
    done = CliRunner().invoke(app, ["calc", "--json", *options])
    assert done.stderr == ""


SIGNED = ("--coins", "--wallet", "--position")
ABOVE_ZERO = ("--price", "--entry", "--contract-size", "--lot")
ODD = (
    *("", "-", "+", ".", "1.", ".5", "0", "-0", "1e12", "-1e12", "1e-12", "1e13", "1e999", "1E-9"),
    *("NaN", "sNaN", "Infinity", "0x1", "1,5", "1 000", "--json", "\ud800", "\x00", "[/x]"),
)
odd = st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.decimals().map(str))
above_zero = st.one_of(
    st.decimals("0.0001", "1e12", places=4).map(str), st.sampled_from(["1e12", "1e-12", "3"])
)
signed = st.one_of(above_zero, above_zero.map(lambda text: f"-{text}"), st.just("0"))


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """Options that are all sane in size, or all odd."""
    is_sane = draw(st.booleans())
    options: list[str] = []
    for name in draw(st.lists(st.sampled_from(SIGNED + ABOVE_ZERO), unique=True)):
        sane = signed if name in SIGNED else above_zero
        options += [name, draw(sane if is_sane else odd)]
    ratios = st.sampled_from(["0", "1.5", "33%"])
    options += draw(
        st.one_of(st.just([]), (ratios if is_sane else odd).map(lambda r: ["--ratio", r]))
    )
    options += draw(st.sampled_from([[], ["--kind", "linear"], ["--accounting", "coins"]]))
    return [*options, *draw(st.sampled_from([[], ["--json"]]))]


@pytest.mark.proof
@settings(max_examples=250, deadline=None)
@given(options=command_lines())
def test_no_command_line_makes_a_traceback(options: list[str]) -> None:
    done = CliRunner().invoke(app, ["calc", "--price", "65000", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert done.exit_code in {0, 2}
    if done.exit_code == 0 and "--json" in options:
        for figure in json.loads(done.stdout).values():
            assert figure is None or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", figure)
