"""Several instruments, other coins and other assets in one hedge."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.allocation import shares
from hedged.core.decide import decide
from hedged.core.types import (
    USD,
    Accounting,
    Alias,
    Amount,
    AssetDecision,
    Band,
    BandKind,
    CarryAction,
    CarryBounds,
    CarryFloor,
    CoinBalance,
    Cross,
    EquityTerm,
    FundingStamp,
    HedgeLeg,
    Holding,
    Kind,
    Limits,
    MarginAccount,
    Memory,
    Position,
    Quote,
    Rate,
    Reason,
    Snapshot,
)
from tests.core.build import AT, D, account, cold, instrument, policy, quote, short, snapshot

FREE = Limits(max_leverage=None)
SECOND = replace(instrument(), venue="second")
LINEAR = instrument(Kind.LINEAR, size="0.001")
LEGS = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("second", "BTC/USD:BTC"))
BOTH = (quote("65000"), quote("65000", SECOND))


def split(
    legs: tuple[HedgeLeg, ...] = LEGS, held: tuple[str, str] = ("0", "0"), **changes: Any
) -> Snapshot:
    """5 BTC in a cold wallet and two venues to hedge them at; exact targets."""
    accounts = tuple(
        account("0", *([Position(i, Amount(D(q), USD), D(65000))] if D(q) else []), venue=i.venue)
        for i, q in zip((instrument(), SECOND), held, strict=True)
    )
    hedge = policy(legs=legs, rebalance_to=D(0), limits=FREE, **changes)
    return snapshot(quotes=BOTH, holdings=(cold(5),), accounts=accounts, hedges=(hedge,))


def only(of: Snapshot) -> AssetDecision:
    (decision,) = decide(of).assets
    return decision


def orders(of: Snapshot) -> dict[str, Decimal]:
    return {o.instrument.venue: o.quantity.value for o in only(of).orders}


def test_weights_share_a_hedge() -> None:
    thirds = (replace(LEGS[0], weight=D(1)), replace(LEGS[1], weight=D(3)))
    assert orders(split(thirds)) == {"main": -81250, "second": -243750}


def test_priorities_fill_first_up_to_their_cap() -> None:
    ranked = (replace(LEGS[0], priority=2), replace(LEGS[1], cap_usd=D(100_000)))
    assert orders(split(ranked)) == {"main": -225_000, "second": -100_000}


def test_caps_that_leave_no_room_are_told() -> None:
    capped = tuple(replace(leg, cap_usd=D(100_000)) for leg in LEGS)
    decision = only(split(capped))
    assert [o.contracts for o in decision.orders] == [100_000, 100_000]
    assert [f.reason for f in decision.blocked] == [Reason.LIMIT_EXCEEDED]
    assert "leave 125000 USD of the hedge without one" in decision.blocked[0].detail
    full = only(split(capped, ("-100000", "-100000")))
    assert (full.reason, full.orders) == (Reason.LIMIT_EXCEEDED, ())


def test_what_is_beyond_its_share_closes_first() -> None:
    book = split(held=("-300000", "-100000"))
    (order,) = only(book).orders
    assert (order.instrument.venue, order.quantity) == ("main", Amount(D(75_000), USD))
    assert order.reduce_only


def test_a_hedge_moves_over_in_slices_that_stay_inside_the_band() -> None:
    ranked = (replace(LEGS[0], priority=2), LEGS[1])
    first = only(split(ranked, ("-325000", "0")))
    assert [(o.instrument.venue, o.quantity.value, o.reduce_only) for o in first.orders] == [
        ("main", D(812), True),
        ("second", D(-812), False),
    ]
    assert first.reason is Reason.IN_BAND
    over = "it moves over: buy BTC/USD:BTC at main, sell BTC/USD:BTC at second"
    assert first.why.startswith("drift ")
    assert first.why.endswith(f"; {over}")
    edge = orders(split(ranked, ("-324200", "0")))
    assert edge == {"main": 12, "second": -1612}
    assert orders(split(ranked, ("-800", "-324200"))) == {}


def test_a_capped_instrument_is_left_although_the_others_are_full() -> None:
    capped = (replace(LEGS[0], cap_usd=D(1000)), replace(LEGS[1], cap_usd=D(324_000)))
    assert orders(split(capped, ("-1000", "-324000"))) == {}
    assert orders(split(capped, ("-5000", "-320000"))) == {"main": 812, "second": -812}


@given(
    total=st.decimals("0", "1e6", places=2),
    legs=st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(1, 9).map(Decimal),
            st.none() | st.integers(0, 10**6).map(Decimal),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_shares_add_up_and_respect_their_caps(
    total: Decimal, legs: list[tuple[int, Decimal, Decimal | None]]
) -> None:
    named = [HedgeLeg(f"v{n}", "x", *leg) for n, leg in enumerate(legs)]
    found, left = shares(total, named)
    assert abs(sum(found.values()) + left - total) < D("1e-15")
    assert all(leg.cap_usd is None or 0 <= found[leg] <= leg.cap_usd for leg in named)
    if left:
        assert all(found[leg] == leg.cap_usd for leg in named)
    first = min(leg.priority for leg in named)
    later = sum(found[leg] for leg in named if leg.priority > first)
    if later:
        assert all(found[leg] == leg.cap_usd for leg in named if leg.priority == first)


def test_inverse_and_linear_deltas_add() -> None:
    mixed = (replace(LEGS[0], weight=D(260)), HedgeLeg("main", LINEAR.symbol, weight=D(351)))
    held = account("0", short("130000", "65000"), Position(LINEAR, Amount(D(-3), "BTC"), D(65000)))
    hedge = policy(legs=mixed, limits=FREE)
    marks = (quote("58500"), quote("58600", LINEAR))
    decision = only(snapshot(quotes=marks, holdings=(cold(5),), accounts=(held,), hedges=(hedge,)))
    assert decision.standing is not None
    exposure = decision.standing.exposure
    assert abs(exposure.net_delta.value) < D("1e-20")
    assert exposure.position_usd == -130_000 - 3 * 58_500
    assert decision.reason is Reason.IN_BAND


def test_an_instrument_with_another_mark_counts_by_its_delta() -> None:
    book = split(held=("-162500", "-167375"))
    basis = replace(book, quotes=(BOTH[0], replace(BOTH[1], mark=D(66950), index=D(65000))))
    decision = only(basis)
    assert decision.standing is not None
    assert decision.standing.exposure.held[1].delta == D("-2.5")
    assert decision.standing.exposure.held[1].value_usd == -162_500


def test_a_dated_linear_contract_is_tailed() -> None:
    dated = replace(LINEAR, symbol="BTC/USDT:USDT-261225", expires_at=AT + timedelta(days=300))
    hedge = policy(legs=(HedgeLeg("main", dated.symbol),), rebalance_to=D(0), limits=FREE)
    priced = Quote(dated, mark=D(66625), index=D(65000), age_s=D(0))
    decision = only(snapshot(quotes=(priced,), holdings=(cold(10),), hedges=(hedge,)))
    assert decision.orders[0].quantity.value == D("-9.756")  # 10/1.025, rounded down to lots


def test_wrapped_and_staked_coins_count_at_their_rate() -> None:
    also = (Alias("WBTC"), Alias("LBTC", D("1.01")), Alias("SBTC", None))
    holdings = (
        cold(5),
        Holding("cold", Amount(D(1), "WBTC"), D(0)),
        Holding("cold", Amount(D(2), "LBTC"), D(0)),
    )
    coins = ((D(0), "BTC"), (D(3), "SBTC"))
    balances = tuple(CoinBalance(Amount(held, coin), None) for held, coin in coins)
    wallet = MarginAccount("main", balances, (), D(0))
    book = snapshot(
        quotes=(quote("65000"),),
        holdings=holdings,
        accounts=(wallet,),
        hedges=(policy(aliases=also, limits=FREE),),
        rates=(Rate("SBTC", "BTC", D("1.1"), D(0)),),
    )
    decision = only(book)
    assert decision.standing is not None
    exposure = decision.standing.exposure
    assert (exposure.spot.value, exposure.collateral.value) == (D("8.02"), D("3.3"))
    unknown = only(replace(book, rates=()))
    assert unknown.reason is Reason.SOURCE_MISSING
    assert "the rate of SBTC in BTC is not known" in unknown.why
    stale = only(replace(book, rates=(Rate("SBTC", "BTC", D("1.1"), D(31)),)))
    assert stale.reason is Reason.STALE_DATA


def test_terms_of_an_account_belong_to_its_equity() -> None:
    """Fault 45: a settlement moves PnL into the wallet and its origin, and changes nothing."""
    running = account("1", short("65000", "60000"))
    settled = MarginAccount(
        "main",
        (
            CoinBalance(
                Amount(D(1) + D(65000) * (D(-1) / 60000 + D(1) / 64000), "BTC"),
                None,
                (EquityTerm("options", D("0.25")), EquityTerm("unpaid funding", D("-0.25"))),
            ),
        ),
        (replace(short("65000", "60000"), pnl_from=D(64000)),),
        D(0),
    )
    hedge = policy(limits=FREE)
    before, after = (
        only(snapshot(quotes=(quote("66000"),), accounts=(a,), hedges=(hedge,)))
        for a in (running, settled)
    )
    assert before.standing is not None
    assert after.standing is not None
    drift = after.standing.drift_usd - before.standing.drift_usd
    assert abs(drift) < D("1e-15")
    assert [line.label for line in after.standing.exposure.lines][1:4] == [
        "collateral",
        "collateral: options",
        "collateral: unpaid funding",
    ]


def carried(**changes: Any) -> Snapshot:
    """100,000 USD of ADA on top of 2 BTC, hedged with BTC at beta 1.104 (2020-25)."""
    carrier = policy(spot=("cold",), limits=FREE, rebalance_to=D(0), band=Band(BandKind.USD, D(0)))
    ada = policy(asset="ADA", spot=("ada",), legs=(), cross=Cross("BTC", D("1.104")))
    settings: dict[str, Any] = {
        "quotes": (quote("65000"),),
        "holdings": (cold(2), Holding("ada", Amount(D(200_000), "ADA"), D(0))),
        "hedges": (carrier, ada),
        "rates": (Rate("ADA", USD, D("0.5"), D(0)),),
    }
    return snapshot(**(settings | changes))


def test_an_asset_without_an_instrument_is_carried_by_another() -> None:
    carrier, ada = decide(carried()).assets
    assert carrier.orders[0].notional_usd == 240_400
    assert carrier.standing is not None
    assert carrier.standing.exposure.equity.value == 2
    assert (ada.reason, ada.orders) == (Reason.IN_BAND, ())
    assert "carried by the hedge of BTC with beta 1.104" in ada.why
    assert ada.standing is not None
    assert ada.standing.exposure.equity.value == 200_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rates": ()}, Reason.SOURCE_MISSING),
        ({"rates": (Rate("ADA", USD, D("0.5"), D(31)),)}, Reason.STALE_DATA),
        ({"holdings": (cold(2),)}, Reason.SOURCE_MISSING),
    ],
)
def test_bad_input_of_a_carried_asset_stops_its_carrier(
    changes: dict[str, Any], reason: Reason
) -> None:
    assert [asset.reason for asset in decide(carried(**changes)).assets] == [reason, reason]


def test_keeping_coins_leaves_what_is_carried_hedged() -> None:
    book = carried()
    keeping = replace(book.hedges[0], keep=D(1))
    carrier = decide(replace(book, hedges=(keeping, book.hedges[1]))).assets[0]
    assert carrier.orders[0].notional_usd == 65_000 + 110_400
    assert carrier.standing is not None
    told = carrier.standing.target.formula
    assert told == "-max(0, 2 - 1) * 65000 - 1.69846154 * 65000"


def test_a_fixed_notional() -> None:
    fixed = policy(notional_usd=D(100_000), rebalance_to=D(0), limits=FREE)
    decision = only(snapshot(quotes=(quote("65000"),), holdings=(cold(5),), hedges=(fixed,)))
    assert decision.orders[0].notional_usd == 100_000
    assert decision.standing is not None
    assert decision.standing.target.rule == "a fixed short of 100000 USD"


def test_coins_accounting_counts_what_is_carried() -> None:
    book = carried()
    coins = replace(book.hedges[0], accounting=Accounting.COINS)
    carrier = decide(replace(book, hedges=(coins, book.hedges[1]))).assets[0]
    assert carrier.orders[0].notional_usd == 240_400


def paying(book: Snapshot, *rates: str) -> Snapshot:
    """Two stamps of each venue's rate have passed."""
    quotes = tuple(
        replace(q, funding_rate=D(rate), funding_interval_h=D(8))
        for q, rate in zip(book.quotes, rates, strict=True)
    )
    stamps = tuple(
        FundingStamp(q.instrument.venue, q.instrument.symbol, AT, D(rate), settled=True)
        for q, rate in zip(book.quotes, rates, strict=True)
        for _ in range(2)
    )
    return replace(book, quotes=quotes, memory=Memory(stamps=stamps))


