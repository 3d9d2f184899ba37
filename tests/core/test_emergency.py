"""A short that is about to be liquidated gives up a part of itself, once, and comes back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.cushion import Cushion, behind, cushions
from hedged.core.decide import decide
from hedged.core.decimals import ZERO
from hedged.core.emergency import emergency, in_emergency
from hedged.core.explain import steps
from hedged.core.invariants import decision_violations
from hedged.core.margin import liquidation_price
from hedged.core.memory import remember
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    AssetMemory,
    Decision,
    Grade,
    HedgeLeg,
    HedgePolicy,
    InFlight,
    Instrument,
    Kind,
    Limits,
    Margin,
    Memory,
    Position,
    Reason,
    Resting,
    Side,
    Snapshot,
    Style,
    StyleKind,
    Tending,
)
from hedged.core.view import asset_object
from hedged.core.world import world_of
from tests.core.books import filled
from tests.core.build import AT, D, account, cold, instrument, policy, quote, snapshot

LIMITS = Limits(
    max_leverage=None,
    max_orders_per_hour=None,
    collateral_low=None,
    max_margin_use=None,
    emergency_distance=D("0.075"),
)
RATE = D("0.005")
KNOWN = replace(instrument(), maintenance=RATE)
SINCE = Memory(assets=(AssetMemory("BTC", emergency_since=AT - timedelta(seconds=10)),))


def book(
    wallet: str | Decimal,
    mark: str | Decimal = "50000",
    *,
    hedge: HedgePolicy | None = None,
    **more: Any,
) -> Snapshot:
    """Ten coins in all at 50,000, hedged there; `wallet` of them stand behind the short."""
    coins = D(wallet)
    settings = {
        "quotes": (quote(mark, KNOWN),),
        "holdings": (cold(10 - coins),),
        "accounts": (account(coins, Position(KNOWN, Amount(D(-500_000), USD), D(50_000))),),
        "hedges": (hedge or policy(limits=LIMITS),),
    }
    return snapshot(**(settings | more))


def only(of: Snapshot) -> AssetDecision:
    (asset,) = decide(of).assets
    return asset


def after(of: Snapshot, decision: Decision, *, fills: bool = True) -> Snapshot:
    """The next cycle's snapshot."""
    memory = remember(of.memory, of, decision)
    orders = [approved.intent for approved in decision.approved] if fills else []
    later = filled(of, orders)
    return replace(later, memory=memory, at=of.at + timedelta(seconds=10))


def rise_of(of: Snapshot) -> Decimal:
    standing = only(of).standing
    assert standing is not None
    rise = behind(world_of(of), of.hedges[0], standing.exposure).rise
    assert rise is not None
    return rise


@pytest.mark.parametrize("wallet", ["0.1", "0.7", "2", "9"])
def test_the_rise_survived_is_the_way_to_the_liquidation_price(wallet: str) -> None:
    price = liquidation_price(D(-500_000), D(50_000), D(wallet), RATE)
    assert price is not None
    assert abs(rise_of(book(wallet)) - (price / 50_000 - 1)) < D("1e-25")


def test_an_emergency_is_told_first_and_acts_when_a_second_look_agrees() -> None:
    first = book("0.7")  # survives +7.0 %
    decision = decide(first)
    (asset,) = decision.assets
    assert (asset.reason, asset.orders) == (Reason.IN_BAND, ())
    (alert,) = asset.alerts
    assert (alert.reason, alert.grade) == (Reason.MARGIN_LOW, Grade.CRITICAL)
    assert alert.detail == (
        "margin emergency, to be confirmed by a second look: a rise of 7 % is survived, 15 % are "
        "needed (liquidation_distance) for the -500,000 USD that are wanted; it ends with 0.6478 "
        "coins more there, or a lower ratio"
    )
    second = after(first, decision)
    decision = decide(second)
    (asset,) = decision.assets
    assert asset.reason is Reason.BELOW_BAND
    assert "margin emergency at main: the short is reduced, in place of ratio 1" in asset.why
    (order,) = asset.orders
    assert (order.side, order.reduce_only) == (Side.BUY, True)
    assert decision_violations(second, decision) == ()
    third = after(second, decision)
    assert D("0.15") <= rise_of(third) < D("0.15001")
    held = only(third)
    assert (held.reason, held.orders) == (Reason.MARGIN_LOW, ())
    assert "nothing increases the short" in held.why
    assert held.emergency is not None
    assert any("position -" in step.how for step in steps(held))
    shown: Any = asset_object(asset)["emergency"]
    assert (shown["venue"], shown["rise_needed"], shown["acts"]) == ("main", "0.15", True)
    assert shown["does"] == "margin emergency at main: the short is reduced"
    assert asset_object(only(book("5")))["emergency"] is None


