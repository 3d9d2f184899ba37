"""Lots by hand: what closing realises, first in first out and at the average."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hedged.core.types import Amount, Flow, FlowKind, Kind
from hedged.replay.stage import START
from hedged.report.samples import AssetRecords, Leg, Sample, Trade
from hedged.report.statement import Statement
from hedged.report.tax import COLUMNS, Lots, beside_lines, row, tax_lines

D = Decimal
INVERSE = ("main", "BTC/USD:BTC")
LINEAR = ("main", "BTC/USDT:USDT")


def realised(kind: Kind, *trades: tuple[str, str]) -> list[tuple[Decimal, Decimal]]:
    lots = Lots(kind)
    return [lots.trade(D(quantity), D(price)) for quantity, price in trades]


def exactly(*pairs: tuple[int, int]) -> list[tuple[Decimal, Decimal]]:
    return [(D(fifo), D(average)) for fifo, average in pairs]


def test_a_linear_contract_by_hand() -> None:
    """Sold 2 at 100 and 1 at 130 (average 110); 2 bought back at 90, then 1 at 90."""
    made = realised(Kind.LINEAR, ("-2", "100"), ("-1", "130"), ("2", "90"), ("1", "90"))
    assert made == exactly((0, 0), (0, 0), (20, 40), (40, 20))


def test_an_inverse_contract_by_hand() -> None:
    """Sold 100 at 50,000 and 100 at 40,000; 150 bought back at 45,000.

    First in first out: -100/50,000 + 100/45,000 - 50/40,000 + 50/45,000 coins. At the average of
    44,444.44, which is harmonic: -150/44,444.44 + 150/45,000.
    """
    *_, (fifo, average) = realised(
        Kind.INVERSE, ("-100", "50000"), ("-100", "40000"), ("150", "45000")
    )
    first = Fraction(-100, 50_000) + Fraction(150, 45_000) - Fraction(50, 40_000)
    both = Fraction(-100, 50_000) - Fraction(100, 40_000)
    assert abs(Fraction(fifo) - first) < Fraction(1, 10**30)
    wanted = both * Fraction(3, 4) + Fraction(150, 45_000)
    assert abs(Fraction(average) - wanted) < Fraction(1, 10**30)
    assert round(fifo, 12) == D("0.000083333333")
    assert round(average, 12) == D("-0.000041666667")


def test_crossing_zero_closes_all_and_opens_the_rest() -> None:
    made = realised(Kind.LINEAR, ("-1", "100"), ("3", "80"), ("-2", "90"))
    assert made == exactly((0, 0), (20, 20), (20, 20))


def records(quantity: str, *trades: Trade) -> AssetRecords:
    leg = Leg(INVERSE, Kind.INVERSE, D(quantity), D(50_000), D(50_000), D(50_000))
    sample = Sample(START, D(1), D(50_000), D(50_000), D(0), D(1), (leg,), seq=1, is_whole=True)
    return AssetRecords("core", "BTC", [sample], list(trades))


def test_a_position_from_before_is_a_lot_at_its_entry() -> None:
    bought = Trade(
        START + timedelta(hours=1), INVERSE, Kind.INVERSE, D(100), D(40_000), D(0), "t", 2
    )
    (line,) = tax_lines(records("-100", bought), [])
    assert line.fifo == line.average == D("0.0005")  # -100/50,000 + 100/40,000
    (fresh,) = tax_lines(records("0", bought), [])
    assert fresh.fifo == 0


def flow(kind: FlowKind, coin: str, change: str, funding: str = "0") -> Flow:
    return Flow(
        "f", kind, Amount(D(change), coin), D(funding), D(0), None, START, "", "", "", LINEAR[1]
    )


def test_a_row_has_its_currency_its_fee_and_both_dollars() -> None:
    sold = Trade(START + timedelta(hours=1), LINEAR, Kind.LINEAR, D(-2), D(100), D("0.1"), "a", 2)
    back = Trade(START + timedelta(hours=2), LINEAR, Kind.LINEAR, D(1), D(90), D("0.05"), "b", 3)
    funding = flow(FlowKind.FUNDING, "USDT", "0.5", "0.5")
    first, _, last = (
        dict(zip(COLUMNS, row("core", line), strict=True))
        for line in tax_lines(records("0", sold, back), [funding])
    )
    assert (first["kind"], first["currency"], first["usd"]) == ("funding", "USDT", "0.5")
    assert (last["quantity"], last["unit"], last["price"]) == ("1", "BTC", "90")
    assert (last["realised_fifo"], last["fee"], last["usd_fifo"]) == ("10", "0.05", "9.95")


def test_interest_on_what_serves_several_assets_has_rows_too() -> None:
    owed = flow(FlowKind.INTEREST, "USDT", "-0.2")
    flows = owed, flow(FlowKind.TRANSFER, "USDT", "5"), flow(FlowKind.INTEREST, "BTC", "1")
    (line,) = beside_lines([Statement(flows)], {"BTC"})
    assert (line.currency, line.amount, line.usd(line.amount)) == ("USDT", D("-0.2"), D("-0.2"))
    (other,) = beside_lines([Statement((flow(FlowKind.INTEREST, "XRP", "-1"),))], {"BTC"})
    assert other.usd(other.amount) is None, "its price is not known"
