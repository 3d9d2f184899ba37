"""Certificates on disk: what was written is read, and what is damaged is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.certificate import Certificate
from hedged.core.types import Environment, Kind
from hedged.ports import StoreError
from hedged.store import certificates_in, certificates_path, keep_certificates

ONE = Certificate(
    exchange="okx",
    environment=Environment.TESTNET,
    symbol="BTC/USD:BTC",
    kind=Kind.INVERSE,
    base="BTC",
    settle="BTC",
    contract_size=Decimal(100),
    ccxt="4.5.90",
    hedged="0.1.0",
    at=datetime(2026, 1, 1, tzinfo=UTC),
)
OTHER = replace(ONE, symbol="ETH/USD:ETH", base="ETH", settle="ETH", contract_size=Decimal(10))


def test_a_newer_one_takes_the_place_of_an_older_and_the_others_stay(tmp_path: Path) -> None:
    path = certificates_path(tmp_path / "state")
    assert certificates_in(path) == ()
    keep_certificates(path, [ONE, OTHER])
    assert certificates_in(path) == (ONE, OTHER)
    newer = replace(ONE, ccxt="4.6.0")
    real = replace(ONE, environment=Environment.MAINNET)
    keep_certificates(path, [newer, real])
    assert set(certificates_in(path)) == {newer, OTHER, real}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"certificates": [{}]}', "\x00"])
def test_what_is_damaged_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = certificates_path(tmp_path)
    path.write_text(text)
    with pytest.raises(StoreError, match=r"are damaged .*: delete the file, certify again"):
        certificates_in(path)
    with pytest.raises(StoreError):
        keep_certificates(path, [ONE])
    assert path.read_text() == text


def test_a_folder_in_its_place_is_one_line(tmp_path: Path) -> None:
    certificates_path(tmp_path).mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        certificates_in(certificates_path(tmp_path))