def test_a_lone_wrong_read_reduces_nothing() -> None:
    first = book("0.7")
    decision = decide(first)
    second = replace(book("5"), memory=remember(first.memory, first, decision))
    assert only(second).emergency is None
    assert only(second).orders == ()


def test_it_neither_begins_nor_ends_at_the_next_tick() -> None:
    """Half way between the two distances nothing is done, from whichever side it comes."""
    thin = book("1", memory=SINCE)  # 10.5 %
    assert only(thin).orders == ()
    assert only(replace(thin, memory=Memory())).emergency is None
    goes_on = AssetMemory("BTC", emergency_since=AT - timedelta(seconds=1), correcting_since=AT)
    assert only(replace(thin, memory=Memory(assets=(goes_on,)))).orders
    at_once = replace(goes_on, emergency_since=AT - timedelta(milliseconds=499))
    assert only(replace(thin, memory=Memory(assets=(at_once,)))).orders == ()
    beyond = book("1.1", memory=Memory(assets=(goes_on,)))  # 11.8 %, past the middle
    assert only(beyond).orders == ()
    assert only(beyond).emergency is not None


def test_the_way_back_is_open_when_all_that_is_wanted_would_survive() -> None:
    held = filled(book("0.7", memory=SINCE), only(book("0.7", memory=SINCE)).orders)
    assert only(held).emergency is not None
    richer = replace(held, accounts=(account("1.3", *held.accounts[0].positions),))
    assert only(richer).emergency is not None
    enough = replace(
        held, accounts=(account("1.36", *held.accounts[0].positions),), holdings=(cold("8.64"),)
    )
    back = only(enough)
    assert back.emergency is None
    (order,) = back.orders
    assert (order.side, order.reduce_only) == (Side.SELL, False)
    lower = replace(held, hedges=(policy(limits=LIMITS, ratio=D("0.1")),))
    assert only(lower).emergency is None


def test_a_target_that_is_less_short_is_followed_meanwhile() -> None:
    """Coins were sold: the hedge shrinks with them, in an emergency too."""
    thin = book("1", memory=SINCE, holdings=(cold(8),))
    (order,) = only(thin).orders
    assert order.side is Side.BUY
    assert 49_000 < order.contracts < 51_000
    emergency = only(thin).emergency
    assert emergency is not None
    assert emergency.relief == ()


def test_it_waits_for_no_pace_and_no_patience_of_the_hedge() -> None:
    slow = replace(LIMITS, cooldown_s=D(3600), min_order_usd=D(400_000), max_order_usd=D(100_000))
    patient = Style(StyleKind.TWAP, slices=10, duration_s=D(3600))
    tight = only(book("0.7", memory=SINCE, hedge=policy(limits=slow, style=patient)))
    (order,) = tight.orders
    assert (order.style, order.contracts) == (StyleKind.IOC, D(100_000))
    assert tight.blocked == ()


def test_what_rests_is_withdrawn() -> None:
    rests = Resting("core", "BTC", Side.SELL, D(10), D(50_001), D(49_950), False, ZERO)
    flight = InFlight("main", "BTC/USD:BTC", "hg0", "working", rests)
    maker = policy(limits=LIMITS, style=Style(StyleKind.MAKER))
    (tended,) = decide(book("0.7", memory=SINCE, hedge=maker, in_flight=(flight,))).tended
    assert (tended.move, tended.why) == (Tending.CANCEL, "the margin is running out")


def test_the_owner_may_want_an_alert_only_and_a_flattened_book_is_closed_anyway() -> None:
    told = only(
        book("0.7", memory=SINCE, hedge=policy(limits=replace(LIMITS, emergency_distance=None)))
    )
    assert (told.emergency, told.orders) == (None, ())
    (alert,) = told.alerts
    assert (alert.detail, alert.grade) == (
        "the short at main survives a rise of some 7 %, limit 15 % (liquidation_distance)",
        Grade.URGENT,
    )
    closed = only(book("0.7", memory=SINCE, flattened="by anna"))
    assert closed.emergency is None
    assert closed.orders[0].contracts == 500_000