def test_carry_below_its_floor_is_told() -> None:
    floor = CarryFloor(D("-0.1"), stamps=2)
    low = only(paying(split(LEGS, carry_floor=floor), "-0.0001", "0.0001"))
    (alert,) = low.alerts
    assert "carry of BTC/USD:BTC at main is -10.95 % a year, floor -10 % (alert)" in alert.detail
    assert len(low.orders) == 2


def test_carry_above_its_ceiling_and_a_basis_beyond_its_bounds_are_told() -> None:
    bounds = CarryBounds(D("0.2"), D("-0.004"), D("0.004"), stamps=2)
    book = paying(split(LEGS, carry_bounds=bounds), "0.0001", "0.0002")
    (alert,) = only(book).alerts
    assert alert.about == "carry of BTC/USD:BTC at second"
    assert alert.detail.endswith("at second is 21.9 % a year, ceiling 20 %")
    main, second = book.quotes
    low = replace(book, quotes=(replace(main, index=main.mark * D("1.005")), second))
    high = replace(book, quotes=(replace(main, index=main.mark * D("0.995")), second))
    for moved, said in ((low, "lowest -0.4 %"), (high, "highest 0.4 %")):
        found = [f for f in only(moved).alerts if f.about == "basis of BTC/USD:BTC at main"]
        assert [said in f.detail for f in found] == [True]
        assert len(only(moved).orders) == 2, "nothing follows but the word"


