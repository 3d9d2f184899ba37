"""Coins that come or go are seen at any price and beside any trade, and looked at twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hedged.core.decide import decide
from hedged.core.memory import remember
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    Cross,
    Execution,
    HedgePolicy,
    Holding,
    Limits,
    Memory,
    Rate,
    Reason,
    Snapshot,
)
from tests.core.books import books, filled
from tests.core.build import AT, D, account, cold, policy, quote, short, snapshot

FREE = Limits(max_leverage=None, liquidation_distance=None)
LATER = AT + timedelta(seconds=10)


def book(memory: Memory, **changes: Any) -> Snapshot:
    settings: dict[str, Any] = {
        "quotes": (quote("65000"),),
        "holdings": (cold(5),),
        "accounts": (account("0", short("325000", "65000")),),
        "hedges": (policy(limits=FREE),),
    }
    return snapshot(memory=memory, **(settings | changes))


def after(seen: Snapshot) -> Memory:
    return remember(seen.memory, seen, decide(seen))


def only(seen: Snapshot) -> AssetDecision:
    (decision,) = decide(seen).assets
    return decision


def test_fault_44_coins_that_vanish_are_told_before_their_hedge_is_bought_back() -> None:
    """A fifth of the coins moved to where nobody looks, and no trade took them."""
    gone = book(after(book(Memory())), holdings=(cold(4),), at=LATER)
    told = only(gone)
    assert (told.reason, told.orders) == (Reason.SANITY_JUMP, ())
    assert "1 BTC went without a trade or a transfer that is known" in told.why
    again = replace(gone, memory=after(gone), at=LATER + timedelta(seconds=10))
    assert (only(again).reason, len(only(again).orders)) == (Reason.BELOW_BAND, 1)


@given(
    fell=st.decimals("0.7", "1.4", places=3),
    traded=st.integers(-100_000, 100_000),
    slipped=st.decimals("-0.05", "0.05", places=4),
    came=st.decimals("0.02", "2", places=2) | st.decimals("-2", "-0.02", places=2) | st.just(D(0)),
)
def test_neither_the_price_nor_a_trade_is_taken_for_a_flow(
    fell: Decimal, traded: int, slipped: Decimal, came: Decimal
) -> None:
    """A hedge of 325,000 USD at 65,000, then a trade at some price and coins that come or go."""
    mark = D(65000) * fell
    price = mark * (1 + slipped)
    # The position after the trade as one: its PnL is that of both parts.
    q = D(-325_000) + traded
    pnl = D(-325_000) * (1 / D(65000) - 1 / mark) + traded * (1 / price - 1 / mark)
    seen = book(
        after(book(Memory())),
        quotes=(quote(mark),),
        holdings=(cold(5 + came),),
        accounts=(account(pnl, short(str(-q), str(mark))),),
        at=LATER,
    )
    decision = only(seen)
    unsure = abs(traded) / mark * (D("0.05") + abs(fell - 1))
    if not came:
        assert decision.reason is not Reason.SANITY_JUMP
    elif abs(came) > unsure * 2 + D("0.02"):
        assert decision.reason is Reason.SANITY_JUMP


@given(books())
def test_what_our_own_orders_do_is_not_a_jump(seen: Snapshot) -> None:
    decision = decide(seen)
    orders = [order.intent for order in decision.approved]
    sent = after(replace(seen, execution=Execution.DRY_RUN, paper=()))
    then = replace(filled(seen, orders), memory=sent, at=LATER)
    found = [a.why for a in decide(then).assets if a.reason is Reason.SANITY_JUMP]
    assert found == []


def carrying(ada: int, memory: Memory, **changes: Any) -> Snapshot:
    """BTC carries ADA: 10,000 at 1 USD are one BTC at 10,000."""
    carried = HedgePolicy("ADA", ("cold",), (), cross=Cross("BTC", D(1)))
    return snapshot(
        quotes=(quote("10000"),),
        holdings=(cold(5), Holding("cold", Amount(D(ada), "ADA"), D(0))),
        accounts=(account("0", short("60000", "10000")),),
        hedges=(policy(limits=FREE), carried),
        rates=(Rate("ADA", USD, D(1), D(0)),),
        memory=memory,
        **changes,
    )


def test_a_hedge_that_carries_another_asset_waits_for_its_second_look_too() -> None:
    memory = after(carrying(10_000, Memory()))
    assert {asset.reason for asset in decide(carrying(10_000, memory)).assets} == {Reason.IN_BAND}
    gone = carrying(8_000, memory, at=LATER)
    bitcoin, cardano = decide(gone).assets
    assert (bitcoin.reason, bitcoin.orders) == (Reason.SANITY_JUMP, ())
    assert "2000 ADA went" in bitcoin.why
    assert cardano.why == bitcoin.why
    again = replace(gone, memory=after(gone), at=LATER + timedelta(seconds=1))
    assert decide(again).assets[0].reason is Reason.BELOW_BAND


def test_a_flattened_book_is_closed_whatever_its_coins_do() -> None:
    gone = book(after(book(Memory())), holdings=(cold(1),), flattened="by anna", at=LATER)
    assert [order.reduce_only for order in only(gone).orders] == [True]