def test_a_venue_s_own_figures_count_in_an_account_of_many_coins() -> None:
    """40,000 USD of equity behind 500,000 uncovered: 7.5 %, whatever coins there are."""
    shared = replace(book("0", memory=SINCE).accounts[0], margin=Margin(D(40_000), D(2_500)))
    thin = book("0", memory=SINCE, accounts=(shared,))
    assert rise_of(thin) == D("0.075")
    assert only(thin).orders == ()
    poorer = replace(thin, accounts=(replace(shared, margin=Margin(D(39_999), D(2_500))),))
    (order,) = only(poorer).orders
    # (39,999 - 0.005 Q)/Q = 0.15
    assert order.contracts == 500_000 - 258_058
    unknown = replace(shared.positions[0], instrument=instrument())
    bare = replace(shared, positions=(unknown,))
    assert rise_of(replace(thin, accounts=(bare,), quotes=(quote("50000"),))) == D("0.075")
    # The maintenance of everything else in the account is nobody's to shrink here.
    beside = replace(thin, accounts=(replace(shared, margin=Margin(D(40_000), D(12_500))),))
    assert rise_of(beside) == D("0.055")


def test_a_liquidation_price_that_is_nearer_counts() -> None:
    near = replace(book("5").accounts[0].positions[0], liquidation_price=D(53_000))
    held = book("5", memory=SINCE, accounts=(account("5", near),))
    assert rise_of(held) == D("0.06")
    (order,) = only(held).orders
    left = 500_000 - order.contracts
    share = (D("0.06") + RATE) / D("1.06") / ((D("0.15") + RATE) / D("1.15"))
    assert left == int(500_000 * share)


ETHER = Instrument(
    "main", "ETH/USD:ETH", Kind.INVERSE, "ETH", "ETH", D(1), D(1), D("0.1"), D(1), None
)


def test_what_else_is_short_in_the_account_rises_too() -> None:
    shared = book("0").accounts[0]
    ether = Position(ETHER, Amount(D(-300_000), USD), D(3000))
    both = replace(shared, positions=(*shared.positions, ether), margin=Margin(D(82_500), D(2_500)))
    other = HedgePolicy("ETH", ("cold",), (HedgeLeg("main", "ETH/USD:ETH"),), limits=LIMITS)
    pair = book(
        "0",
        accounts=(both,),
        quotes=(quote("50000", KNOWN), quote("3000", ETHER)),
        hedges=(policy(limits=LIMITS), other),
    )
    standing = decide(pair).assets[0].standing
    assert standing is not None
    (cushion,) = cushions(world_of(pair), pair.hedges[0], standing.exposure)
    assert (cushion.rise, cushion.beside) == (D("0.1"), D(300_000))
    unseen = replace(pair, quotes=pair.quotes[:1])
    (cushion,) = cushions(world_of(unseen), pair.hedges[0], standing.exposure)
    assert cushion.beside == 0
    linear = replace(instrument(Kind.LINEAR), base="ETH", symbol="ETH/USDT:USDT")
    coins = Position(linear, Amount(D(-100), "ETH"), D(3000))
    third = replace(other, legs=(HedgeLeg("main", "ETH/USDT:USDT"),))
    mixed = replace(
        pair,
        accounts=(replace(both, positions=(*shared.positions, coins)),),
        quotes=(pair.quotes[0], quote("3000", linear)),
        hedges=(pair.hedges[0], third),
    )
    (cushion,) = cushions(world_of(mixed), pair.hedges[0], standing.exposure)
    assert cushion.beside == 300_000


def test_where_nothing_is_known_of_an_account_nothing_is_concluded() -> None:
    """A linear short whose venue tells neither margin nor a liquidation price."""
    linear = instrument(Kind.LINEAR, size="1", lot="0.001", least="0.001")
    hedge = policy(limits=LIMITS, legs=(HedgeLeg("main", linear.symbol),))
    held = Position(linear, Amount(D(-10), "BTC"), D(50_000))
    dark = book(
        "0",
        memory=SINCE,
        hedge=hedge,
        quotes=(quote("50000", linear),),
        accounts=(account("0", held),),
    )
    assert only(dark).emergency is None
    assert Cushion("main", D(10), ZERO, None).carries(D("0.15")) is None
    near = replace(held, liquidation_price=D(51_000))
    (order,) = only(replace(dark, accounts=(account("0", near),))).orders
    assert (order.reduce_only, order.side) == (True, Side.BUY)