def test_carry_below_its_floor_steps_the_ratio_down() -> None:
    floor = CarryFloor(D("-0.1"), stamps=2, action=CarryAction.RATIO, ratio=D("0.4"))
    one_left = split(LEGS, carry_floor=floor)
    assert sum(orders(paying(one_left, "-0.0001", "0.0001")).values()) == -325_000
    none_left = paying(one_left, "-0.0001", "-0.0002")
    assert sum(orders(none_left).values()) == -130_000
    standing = only(none_left).standing
    assert standing is not None
    assert "ratio 0.4 (carry below its floor, else 1)" in standing.target.rule


def test_carry_below_its_floor_moves_the_hedge_to_the_next_instrument() -> None:
    floor = CarryFloor(D("-0.1"), stamps=2, action=CarryAction.NEXT)
    moving = split(LEGS, ("-325000", "0"), carry_floor=floor)
    assert orders(paying(moving, "-0.0001", "0.0001")) == {"main": 812, "second": -812}
    nowhere = split(LEGS, carry_floor=floor)
    assert len(orders(paying(nowhere, "-0.0001", "-0.0001"))) == 2


def test_an_unknown_carry_is_not_below_any_floor() -> None:
    floor = CarryFloor(D(1))
    unknown = only(split(LEGS, carry_floor=floor))
    assert (unknown.alerts, unknown.carry_per_year) == ((), None)
    silent = tuple(replace(q, funding_interval_h=D(8)) for q in BOTH)
    assert only(replace(split(LEGS, carry_floor=floor), quotes=silent)).alerts == ()


