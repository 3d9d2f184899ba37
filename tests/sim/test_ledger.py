"""The ledger books to 8 decimals, on both sides of a posting the same."""

from decimal import ROUND_DOWN, Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from hedged.sim.decimals import fixed, floored, plain, quotient
from hedged.sim.ledger import Ledger, Reason

amounts = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False)
purses = st.sampled_from(("one", "two", "house"))


@given(st.lists(st.tuples(amounts, purses, purses), max_size=20))
def test_whatever_is_moved_the_purses_sum_to_zero(moves: list[tuple[Decimal, str, str]]) -> None:
    ledger = Ledger()
    for amount, source, target in moves:
        booked = ledger.move(0, Reason.TRADE, "BTC", amount, source, target)
        assert abs(booked - amount) <= Decimal("0.000000005")
        assert booked == round(booked, 8)
    assert all(total == 0 for _, total in ledger.totals())


def test_a_posting_is_rounded_once() -> None:
    ledger = Ledger()
    booked = ledger.move(7, Reason.FEE, "ETH", Decimal(2) / 3, "one", "two")
    assert booked == Decimal("0.66666667")
    assert [ledger.balance(purse, "ETH") for purse in ("one", "two")] == [-booked, booked]
    assert ledger.balance("one", "BTC") == ledger.balance("nobody", "BTC") == 0


def test_figures_do_not_depend_on_the_callers_context() -> None:
    with localcontext(prec=5, rounding=ROUND_DOWN):
        rough = (
            quotient(Decimal(325_000), Decimal("64996.7")),
            floored(Decimal("12345.678"), Decimal("0.05")),
        )
        printed = fixed(Decimal("0.126"), 2)
    assert printed == "0.13"
    assert rough == (quotient(Decimal(325_000), Decimal("64996.7")), Decimal("12345.65"))


def test_numbers_are_printed_as_venues_print_them() -> None:
    assert [plain(Decimal(text)) for text in ("1.500", "-0.0", "1E+3", "1E-8", "0")] == [
        "1.5",
        "0",
        "1000",
        "0.00000001",
        "0",
    ]
    assert [fixed(Decimal(text), 2) for text in ("1", "-0.001", "-1.5")] == [
        "1.00",
        "0.00",
        "-1.50",
    ]