def test_only_the_venue_that_is_thin_gives_up_and_in_whole_lots() -> None:
    far = replace(KNOWN, venue="far", lot=D(100), contract_size=D(1), min_contracts=D(100))
    hedge = policy(
        limits=LIMITS,
        legs=(HedgeLeg("main", KNOWN.symbol), HedgeLeg("far", far.symbol)),
    )
    split = book(
        "4",
        memory=SINCE,
        hedge=hedge,
        holdings=(cold("5.8"),),
        quotes=(quote("50000", KNOWN), quote("50000", far)),
        accounts=(
            account("4", Position(KNOWN, Amount(D(-250_000), USD), D(50_000))),
            account("0.2", Position(far, Amount(D(-250_000), USD), D(50_000)), venue="far"),
        ),
    )
    (order,) = only(split).orders
    assert order.instrument.venue == "far"
    assert order.contracts % 100 == 0
    later = filled(split, [order])
    assert D("0.15") <= rise_of(later) < D("0.151")


def test_dust_below_a_lot_is_not_to_be_reduced() -> None:
    coarse = replace(KNOWN, lot=D(600_000), min_contracts=D(600_000))
    dust = Position(coarse, Amount(D(-500_000), USD), D(50_000))
    odd = book(
        "0.7", memory=SINCE, quotes=(quote("50000", coarse),), accounts=(account("0.7", dust),)
    )
    found = only(odd)
    assert found.emergency is not None
    assert (found.emergency.relief, found.orders) == ((), ())


def test_coins_that_are_on_their_way_come_first() -> None:
    thin = book("0.7", memory=SINCE)
    standing = only(book("0.7")).standing
    assert standing is not None
    seen, hedge = world_of(thin), thin.hedges[0]
    margin = behind(seen, hedge, standing.exposure)
    found = emergency(seen, hedge, standing, margin, tops_up=True)
    assert found is not None
    assert (found.relief, found.rule) == (
        (),
        "margin emergency at main: coins are moved there first",
    )
    held = in_emergency(standing, found)
    assert (held.drift_usd, held.target.usd) == (D(0), D(-500_000))


def test_of_two_instruments_in_one_account_the_first_gives_first() -> None:
    dated = replace(KNOWN, symbol="BTC/USD:BTC-270326")
    legs = (HedgeLeg("main", KNOWN.symbol), HedgeLeg("main", dated.symbol))
    held = (
        Position(KNOWN, Amount(D(-100_000), USD), D(50_000)),
        Position(dated, Amount(D(-400_000), USD), D(50_000)),
    )
    two = book(
        "0.7",
        memory=SINCE,
        hedge=policy(limits=LIMITS, legs=legs),
        quotes=(quote("50000", KNOWN), quote("50000", dated)),
        accounts=(account("0.7", *held),),
    )
    first, second = only(two).orders
    assert first.contracts == 100_000
    assert second.contracts > 100_000
    assert rise_of(filled(two, [first, second])) >= D("0.15")
    turned = (
        replace(held[0], quantity=Amount(D(-400_000), USD)),
        replace(held[1], quantity=Amount(D(-100_000), USD)),
    )
    (order,) = only(replace(two, accounts=(account("0.7", *turned),))).orders
    assert order.instrument == KNOWN


def test_a_loan_that_grows_is_told_as_such() -> None:
    owing = book("-1", hedge=policy(limits=replace(LIMITS, emergency_distance=None)))
    decision = decide(owing)
    memory = remember(Memory(), owing, decision)
    assert memory.assets[0].owed == 1
    assert not any("grew" in alert.detail for alert in decision.assets[0].alerts)
    more = book("-1.02", hedge=owing.hedges[0], memory=memory)
    (grown,) = (a for a in only(more).alerts if "grew" in a.detail)
    assert grown.grade is Grade.CRITICAL
    assert grown.detail.startswith("the loan of BTC grew from 1 to 1.02: losses are paid with it")
    assert remember(memory, more, decide(more)).assets[0].owed == 1
    paid = book("1", hedge=owing.hedges[0], memory=memory)
    assert remember(memory, paid, decide(paid)).assets[0].owed == 0


WALLETS = st.decimals("-0.2", "3", places=3)
RISES = st.decimals("0.5", "2", places=3)


