"""The gates: each with its figure and its limit, each open up to the limit and shut beyond."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.gross import held_beside
from hedged.core.ledger import Ledger, Slot
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    AssetMemory,
    Caps,
    CoinBalance,
    EquityTerm,
    HedgeLeg,
    HedgePolicy,
    HeldAt,
    Holding,
    Instrument,
    Kind,
    Level,
    Limits,
    Margin,
    MarginAccount,
    Memory,
    Others,
    Placed,
    Position,
    Quote,
    Reading,
    Reason,
    Snapshot,
)
from hedged.core.wanted import NO_CAPS
from tests.core.build import (
    AT,
    D,
    account,
    cold,
    instrument,
    policy,
    position,
    quote,
    short,
    snapshot,
)

SOURCE = Path(__file__).resolve().parents[2] / "hedged"


def only(of: Snapshot) -> AssetDecision:
    (decision,) = decide(of).assets
    return decision


def opening(limits: Limits, **changes: Any) -> Snapshot:
    """5 BTC without a hedge: an order of some 325,000 USD."""
    return snapshot(
        **{"quotes": (quote("65000"),), "holdings": (cold(5),), "hedges": (policy(limits=limits),)}
        | changes
    )


def reasons(decision: AssetDecision) -> list[Reason]:
    return [finding.reason for finding in decision.blocked]


FREE = Limits(max_leverage=None)


def test_only_the_gates_approve() -> None:
    makers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Approved"
    }
    assert makers - {"core/serialise.py"} == {"core/risk.py"}


def test_the_position_cap() -> None:
    assert reasons(only(opening(replace(FREE, max_position_usd=D(324593))))) == []
    capped = only(opening(replace(FREE, max_position_usd=D(324592))))
    assert reasons(capped) == [Reason.LIMIT_EXCEEDED]
    assert "would be -324,593.00 USD, limit ±324,592.00 USD" in capped.blocked[0].detail
    assert capped.orders


def test_a_position_beyond_its_cap_may_still_be_closed() -> None:
    held = (account("0", short("325000", "65000")),)
    closing = opening(replace(FREE, max_position_usd=D(1000)), holdings=(cold(3),), accounts=held)
    assert reasons(only(closing)) == []


def placed(ago_s: int, usd: str = "1000") -> Placed:
    at = AT - timedelta(seconds=ago_s)
    return Placed(at, "BTC", "main", "BTC/USD:BTC", D(0), D(usd))


def after(*orders: Placed, held: str = "324000") -> dict[str, Any]:
    """A small drift of 1,000 USD: beyond the band of 812.50, within the outer one."""
    return {
        "accounts": (account("0", short(held, "65000")),),
        "memory": Memory(placed=orders),
    }


def test_the_cooldown_holds_inside_the_outer_band_only() -> None:
    waits = replace(FREE, cooldown_s=D(60))
    blocked = only(opening(waits, **after(placed(59))))
    assert reasons(blocked) == [Reason.COOLDOWN]
    assert "59 s ago, cooldown 60 s (ignored beyond 2,437.50 USD" in blocked.blocked[0].detail
    assert reasons(only(opening(waits, **after(placed(60))))) == []
    assert reasons(only(opening(waits, **after(placed(1), held="320000")))) == []


def test_orders_per_hour_have_a_soft_and_a_hard_limit() -> None:
    slow = replace(FREE, max_orders_per_hour=2)
    assert reasons(only(opening(slow, **after(placed(10), placed(3600))))) == []
    assert reasons(only(opening(slow, **after(placed(10), placed(3599))))) == [Reason.COOLDOWN]
    many = tuple(placed(n) for n in range(9))
    assert reasons(only(opening(slow, **after(*many, held="320000")))) == []
    many = tuple(placed(n) for n in range(10))
    stopped = only(opening(slow, **after(*many, held="320000")))
    assert reasons(stopped) == [Reason.LIMIT_EXCEEDED]
    assert "more than 5 times the limit of 2" in stopped.blocked[0].detail
    assert stopped.blocked[0].halts
    halting = decide(opening(slow, **after(*many, held="320000")))
    assert halting.halts == stopped.blocked[0].detail
    assert decide(opening(slow)).halts == ""


def test_turnover_per_day_has_a_soft_and_a_hard_limit() -> None:
    calm = replace(FREE, max_turnover_usd=D(2000))
    assert reasons(only(opening(calm, **after(placed(80_000, "1407"))))) == []
    assert reasons(only(opening(calm, **after(placed(80_000, "1408"))))) == [Reason.COOLDOWN]
    assert reasons(only(opening(calm, **after(placed(86_400, "9999"))))) == []
    stopped = only(opening(calm, **after(placed(10, "9999"))))
    assert reasons(stopped) == [Reason.LIMIT_EXCEEDED]


def test_a_first_order_beyond_a_hard_limit_is_refused_and_does_not_halt() -> None:
    small = only(opening(replace(FREE, max_turnover_usd=D(1000))))
    assert reasons(small) == [Reason.LIMIT_EXCEEDED]
    assert not small.blocked[0].halts


FEES = replace(quote("65000"), taker_fee=D("0.0005"), bid=D(64935), ask=D(65065))  # 0.15 % in all


@pytest.mark.parametrize(
    ("before", "expected", "halts"),
    [
        ("3000", [], False),
        ("3800", [Reason.COOLDOWN], False),
        ("7000", [Reason.COOLDOWN], False),
        ("40000", [Reason.LIMIT_EXCEEDED], True),
    ],
)
def test_what_orders_cost_in_a_day_is_limited(
    before: str, expected: list[Reason], *, halts: bool
) -> None:
    """The order is of 593 USD or so: with 3,407 USD before it 0.15 % come to 6 USD."""
    found = only(
        opening(replace(FREE, max_cost_usd=D(6)), quotes=(FEES,), **after(placed(7200, before)))
    )
    assert reasons(found) == expected
    assert any(finding.halts for finding in found.blocked) is halts
    assert all("USD of fees and spreads in a day" in f.detail for f in found.blocked)


def test_the_book_and_all_books_have_limits_of_their_own() -> None:
    other = replace(placed(10), asset="ETH", symbol="ETH/USD:ETH")
    mine = after(placed(10), other, placed(20))
    two = Caps(max_orders_per_hour=3)
    assert "4 orders of the book in an hour, limit 3" in detail(opening(FREE, caps=two, **mine))
    all_books = opening(FREE, total=two, elsewhere=(other,), **after(placed(10), placed(20)))
    assert "4 orders of all books in an hour, limit 3" in detail(all_books)
    assert (
        detail(opening(FREE, caps=two, elsewhere=(other,), **after(placed(10), placed(20)))) == ""
    )
    spent = opening(FREE, total=Caps(max_turnover_usd=D(1500)), elsewhere=(other,), **after())
    assert "USD of orders of all books in a day, limit 1500" in detail(spent)


def detail(of: Snapshot) -> str:
    return "; ".join(finding.detail for finding in only(of).blocked)


def test_going_on_in_place_of_a_cancelled_order_is_no_new_order() -> None:
    amended = tuple(replace(placed(n), goes_on=True) for n in range(50))
    assert detail(opening(FREE, caps=Caps(max_orders_per_hour=1), **after(*amended))) == ""


def test_the_price_bound_stays_within_the_collar_of_index_and_last_price() -> None:
    tight = replace(FREE, collar=D("0.001"))
    assert reasons(only(opening(tight))) == []
    near = Quote(instrument(), D(65000), D(65001), D(0), last=D(65002))
    bound = only(opening(tight, quotes=(near,)))
    assert reasons(bound) == [Reason.COLLAR, Reason.COLLAR]
    assert "price bound 64935 is 0.1 % from index 65001" in bound.blocked[0].detail


def test_a_mark_far_from_the_last_price_gives_no_verdict() -> None:
    far = Quote(instrument(), D(65000), D(65000), D(0), last=D(50000))
    assert only(opening(FREE, quotes=(far,))).reason is Reason.COLLAR


def margined(coins: str, *held: Position, margin: Margin | None = None, **terms: str) -> Any:
    extra = tuple(EquityTerm(name, D(value)) for name, value in terms.items())
    balance = CoinBalance(Amount(D(coins), "BTC"), None, extra)
    return MarginAccount("main", (balance,), held, D(0), margin)


def test_leverage_on_the_coin_s_own_collateral() -> None:
    four = Limits(max_orders_per_hour=None)
    enough = opening(four, holdings=(cold(4),), accounts=(margined("1.25"),))
    assert reasons(only(enough)) == [Reason.MARGIN_LOW]
    more = opening(four, holdings=(cold("3.75"),), accounts=(margined("1.25"),))
    assert reasons(only(more)) == []
    session = opening(four, holdings=(cold("4"),), accounts=(margined("1", session="0.25"),))
    low = only(session)
    assert "on 81,250.00 USD of BTC collateral, limit 4 times" in low.blocked[0].detail


def test_leverage_counts_pnl_and_other_positions_of_the_coin() -> None:
    dated = replace(instrument(), symbol="BTC/USD:BTC-270326")
    stray = Position(dated, Amount(D(-60000), USD), D(60000), mark=D(65000))
    four = Limits()
    book = opening(
        four,
        holdings=(cold(3),),
        accounts=(margined("2", short("65000", "60000"), stray),),
        hedges=(policy(limits=four, others=Others.COUNT),),
    )
    assert reasons(only(book)) == []
    # Wallet and PnL: 2 - 125000*(1/60000 - 1/65000) = 1.84 BTC; the whole position is 4.84 BTC.
    tight = replace(
        book, hedges=(policy(limits=Limits(max_leverage=D("2.5")), others=Others.COUNT),)
    )
    assert reasons(only(tight)) == [Reason.MARGIN_LOW]


def test_an_account_that_reports_its_margin_goes_by_it() -> None:
    rich = margined("0", margin=Margin(D(200_000), D(100_000)))
    assert reasons(only(opening(Limits(), accounts=(rich,)))) == []
    used = margined("0", margin=Margin(D(200_000), D(100_001)))
    low = only(opening(Limits(), accounts=(used,)))
    assert reasons(low) == [Reason.MARGIN_LOW]
    assert "maintenance takes 100,001.00 of 200,000.00 USD" in low.blocked[0].detail
    poor = margined("0", margin=Margin(D(80_000), D(0)))
    assert "80,000.00 USD of equity" in only(opening(Limits(), accounts=(poor,))).blocked[0].detail


def test_the_distance_to_liquidation_after_the_order() -> None:
    known = replace(instrument(), maintenance=D("0.005"))
    far = replace(FREE, liquidation_distance=D("0.3"))
    book = opening(
        far, quotes=(quote("65000", known),), holdings=(cold(4),), accounts=(margined("1"),)
    )
    low = only(book)  # 5 BTC short on 1 BTC: liquidated after +24 %
    assert reasons(low) == [Reason.MARGIN_LOW]
    assert "% from the mark 65000, limit 30 %" in low.blocked[0].detail
    nearer = replace(book, hedges=(policy(limits=replace(far, liquidation_distance=D("0.2"))),))
    assert reasons(only(nearer)) == []
    covered = replace(book, accounts=(margined("6"),))
    assert reasons(only(covered)) == []
    off = replace(book, hedges=(policy(limits=replace(far, liquidation_distance=None)),))
    assert reasons(only(off)) == []


def test_the_liquidation_price_that_the_venue_reports() -> None:
    near = replace(short("100000", "65000"), liquidation_price=D(70000))
    low = only(opening(FREE, accounts=(margined("0", near),)))
    assert reasons(low) == [Reason.MARGIN_LOW]
    assert "liquidation at 70000 would be 7.69 %" in low.blocked[0].detail


def test_a_linear_order_is_margined_in_its_own_coin() -> None:
    linear = replace(instrument(Kind.LINEAR, size="0.001"), maintenance=D("0.005"))
    hedge = policy(limits=Limits(), legs=(HedgeLeg("main", linear.symbol),))
    usdt = CoinBalance(Amount(D(82_000), "USDT"), None)
    none = CoinBalance(Amount(D(0), "BTC"), None)
    held = position("-1", "64000", linear)
    book = opening(
        Limits(),
        quotes=(quote("65000", linear),),
        accounts=(MarginAccount("main", (none, usdt), (held,), D(0)),),
        hedges=(hedge,),
    )
    assert reasons(only(book)) == [Reason.MARGIN_LOW]  # 82,000 - 1,000 of loss carries 324,000
    poor = replace(book, accounts=(MarginAccount("main", (none,), (held,), D(0)),))
    assert "on -1,000.00 USD of USDT collateral" in only(poor).blocked[0].detail


def test_an_order_is_cut_to_the_largest_and_to_what_the_book_shows() -> None:
    cut = only(opening(replace(FREE, max_order_usd=D("50000.5"))))
    assert cut.orders[0].contracts == 50000
    assert "cut to max_order" in cut.proposals[0].sizing
    levels = (Level(D(64999), D(700)), Level(D(64935), D(300)), Level(D("64934.9"), D(10**6)))
    thin = Quote(instrument(), D(65000), D(65000), D(0), bids=levels)
    assert only(opening(FREE, quotes=(thin,))).orders[0].contracts == 1000
    half = replace(FREE, depth_share=D("0.5"))
    assert only(opening(half, quotes=(thin,))).orders[0].contracts == 500
    empty = replace(thin, bids=())
    decision = only(opening(FREE, quotes=(empty,)))
    assert (decision.reason, decision.orders) == (Reason.NO_LIQUIDITY, ())
    largest = replace(instrument(), max_contracts=D(900))
    assert only(opening(FREE, quotes=(quote("65000", largest),))).orders[0].contracts == 900


def test_the_smallest_order_counts_notional_and_the_owner_s_wish() -> None:
    held = (account("0", short("323500", "65000")),)
    venue = replace(instrument(), min_notional_usd=D(1600))
    waiting = only(opening(FREE, quotes=(quote("65000", venue),), accounts=held))
    assert (waiting.reason, waiting.orders) == (Reason.BELOW_MIN_QTY, ())
    raised = only(opening(replace(FREE, min_order_usd=D(1400)), accounts=held))
    assert raised.orders[0].contracts == 1400
    assert "raised to the smallest order" in raised.proposals[0].sizing


def believed(coins: str = "5", mark: str = "65000", q: str = "0", **changes: Any) -> Memory:
    held = HeldAt("main", "BTC/USD:BTC", Kind.INVERSE, D(q))
    reading = Reading("BTC", D(coins), D(mark), D(coins) + D(q) / D(mark), (held,))
    return Memory(assets=(AssetMemory("BTC", believed=reading, believed_at=AT, **changes),))


CAME = "BTC came without a trade or a transfer that is known"
WENT = "BTC went without a trade or a transfer that is known"


@pytest.mark.parametrize(
    ("memory", "jumps"),
    [
        (believed("5"), None),
        (believed("4.9875"), None),
        (believed("5.0125"), None),
        (believed("4.9874"), f"0.0126 {CAME} (coins from 4.9874 to 5), limit 0.0125"),
        (believed("5.0126"), f"0.0126 {WENT} (coins from 5.0126 to 5), limit 0.0125"),
        (believed("0"), f"5 {CAME}"),
        (believed(mark="43400"), None),
        (believed(mark="43000"), "the mark went from 43000 to 65000, limit 50 %"),
        (believed(q="-162500"), None),
        (believed(q="-1000000"), "the position in BTC/USD:BTC went from -1000000 to 0, limit 50 %"),
    ],
)
def test_a_jump_waits_for_a_second_look(memory: Memory, jumps: str | None) -> None:
    decision = only(opening(FREE, memory=memory))
    if jumps is None:
        assert decision.reason is Reason.ABOVE_BAND
        return
    assert decision.reason is Reason.SANITY_JUMP
    assert jumps in decision.why
    assert (decision.orders, decision.standing) == ((), None)
    seen = replace(memory.assets[0], doubted=decision.reading, doubted_at=decision.doubted_at)
    for later_ms, reason in ((499, Reason.SANITY_JUMP), (500, Reason.ABOVE_BAND)):
        at = AT + timedelta(milliseconds=later_ms)
        again = only(opening(FREE, memory=Memory(assets=(seen,)), at=at))
        assert again.reason is reason
        assert again.doubted_at == (AT if reason is Reason.SANITY_JUMP else None)


def test_a_second_look_that_disagrees_with_the_first_is_doubted_too() -> None:
    doubted, late = Reading("BTC", D(50), D(65000), D(50), ()), AT + timedelta(seconds=9)
    memory = believed("0.5", doubted=doubted, doubted_at=AT)
    decision = only(opening(FREE, memory=memory, at=late))
    assert decision.reason is Reason.SANITY_JUMP
    assert decision.doubted_at == late


def test_our_own_orders_explain_a_position() -> None:
    held = (account("0", short("800000", "65000")),)
    order = replace(placed(0), quantity=D(-800_000))
    memory = replace(believed(), placed=(order,))
    assert only(opening(FREE, accounts=held, memory=memory)).reason is Reason.BELOW_BAND
    earlier = replace(memory, placed=(replace(order, at=AT - timedelta(seconds=1)),))
    assert only(opening(FREE, accounts=held, memory=earlier)).reason is Reason.SANITY_JUMP
    bought = replace(memory, placed=(replace(order, quantity=D(800_000)),))
    assert only(opening(FREE, accounts=held, memory=bought)).reason is Reason.SANITY_JUMP


def test_an_account_that_does_not_tell_of_the_coin_is_not_one_that_holds_none() -> None:
    for balances in ((), (CoinBalance(Amount(D(9), "ETH"), None),)):
        silent = MarginAccount("main", balances, (short("325000", "65000"),), D(0))
        decision = only(opening(FREE, accounts=(silent,)))
        assert (decision.reason, decision.orders) == (Reason.SOURCE_MISSING, ())
        assert decision.why == "main: the account tells of no BTC, not even 0"
    assert only(opening(FREE, accounts=(account("0"),))).reason is Reason.ABOVE_BAND


def test_the_pnl_that_the_venue_reports_is_part_of_the_identity() -> None:
    """The account as it was before the short was opened, beside the short of now."""
    held = replace(short("65000", "65000"), unrealised_pnl=D("0.02"))
    book = opening(FREE, accounts=(account("5", held, equity=D(5)),))
    torn = only(book)
    assert torn.reason is Reason.EPOCH_TORN
    assert "wallet and reported PnL give 5.02" in torn.why
    whole = replace(held, unrealised_pnl=D("0.001"))
    assert only(opening(FREE, accounts=(account("5", whole, equity=D(5)),))).proposals


def test_an_account_is_torn_beside_any_of_its_positions() -> None:
    """A second position of the coin is part of the identity, by its own mark."""
    stray = replace(
        position("-65000", "60000", replace(instrument(), symbol="BTC/USD:BTC-270326")),
        mark=D(65000),
    )
    count = policy(others=Others.COUNT, limits=FREE)
    pnl = D(-65000) * (1 / D(60000) - 1 / D(65000))
    whole = opening(FREE, accounts=(account("0", stray, equity=pnl),), hedges=(count,))
    assert only(whole).reason is Reason.ABOVE_BAND
    torn = opening(FREE, accounts=(account("0", stray, equity=D(0)),), hedges=(count,))
    assert only(torn).reason is Reason.EPOCH_TORN


def test_a_linear_position_is_no_part_of_the_identity_of_its_coin() -> None:
    """Its PnL is in quote: the coins beside it are whole without it."""
    beside = replace(position("-1", "60000", instrument(Kind.LINEAR)), mark=D(65100))
    count = (policy(others=Others.COUNT, limits=FREE),)
    for equity, reason in ((D(1), Reason.ABOVE_BAND), (D("0.9"), Reason.EPOCH_TORN)):
        accounts = (account("1", beside, equity=equity),)
        assert only(opening(FREE, accounts=accounts, hedges=count)).reason is reason


def test_a_counted_position_needs_its_figures() -> None:
    dated = replace(instrument(), symbol="BTC/USD:BTC-270326")
    stray = position("-65000", "65000", dated)
    count = policy(others=Others.COUNT)
    unknown = only(opening(FREE, accounts=(account("0", stray),), hedges=(count,)))
    assert unknown.reason is Reason.UNMANAGED_POSITION
    assert "which cannot be counted" in unknown.why
    known = replace(stray, mark=D(65000))
    counted = only(opening(FREE, accounts=(account("0", known),), hedges=(count,)))
    assert counted.standing is not None
    assert counted.standing.exposure.net_delta.value == 4
    assert counted.standing.exposure.position_usd == -65000
    option = replace(stray, delta=Amount(D("-0.5"), "BTC"), entry=D(60000), mark=D(65000))
    by_venue = only(opening(FREE, accounts=(account("0", option),), hedges=(count,)))
    assert by_venue.standing is not None
    assert by_venue.standing.exposure.net_delta.value == D("4.5")
    # An option's value stands in a term of the account: it has no PnL of an inverse contract.
    assert by_venue.standing.exposure.unrealised_pnl.value == 0
    linear = Position(instrument(Kind.LINEAR), Amount(D(-1), "BTC"), D(60000), mark=D(65100))
    coins = only(opening(FREE, accounts=(account("0", linear),), hedges=(count,)))
    assert coins.standing is not None
    assert coins.standing.exposure.net_delta.value == 4
    quanto = Instrument(
        "main", "ETH/USD:BTC", Kind.INVERSE, "ETH", "BTC", D(1), D(1), D("0.1"), D(1), None
    )
    foreign = replace(position("-65000", "65000", quanto), mark=D(65000))
    odd = only(opening(FREE, accounts=(account("0", foreign),), hedges=(count,)))
    assert odd.reason is Reason.UNMANAGED_POSITION


def two_assets(caps: Caps, total: Caps = NO_CAPS, **changes: Any) -> Snapshot:
    """5 BTC to hedge with 325,000 USD, beside 300,000 USD short of ETH that are in their band."""
    ether = Instrument(
        "main", "ETH/USD:ETH", Kind.INVERSE, "ETH", "ETH", D(1), D(1), D("0.1"), D(1), None
    )
    free = replace(FREE, liquidation_distance=None)
    other = HedgePolicy("ETH", ("cold",), (HedgeLeg("main", ether.symbol),), limits=free)
    held = Position(ether, Amount(D(-300_000), USD), D(3000))
    balances = tuple(CoinBalance(Amount(D(0), coin), None) for coin in ("BTC", "ETH"))
    settings: dict[str, Any] = {
        "hedges": (other, policy(limits=free)),
        "quotes": (quote("65000"), quote("3000", ether)),
        "holdings": (cold(5), Holding("cold", Amount(D(100), "ETH"), D(0))),
        "accounts": (MarginAccount("main", balances, (held,), D(0)),),
        "caps": caps,
        "total": total,
    }
    return opening(free, **(settings | changes))


def refusals(of: Snapshot) -> list[str]:
    found = [f for asset in decide(of).assets for f in asset.blocked]
    assert {f.reason for f in found} <= {Reason.LIMIT_EXCEEDED}
    return [f.detail for f in found]


def test_all_positions_of_a_book_have_a_cap() -> None:
    assert refusals(two_assets(Caps(max_position_usd=D(624_593)))) == []
    assert refusals(two_assets(Caps(max_position_usd=D(624_592)))) == [
        "the positions of the book would be 624,593.00 USD in all, limit 624,592.00 USD"
    ]
    more = (cold(5), Holding("cold", Amount(D(200), "ETH"), D(0)))
    both = two_assets(Caps(max_position_usd=D(900_000)), holdings=more)
    (only_second,) = refusals(both)  # the first order counts for the one after it
    assert "would be 923,843.00 USD in all" in only_second
    flat = two_assets(Caps(max_position_usd=D(1)), holdings=(cold(0), more[1]), flattened="by anna")
    assert refusals(flat) == []


def test_all_books_together_have_a_cap_and_what_is_not_known_is_not_zero() -> None:
    total = Caps(max_position_usd=D(1_000_000))
    assert refusals(two_assets(NO_CAPS, total, held_elsewhere_usd=D(375_407))) == []
    assert refusals(two_assets(NO_CAPS, total, held_elsewhere_usd=D(375_408))) == [
        "the positions of all books would be 1,000,001.00 USD in all, limit 1,000,000.00 USD"
    ]
    (unknown,) = refusals(two_assets(NO_CAPS, total, held_elsewhere_usd=None))
    assert unknown.startswith("what other positions of all books come to is not known, limit 1,000")


def test_a_book_s_account_that_was_not_read_lets_nothing_increase() -> None:
    seen = two_assets(Caps(max_position_usd=D(10**7)))
    far = replace(seen.hedges[0], legs=(HedgeLeg("far", "ETH/USD:ETH"),))
    blind = replace(seen, hedges=(far, seen.hedges[1]))
    (unknown,) = decide(blind).assets[1].blocked
    assert "what other positions of the book come to is not known" in unknown.detail


def test_what_other_books_hold_is_told_by_the_journal() -> None:
    ledger = Ledger()
    ledger.slots = {
        ("main", "BTC/USD:BTC"): Slot("main", "BTC/USD:BTC", Amount(D(-5), USD), AT),
        ("main", "ETH/USD:ETH"): Slot("main", "ETH/USD:ETH", Amount(D(-300), USD), AT),
        ("main", "BTC/USDT:USDT"): Slot("main", "BTC/USDT:USDT", Amount(D("-0.1"), "BTC"), AT),
        ("main", "SOL/USDT:USDT"): Slot("main", "SOL/USDT:USDT", Amount(D(0), "SOL"), AT),
    }
    mine = {("main", "BTC/USD:BTC")}
    assert held_beside(ledger, mine) is None
    seen = Reading("BTC", D(1), D(60_000), D(0), ())
    ledger.memories = {"other": Memory(assets=(AssetMemory("BTC", seen), AssetMemory("ETH")))}
    assert held_beside(ledger, mine) == 6_300


def test_fees_count_as_they_were_booked() -> None:
    """3,000 USD before it are 4.5 USD as expected; booked with 6 in fees they are 7.5."""
    limit = replace(FREE, max_cost_usd=D(6))

    def spent(booked: str, fee: str) -> list[Reason]:
        order = replace(placed(7200, "3000"), booked_usd=D(booked), fee_usd=D(fee))
        return reasons(only(opening(limit, quotes=(FEES,), **after(order))))

    assert spent("0", "0") == []
    assert spent("3000", "1.5") == []  # as expected: 0.05 %
    assert spent("3000", "6") == [Reason.COOLDOWN]
    assert spent("3000", "-1") == []
    assert spent("1500", "3") == [Reason.COOLDOWN]  # 3 + 0.75 + 3 of spread
