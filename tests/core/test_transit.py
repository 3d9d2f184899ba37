"""Own transfers: counted while under way to a place of the hedge, told when that takes too long."""

from datetime import timedelta
from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.types import (
    USD,
    Alias,
    Amount,
    AssetDecision,
    CoinBalance,
    Cross,
    Holding,
    Limits,
    MarginAccount,
    Rate,
    Reason,
    Transfer,
)
from tests.core.build import AT, D, account, cold, policy, quote, snapshot

TRANSIT = Limits(max_leverage=None, transit_s=D("1.5"))
IN_TIME = timedelta(seconds=1.5)
LATE = timedelta(seconds=1.501)


def sent(ago: timedelta, **changes: Any) -> Transfer:
    way: dict[str, Any] = {
        "transfer_id": "t1",
        "quantity": Amount(D(2), "BTC"),
        "source": "ledger",
        "destination": "cold",
        "started_at": AT - ago,
    }
    return Transfer(**(way | changes))


def seen(*transfers: Transfer, **changes: Any) -> AssetDecision:
    """One BTC cold, and what is on its way."""
    book = snapshot(
        **{
            "quotes": (quote(65_000),),
            "accounts": (account(0),),
            "holdings": (cold(1),),
            "hedges": (policy(limits=TRANSIT),),
            "transfers": transfers,
        }
        | changes
    )
    return decide(book).assets[0]


def coins(decision: AssetDecision) -> Any:
    assert decision.standing is not None
    return decision.standing.exposure.coins.value


@pytest.mark.parametrize(
    ("transfer", "counted"),
    [
        (sent(timedelta(0)), 3),
        (sent(IN_TIME), 3),
        (sent(LATE), 1),
        (sent(IN_TIME, destination="main"), 3),
        (sent(IN_TIME, destination="elsewhere"), 1),
        (sent(IN_TIME, quantity=Amount(D(2), "ETH")), 1),
        (sent(IN_TIME, arrived=True), 1),
    ],
)
def test_what_is_on_its_way_to_a_place_of_the_hedge_counts(
    transfer: Transfer, counted: int
) -> None:
    assert coins(seen(transfer)) == counted


def test_a_transfer_that_takes_too_long_counts_no_longer_and_is_told() -> None:
    assert seen().alerts == ()
    assert seen(sent(IN_TIME)).alerts == ()
    (alert,) = seen(sent(LATE)).alerts
    assert alert.reason is Reason.SANITY_JUMP
    assert alert.detail == (
        "2 BTC on the way from ledger to cold for more than 1.5 s (transit) count no longer"
    )
    assert seen(sent(LATE, destination="main")).alerts != ()
    assert seen(sent(LATE, destination="elsewhere")).alerts == ()
    assert seen(sent(LATE, quantity=Amount(D(2), "ETH"))).alerts == ()


def test_coins_under_another_name_are_on_their_way_at_their_rate() -> None:
    wrapped = policy(limits=TRANSIT, aliases=(Alias("WBTC", None),))
    rates = (Rate("WBTC", "BTC", D("0.5"), D(0)),)
    two = Amount(D(2), "WBTC")
    known: dict[str, Any] = {"hedges": (wrapped,), "rates": rates}
    assert coins(seen(sent(IN_TIME, quantity=two), **known)) == 2
    late = seen(sent(IN_TIME), sent(LATE, transfer_id="t2", quantity=two), **known)
    assert coins(late) == 3
    assert [alert.detail[:7] for alert in late.alerts] == ["2 WBTC "]


def test_all_coins_of_a_carried_asset_are_carried() -> None:
    """ADA in a wallet, in a margin account, under another name and under way: 4,000 at 0.5 USD."""
    ada = policy(
        asset="ADA",
        spot=("ada", "second"),
        legs=(),
        cross=Cross("BTC", D(2)),
        aliases=(Alias("STADA", None),),
        limits=TRANSIT,
    )
    second = MarginAccount(
        "second",
        (CoinBalance(Amount(D(1000), "ADA"), None), CoinBalance(Amount(D(500), "STADA"), None)),
        (),
        D(0),
    )
    carrier = seen(
        sent(IN_TIME, quantity=Amount(D(1000), "ADA"), destination="ada"),
        sent(LATE, quantity=Amount(D(7), "ADA"), destination="ada", transfer_id="t2"),
        quotes=(quote(62_500),),
        hedges=(policy(limits=TRANSIT), ada),
        accounts=(account(0), second),
        holdings=(cold(1), Holding("ada", Amount(D(1000), "ADA"), D(0))),
        rates=(Rate("ADA", USD, D("0.5"), D(0)), Rate("STADA", "ADA", D(2), D(0))),
    )
    assert carrier.standing is not None
    assert carrier.standing.target.usd == -(62_500 + 2 * 4_000 * D("0.5"))
