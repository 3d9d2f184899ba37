"""Inverse PnL as venues, tutorials and other projects publish it: ours is the exact figure."""

import json
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from hedged.core.contracts import inverse_pnl

CASES = Path(__file__).resolve().parents[3] / "shared/golden/published_pnl.jsonl"
AS_IT_IS = {"exact", "float_noise"}  # printed as it is, to its own digits


def cases() -> list[Any]:
    if not CASES.is_file():
        reason = f"the published cases are not at {CASES}"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="absent")]
    rows = [json.loads(line) for line in CASES.read_text().splitlines()]
    return [pytest.param(row, id=f"{row['id']} {row['status']}") for row in rows]


@pytest.mark.parametrize("case", cases())
def test_published_pnl(case: dict[str, Any]) -> None:
    size = Decimal(case["contracts"]) * Decimal(case["contract_size"])
    q = size if case["side"] == "long" else -size
    ours = inverse_pnl(q, Decimal(case["entry"]), Decimal(case["exit"]))
    verified, printed = Decimal(case["verified_pnl"]), Decimal(case["expected_pnl"])
    last_digit = Decimal(1).scaleb(int(verified.as_tuple().exponent))
    assert abs(ours - verified) <= max(abs(verified) * Decimal("1e-11"), last_digit)
    assert agrees(case["status"], ours, printed)


def agrees(status: str, ours: Decimal, printed: Decimal) -> bool:
    """Whether the printed number comes from ours in the way that the status says."""
    last_digit = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    if status.startswith("rounded"):
        if ours.quantize(last_digit, ROUND_HALF_UP) == printed:
            return True
        return abs(ours - printed) < last_digit  # rounded once more on its way to the page
    if status.startswith("truncated"):
        return ours.quantize(last_digit, ROUND_DOWN) == printed
    if status in AS_IT_IS:
        return abs(ours - printed) <= max(last_digit, abs(printed) * Decimal("1e-13"))
    return ours.quantize(last_digit, ROUND_HALF_UP) != printed  # the page itself is off