@given(
    wallet=WALLETS, factor=RISES, ratio=st.decimals("0.1", "1.5", places=2), confirmed=st.booleans()
)
def test_in_an_emergency_nothing_increases_the_short(
    wallet: Decimal, factor: Decimal, ratio: Decimal, *, confirmed: bool
) -> None:
    hedge = policy(limits=LIMITS, ratio=ratio)
    memory = SINCE if confirmed else Memory()
    thin = book(wallet, 50_000 * factor, hedge=hedge, memory=memory)
    decision = decide(thin)
    (asset,) = decision.assets
    assert decision_violations(thin, decision) == ()
    if asset.emergency is not None and asset.emergency.acts:
        assert all(order.side is Side.BUY and order.reduce_only for order in asset.orders)
        assert asset.judged is not None
        assert asset.judged.target.usd >= asset.judged.exposure.position_usd


@given(wallet=WALLETS, factor=RISES)
def test_it_ends_within_two_orders_and_does_not_begin_again(
    wallet: Decimal, factor: Decimal
) -> None:
    """At an unchanged price: what one order restores, the next cycles leave alone."""
    seen = book(wallet, 50_000 * factor, memory=SINCE)
    sent = []
    for _ in range(4):
        decision = decide(seen)
        sent.append(len(decision.approved) if decision.assets[0].emergency else 0)
        if decision.assets[0].emergency is None:
            return
        seen = after(seen, decision)
    assert sum(sent) <= 1
    assert sent[1:] == [0, 0, 0]
    standing = only(seen).standing
    assert standing is not None
    rise = behind(world_of(seen), seen.hedges[0], standing.exposure).rise
    assert rise is None or rise >= D("0.075")


@given(
    short_usd=st.decimals("1", "1000000", places=2),
    coins=st.decimals("-100000", "1500000", places=2),
    equity=st.decimals("-100000", "1500000", places=2),
    beside=st.decimals("0", "100000", places=2),
    paid=st.decimals("0", "100000", places=2),
    bound=st.decimals("0.01", "0.5", places=3),
)
def test_more_margin_never_makes_it_worse(
    short_usd: Decimal,
    coins: Decimal,
    equity: Decimal,
    beside: Decimal,
    paid: Decimal,
    bound: Decimal,
) -> None:
    poor = Cushion("main", short_usd, coins, equity, RATE, D(100), beside)
    rich = replace(poor, equity=equity + paid)
    assert (poor.rise is None) == (rich.rise is None)
    if poor.rise is not None and rich.rise is not None:
        assert rich.rise >= poor.rise
    less, more = poor.carries(bound), rich.carries(bound)
    assert less is not None
    assert more is not None
    assert more >= less
    assert rich.lacks(short_usd, bound) <= poor.lacks(short_usd, bound)
    whole = replace(poor, coins=coins + poor.lacks(short_usd, bound))
    whole = replace(whole, equity=equity + poor.lacks(short_usd, bound))
    assert whole.lacks(short_usd, bound) < D("1e-20")


@given(
    wallet=st.decimals("0.85", "4", places=2),
    steps=st.lists(st.decimals("0.965", "1.035", places=3), min_size=1, max_size=30),
)
def test_no_path_of_small_steps_ends_in_a_liquidation(
    wallet: Decimal, steps: list[Decimal]
) -> None:
    """Half of the distance is left for the second look, and for the order to fill."""
    seen, mark = book(wallet), D(50_000)
    for step in steps:
        mark *= step
        seen = replace(seen, quotes=(quote(mark, KNOWN),))
        decision = decide(seen)
        assert decision_violations(seen, decision) == ()
        (asset,) = decision.assets
        assert asset.rise is None or asset.rise > 0
        seen = after(seen, decision)


def test_a_long_rise_is_survived_with_what_the_collateral_carries() -> None:
    """+3.5 % forty times over: from 50,000 to nearly 200,000."""
    seen, mark, orders = book("2"), D(50_000), 0
    for _ in range(40):
        mark *= D("1.035")
        seen = replace(seen, quotes=(quote(mark, KNOWN),))
        decision = decide(seen)
        orders += len(decision.approved)
        (asset,) = decision.assets
        assert asset.rise is None or asset.rise > 0
        seen = after(seen, decision)
    last = only(seen).judged
    assert last is not None
    assert last.exposure.position_usd < 0
    assert 5 <= orders <= 30
