"""Several orders of one decision: each is held against the limits together with those before."""

from dataclasses import replace
from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.types import (
    USD,
    Amount,
    CoinBalance,
    Execution,
    HedgeLeg,
    Holding,
    Kind,
    Limits,
    Margin,
    MarginAccount,
    Position,
    Quote,
    Reason,
    Snapshot,
)
from tests.core.build import D, account, cold, instrument, policy, quote, snapshot

FREE = Limits(max_leverage=None)
OTHER = replace(instrument(), symbol="BTC/USD:BTC-2")
BOTH = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("main", OTHER.symbol))


def found(book: Snapshot) -> list[list[Reason]]:
    """What the gates find of each order, in the order of the decision."""
    return [
        [finding.reason for finding in proposal.findings]
        for asset in decide(book).assets
        for proposal in asset.proposals
    ]


def shared(limits: Limits, **changes: Any) -> Snapshot:
    """5 BTC, hedged by two instruments with some 162,296 USD each."""
    return snapshot(
        **{
            "quotes": (quote(65_000), quote(65_000, OTHER)),
            "holdings": (cold(5),),
            "hedges": (policy(legs=BOTH, limits=limits),),
        }
        | changes
    )


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(FREE, max_position_usd=D(324_592)), Reason.LIMIT_EXCEEDED),
        (replace(FREE, max_orders_per_hour=1), Reason.COOLDOWN),
        (replace(FREE, max_turnover_usd=D(324_592)), Reason.COOLDOWN),
    ],
)
def test_the_second_order_of_a_plan_counts_the_first(limits: Limits, reason: Reason) -> None:
    # Beyond the outer band the soft limits do not hold: they are looked at with a wide one.
    wide = replace(policy(legs=BOTH, limits=limits).band, outer=D(1000))
    book = shared(limits, hedges=(policy(legs=BOTH, limits=limits, band=wide),))
    assert found(book) == [[], [reason]]
    dry = replace(book, execution=Execution.DRY_RUN)
    assert found(dry) == [[Reason.DRY_RUN], [Reason.DRY_RUN, reason]]


def test_an_order_that_does_not_go_leaves_its_room_to_the_next() -> None:
    far = Quote(instrument(), D(65_000), D(65_000), D(0), last=D(65_050))
    near = replace(far, instrument=OTHER, last=None)
    limits = replace(FREE, max_position_usd=D(200_000), collar=D("0.0015"))
    book = shared(limits, quotes=(far, near), hedges=(policy(legs=BOTH, limits=limits),))
    assert found(book) == [[Reason.COLLAR], []]


def test_closing_one_instrument_may_not_take_the_whole_beyond_its_cap() -> None:
    """100,000 long here and 200,000 short there: selling the long doubles the short."""
    held = (
        Position(instrument(), Amount(D(100_000), USD), D(65_000)),
        Position(OTHER, Amount(D(-200_000), USD), D(65_000)),
    )
    limits = replace(FREE, max_position_usd=D(150_000))
    book = shared(limits, accounts=(account(0, *held),))
    decision = decide(book)
    assert decision.assets[0].orders[0].reduce_only
    assert found(book)[0] == [Reason.LIMIT_EXCEEDED]
    assert decision.approved == ()
    # A book that is closed is closed instrument by instrument, whatever the whole is meanwhile.
    assert found(replace(book, flattened="by anna")) == [[], []]


def linear(coin: str) -> Quote:
    listed = replace(
        instrument(Kind.LINEAR, size="0.001"), symbol=f"{coin}/USDT:USDT", base=coin, settle="USDT"
    )
    return Quote(listed, D(50_000), D(50_000), D(0))


def on_one_collateral(usdt: int, **of_account: Any) -> Snapshot:
    """Two assets of 100,000 USD whose hedges settle in the same stablecoin."""
    coins = ("BTC", "ETH")
    balances = (
        CoinBalance(Amount(D(usdt), "USDT"), None),
        *(CoinBalance(Amount(D(0), coin), None) for coin in coins),
    )
    margined = MarginAccount("main", balances, (), D(0))
    return snapshot(
        quotes=tuple(map(linear, coins)),
        accounts=(replace(margined, **of_account),),
        holdings=tuple(Holding("cold", Amount(D(2), coin), D(0)) for coin in coins),
        hedges=tuple(
            policy(
                asset=coin,
                legs=(HedgeLeg("main", f"{coin}/USDT:USDT"),),
                limits=Limits(max_leverage=D(4)),
                rebalance_to=D(0),
            )
            for coin in coins
        ),
    )


def test_orders_of_other_assets_share_the_collateral() -> None:
    assert found(on_one_collateral(50_000)) == [[], []]
    assert found(on_one_collateral(49_999)) == [[], [Reason.MARGIN_LOW]]
    margin = Margin(D(49_999), D(0))
    assert found(on_one_collateral(0, margin=margin)) == [[], [Reason.MARGIN_LOW]]


def test_an_order_at_another_venue_leaves_the_collateral_alone() -> None:
    book = on_one_collateral(25_000)
    (main,) = book.accounts
    elsewhere = replace(book.quotes[1].instrument, venue="second")
    book = replace(
        book,
        accounts=(main, replace(main, venue="second")),
        quotes=(book.quotes[0], replace(book.quotes[1], instrument=elsewhere)),
        hedges=(
            book.hedges[0],
            replace(book.hedges[1], legs=(HedgeLeg("second", elsewhere.symbol),)),
        ),
    )
    assert found(book) == [[], []]
