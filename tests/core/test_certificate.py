"""Which contracts real money may move in: those certified as they are, with the ccxt in use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hedged.core.certificate import Certificate, Proven, specification
from hedged.core.types import Environment, Kind
from tests.core.build import AT, D, instrument

PERP = instrument()
CERTIFICATE = Certificate(
    exchange="bybit",
    environment=Environment.TESTNET,
    symbol=PERP.symbol,
    kind=PERP.kind,
    base=PERP.base,
    settle=PERP.settle,
    contract_size=PERP.contract_size,
    ccxt="4.5.90",
    hedged="0.1.0",
    at=AT,
)


def lack(*certificates: Certificate) -> str | None:
    return Proven({"main": "bybit"}, certificates, "4.5.90").lack([PERP])


def test_one_that_fits_suffices_whatever_the_others_say() -> None:
    older = replace(CERTIFICATE, ccxt="4.4.0", at=AT - timedelta(days=9))
    newer = replace(CERTIFICATE, ccxt="4.6.0", at=AT + timedelta(days=9))
    assert lack(older, CERTIFICATE, newer) is None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"ccxt": "4.6.0"}, "was certified with ccxt 4.6.0, this is 4.5.90"),
        ({"contract_size": D(100)}, "settled in BTC, 100 USD a contract, and is inverse on BTC"),
        ({"exchange": "okx"}, "has no certificate"),
        ({"environment": Environment.SIM}, "has no certificate"),
    ],
)
def test_what_does_not_fit_is_said_with_the_way_out(changes: dict[str, object], text: str) -> None:
    said = lack(replace(CERTIFICATE, **changes))  # type: ignore[arg-type] # tests name real fields
    assert said is not None
    assert text in said
    assert "hedged certify --venue main" in said


def test_a_linear_contract_is_told_in_coins() -> None:
    contract = instrument(Kind.LINEAR, size="0.001")
    assert specification(contract) == "linear on BTC, settled in USDT, 0.001 BTC a contract"


def test_a_newer_one_is_about_the_same_contract_in_the_same_environment() -> None:
    newer = replace(CERTIFICATE, ccxt="4.6.0", contract_size=D(100))
    assert newer.about == CERTIFICATE.about
    assert replace(CERTIFICATE, environment=Environment.MAINNET).about != CERTIFICATE.about