def test_the_carry_of_the_whole_hedge() -> None:
    held = split(held=("-100000", "-225000"))
    decision = only(paying(held, "0.0001", "0.0002"))
    assert decision.carry_usd_per_year == D("10950") + D("49275")
    assert decision.carry_per_year is not None
    assert abs(decision.carry_per_year - D(60_225) / 325_000) < D("1e-25")
    one_side = only(replace(held, quotes=(funded(BOTH[0]), BOTH[1])))
    assert one_side.carry_usd_per_year is None


def funded(of: Quote) -> Quote:
    return replace(of, funding_rate=D("0.0001"), funding_interval_h=D(8))


@pytest.mark.parametrize(
    ("left", "carry"),
    [
        (timedelta(days=73), D("0.05")),  # 1 % of basis in a fifth of a year
        (timedelta(hours=12), D("7.3")),
        (timedelta(0), None),
        (timedelta(days=-1), None),  # the venue still lists what has ended
    ],
)
def test_a_dated_contract_earns_its_basis_until_its_end(
    left: timedelta, carry: Decimal | None
) -> None:
    dated = replace(instrument(), expires_at=AT + left)
    dear = Quote(dated, mark=D("65650"), index=D("65000"), age_s=D(0))
    held = (account(0, short("65650", "65650")),)
    decision = only(snapshot(quotes=(dear,), holdings=(cold(1),), accounts=held))
    assert decision.carry_per_year == carry
