"""An order that counts as never placed is one that the venue would not place any more."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hedged.app import proofs
from hedged.config import Settings
from hedged.core.reports import Rules
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import every_profile
from hedged.venue.profiles.profile import Profile

NOW = datetime(2026, 11, 23, 1, 2, 3, 456000, tzinfo=UTC)
TRADED = [profile for profile in every_profile() if profile.write_routes]


@pytest.mark.parametrize("profile", TRADED, ids=lambda p: f"{p.exchange} {next(iter(p.contracts))}")
def test_proof_takes_longer_than_an_order_may(profile: Profile) -> None:
    deadline = profile.deadline
    assert deadline is not None, "how long after it was sent may an order be placed?"
    proof = deadline.proof(Rules())
    assert proof.over_s >= max(10, deadline.order_s + 5)
    assert proof.moves_over_s >= max(10, deadline.transfer_s + 5)
    assert proof.not_founds == Rules().not_founds


def test_more_proof_than_that_stays() -> None:
    usual = Rules(over_s=Decimal(60), moves_over_s=Decimal(70))
    assert Deadline(5, signed_s=30).proof(usual) == usual
    assert Deadline(5, signed_s=30).proof(Rules()) == Rules(moves_over_s=Decimal(35))


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        # 1795395723.456 s is NOW
        ("deribit", {"valid_until": "1795395728456"}),
        ("krakenfutures", {"processBefore": "2026-11-23T01:02:08.456Z"}),
        ("okx", {}),  # its header does
        ("bybit", {}),  # its signature does
    ],
)
def test_what_an_order_says_itself(exchange: str, expected: dict[str, str]) -> None:
    (deadline,) = [p.deadline for p in TRADED if p.exchange == exchange]
    assert deadline is not None
    assert deadline.of_order(NOW) == expected


@pytest.mark.parametrize(("environment", "over_s"), [("testnet", 35), ("sim", 1)])
def test_a_book_waits_for_what_its_venue_may_still_place(environment: str, over_s: int) -> None:
    venue = {"exchange": "bitget", "api_key": "env:K", "secret": "env:S", "passphrase": "env:P"}
    hedge = {"asset": "BTC", "venue": "main", "instrument": "BTC/USDT:USDT", "ratio": "1"}
    url = {"url": "http://127.0.0.1:1"} if environment == "sim" else {}
    settings = Settings.model_validate(
        {
            "environment": environment,
            "venues": {"main": venue | url},
            "books": {"core": {"hedges": [hedge | {"spot": [{"static": "1"}]}]}},
        }
    )
    assert proofs(settings, Rules(over_s=Decimal(1)))["main"].over_s == over_s
