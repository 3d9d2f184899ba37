"""How orders are worked: rested, sliced or sent at once, and what becomes of those that rest."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hedged.core.decide import decide
from hedged.core.memory import remember
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    AssetMemory,
    Band,
    HedgeLeg,
    InFlight,
    Instrument,
    Limits,
    Memory,
    Missing,
    Placed,
    Position,
    Quote,
    Reason,
    Resting,
    Side,
    Snapshot,
    Style,
    StyleKind,
    Tended,
    Tending,
    TradingState,
)
from tests.core.build import AT, D, account, cold, instrument, policy, position, short, snapshot

MAKER = Style(StyleKind.MAKER)
EVEN = Style(StyleKind.TWAP, slices=4, duration_s=D(40), jitter=D(0))  # due at 5, 15, 25, 35 s
OTHER = replace(instrument(), symbol="BTC/USD:BTC-260327")
BOTH = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("main", OTHER.symbol))
FREE = Limits(max_leverage=None, liquidation_distance=None)


def quoted(bid: str | None = "64999.9", ask: str | None = "65000", **of: Instrument) -> Quote:
    return Quote(
        of.get("of") or instrument(),
        mark=D(65_000),
        index=D(65_000),
        age_s=D(0),
        bid=None if bid is None else D(bid),
        ask=None if ask is None else D(ask),
    )


def rests(
    contracts: int = 324_593,
    *,
    side: Side = Side.SELL,
    symbol: str = "BTC/USD:BTC",
    **changes: Any,
) -> InFlight:
    price, bound = ("65000", "64935") if side is Side.SELL else ("64999.9", "65065")
    order = Resting("core", "BTC", side, D(contracts), D(price), D(bound), False, D(10))
    return InFlight("main", symbol, f"hg-{symbol}", "working", replace(order, **changes))


def correcting(ago_s: str, *placed: Placed, **changes: Any) -> Memory:
    """A correction that began so long ago."""
    since = AT - timedelta(seconds=float(ago_s))
    return Memory(
        assets=(AssetMemory("BTC", correcting_since=since, working_since=since, **changes),),
        placed=placed,
    )


def book(style: Style = MAKER, *flights: InFlight, hedge: Any = None, **changes: Any) -> Snapshot:
    """5 BTC without a hedge: a short of 325,000 USD is wanted, less half the band."""
    return snapshot(
        **{
            "quotes": (quoted(),),
            "holdings": (cold(5),),
            "hedges": (policy(style=style, limits=FREE, **(hedge or {})),),
            "in_flight": flights,
        }
        | changes
    )


def only(of: Snapshot) -> AssetDecision:
    (decision,) = decide(of).assets
    return decision


def fate(of: Snapshot) -> Tended:
    (tended,) = decide(of).tended
    return tended


def test_a_maker_order_rests_at_its_own_side_s_best_within_its_bound() -> None:
    (order,) = only(book()).orders
    assert (order.style, order.post_price, order.limit_price) == (
        StyleKind.MAKER,
        D(65_000),
        D(64_935),
    )


def test_without_a_best_price_nothing_is_rested() -> None:
    decision = only(book(quotes=(quoted(ask=None),)))
    assert (decision.reason, decision.orders) == (Reason.NO_LIQUIDITY, ())
    assert decision.why == "BTC/USD:BTC: no best price to rest at"


@pytest.mark.parametrize(
    ("style", "ago_s", "unprotected", "posts"),
    [
        (MAKER, "59.999", (), True),
        (MAKER, "60", (), False),
        (MAKER, "30", ("main",), False),  # nothing would cancel it if the process died
        (MAKER, "29.999", ("main",), True),
        (MAKER, "60", ("elsewhere",), False),
        (MAKER, "30", ("elsewhere",), True),
        (replace(MAKER, time_limit_s=D(20)), "20", ("main",), False),
        (replace(MAKER, cross=False), "600", (), True),
    ],
)
def test_after_the_time_limit_the_rest_is_taken(
    style: Style, ago_s: str, unprotected: tuple[str, ...], *, posts: bool
) -> None:
    (order,) = only(book(style, memory=correcting(ago_s), unprotected=unprotected)).orders
    assert (order.post_price is not None) is posts


def test_a_flattened_book_takes_at_once_whatever_its_style() -> None:
    for style in (MAKER, EVEN):
        held = book(
            style,
            accounts=(account(0, short("325000", "65000")),),
            flattened="by anna",
            memory=correcting("1"),
        )
        decision = only(held)
        (order,) = decision.orders
        assert (order.post_price, order.contracts, decision.blocked) == (None, D(325_000), ())


def test_an_order_that_rests_holds_its_slot() -> None:
    decision = only(book(MAKER, rests(1000)))
    (finding,) = decision.blocked
    assert finding.reason is Reason.ORDER_IN_FLIGHT
    assert finding.detail == "order hg-BTC/USD:BTC rests at 65000 with 1000 contracts to go"


def two(*flights: InFlight, **changes: Any) -> Snapshot:
    """The same book, its hedge shared evenly by two instruments."""
    return book(
        MAKER, *flights, quotes=(quoted(), quoted(of=OTHER)), hedge={"legs": BOTH}, **changes
    )


def test_beside_what_rests_elsewhere_an_order_may_not_pass_the_target() -> None:
    beside = only(two(rests(162_000))).proposals
    assert [p.intent.contracts for p in beside] == [162_296, 162_297]
    assert [f.reason for f in beside[0].findings] == [Reason.ORDER_IN_FLIGHT]  # its slot
    assert beside[1].findings == ()
    (finding,) = only(two(rests(500_000))).proposals[1].findings
    assert finding.reason is Reason.ORDER_IN_FLIGHT
    assert finding.detail == (
        "with the orders that rest already the drift of +325,000.00 USD would become "
        "-337,297.00 USD"
    )
    opposite = two(rests(500_000, side=Side.BUY))
    assert only(opposite).proposals[1].findings == ()


def placed(ago_s: int, contracts: int = -1000, **changes: Any) -> Placed:
    order = Placed(
        AT - timedelta(seconds=ago_s), "BTC", "main", "BTC/USD:BTC", D(contracts), D(1000)
    )
    return replace(order, **{"withdrawn": True} | changes)


@pytest.mark.parametrize(
    ("memory", "goes_on"),
    [
        (correcting("20", placed(10)), True),
        (correcting("20", placed(10, withdrawn=False)), False),
        (correcting("20", placed(15), placed(10, withdrawn=False)), False),
        (correcting("20", placed(21)), False),  # of an earlier correction
        (correcting("20", placed(10, contracts=1000)), False),  # in the other direction
        (correcting("20", placed(10, symbol="ETH/USD:ETH")), False),
        (Memory(placed=(placed(10),)), False),
    ],
)
def test_an_order_in_the_place_of_a_withdrawn_one_goes_on(memory: Memory, *, goes_on: bool) -> None:
    (order,) = only(book(memory=memory)).orders
    assert order.goes_on is goes_on


def test_a_twap_hedge_sends_a_share_when_its_slice_is_due() -> None:
    waits = only(book(EVEN, memory=correcting("1")))
    assert waits.proposals[0].sizing == "slice 1 of 4: a share of 324594 contracts"
    (finding,) = waits.blocked
    assert (finding.reason, finding.detail) == (Reason.COOLDOWN, "slice 1 of 4 is due in 4 s")
    due = only(book(EVEN, memory=correcting("5")))
    assert (due.orders[0].contracts, due.blocked) == (D(81_148), ())
    assert due.orders[0].style is StyleKind.TWAP


def test_slices_that_were_sent_are_known_from_the_memory() -> None:
    sent = only(book(EVEN, memory=correcting("16", placed(10), placed(1))))
    assert sent.proposals[0].sizing.startswith("slice 3 of 4")
    assert [f.reason for f in sent.blocked] == [Reason.COOLDOWN]
    elsewhere = correcting("16", placed(1, symbol=OTHER.symbol), placed(17))
    assert only(book(EVEN, memory=elsewhere)).blocked == ()


def test_the_last_slice_is_all_that_is_left_and_none_is_less_than_a_lot() -> None:
    last = only(book(EVEN, memory=correcting("40")))
    assert (last.orders[0].contracts, last.proposals[0].sizing) == (D(324_594), "")
    coarse = replace(instrument(), contract_size=D(100_000))
    small = only(book(EVEN, quotes=(quoted(of=coarse),), memory=correcting("5")))
    assert small.orders[0].contracts == 1


@pytest.mark.parametrize(
    ("bid", "ask", "ago_s", "move"),
    [
        ("64999.9", "65000", "10", Tending.KEEP),
        ("64979.9", "64980", "10", Tending.REPRICE),
        ("64999.9", "65000", "60", Tending.CROSS),
        ("64900", "65000", "60", Tending.GIVE_UP),
    ],
)
def test_what_rests_is_chased(bid: str, ask: str, ago_s: str, move: Tending) -> None:
    quotes = (quoted(bid, ask),)
    found = fate(book(MAKER, rests(), quotes=quotes, memory=correcting(ago_s)))
    assert (found.client_id, found.asset, found.move) == ("hg-BTC/USD:BTC", "BTC", move)


def test_where_nothing_would_cancel_it_it_is_chased_for_half_a_minute() -> None:
    memory = correcting("30")
    assert fate(book(MAKER, rests(), memory=memory)).move is Tending.KEEP
    unprotected = book(MAKER, rests(), memory=memory, unprotected=("main",))
    assert fate(unprotected).move is Tending.CROSS


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": TradingState.HALTED}, "halted"),
        ({"flattened": "by anna"}, "the book is being closed"),
        ({"state": TradingState.REDUCING}, "only reduce-only orders pass"),
        ({"holdings": (cold(2),)}, "the target moved: the drift of +130,000.00 USD would become"),
        ({"holdings": (cold(-5),)}, "the target is long"),
    ],
)
def test_what_is_wanted_no_longer_goes(changes: dict[str, Any], why: str) -> None:
    found = fate(book(MAKER, rests(), **changes))
    assert found.move is Tending.CANCEL
    assert found.why.startswith(why)


def test_it_goes_with_the_style_the_cap_or_the_hedge_that_wanted_it() -> None:
    assert fate(book(Style(), rests())).why == "the style of the hedge is ioc"
    capped = policy(style=MAKER, limits=replace(FREE, max_position_usd=D(1000)))
    assert "limit ±1,000.00 USD" in fate(book(MAKER, rests(), hedges=(capped,))).why
    for left in (rests(asset="ETH"), rests(symbol=OTHER.symbol)):
        assert fate(book(MAKER, left)).why == "no hedge trades here any more"


def test_only_the_book_s_own_resting_orders_are_tended() -> None:
    unknown = InFlight("main", "BTC/USD:BTC", "hg1", "timed out")
    for foreign in (rests(book="another"), unknown):
        decision = decide(book(MAKER, foreign))
        assert decision.tended == ()
        assert decision.assets[0].reason is Reason.ORDER_IN_FLIGHT


def blind(reason: Reason, ago_s: int | None) -> Tended:
    """What becomes of it when the coins cannot be read, and were last so long ago."""
    believed_at = None if ago_s is None else AT - timedelta(seconds=ago_s)
    memory = Memory(assets=(AssetMemory("BTC", believed_at=believed_at),))
    gap = Missing("cold", "holdings", "timed out", reason)
    return fate(book(MAKER, rests(), memory=memory, missing=(gap,)))


def test_a_bad_read_drives_it_away_only_when_it_lasts() -> None:
    assert blind(Reason.SOURCE_MISSING, 30).move is Tending.KEEP
    for ago_s in (31, None):
        gone = blind(Reason.SOURCE_MISSING, ago_s)
        assert (gone.move, gone.why) == (Tending.CANCEL, "cold: holdings: timed out")
    assert blind(Reason.EXTERNAL_CHANGE, 1).move is Tending.CANCEL


def moving_over(closing: int) -> list[Tending]:
    """A hedge inside its band of 6,500 USD that moves from one instrument to the other."""
    held = tuple(
        Position(of, Amount(-D(usd), USD), D(65_000))
        for of, usd in ((instrument(), 300_000), (OTHER, 25_000))
    )
    moves = two(
        rests(closing, side=Side.BUY, reduce_only=True),
        rests(6_000, symbol=OTHER.symbol),
        accounts=(account(0, *held),),
    )
    wide = replace(moves.hedges[0], band=Band(size=D("0.02")))
    return [tended.move for tended in decide(replace(moves, hedges=(wide,))).tended]


def test_orders_in_both_directions_may_leave_the_target_inside_the_band() -> None:
    assert moving_over(6_000) == [Tending.KEEP, Tending.KEEP]
    assert moving_over(7_000) == [Tending.CANCEL, Tending.CANCEL]


def test_an_order_in_another_instrument_counts_at_the_asset_s_mark() -> None:
    """A contract of an instrument that trades 1 % higher moves the hedge by 1 % less."""
    dear = replace(quoted(of=OTHER), mark=D(65_650))
    legs = {"legs": BOTH}
    flight = rests(505_000, symbol=OTHER.symbol)
    first = book(MAKER, flight, quotes=(quoted(), dear), hedge=legs)
    (finding,) = only(first).proposals[0].findings
    own: Decimal = only(first).proposals[0].intent.contracts
    assert f"would become {325_000 - 500_000 - own:+,.2f} USD" in finding.detail


def test_positions_of_other_assets_orders_are_left_alone() -> None:
    """An order of another asset in the same instrument is not part of this asset's moves."""
    beside = two(rests(500_000, asset="ETH"), accounts=(account(0, position("-1", "65000")),))
    assert only(beside).proposals[1].findings == ()


def test_what_rests_elsewhere_counts_for_the_cap() -> None:
    capped = {"legs": BOTH, "limits": replace(FREE, max_position_usd=D(200_000))}
    quotes = (quoted(), quoted(of=OTHER))
    hedges = (policy(style=MAKER, **capped),)
    for resting, found in ((37_703, []), (37_704, [Reason.LIMIT_EXCEEDED])):
        decision = only(book(MAKER, rests(resting), quotes=quotes, hedges=hedges))
        second = decision.proposals[1]
        assert second.intent.contracts == 162_297
        assert [finding.reason for finding in second.findings] == found


def test_a_move_from_one_instrument_to_another_has_a_time_limit_too() -> None:
    """No drift begins it, so its patience counts from when its orders were first wanted."""
    other = Position(OTHER, Amount(D(-325_000), USD), D(65_000))
    legs = (BOTH[0], replace(BOTH[1], priority=2))  # the whole hedge belongs to the first
    moved = book(
        MAKER,
        quotes=(quoted(), quoted(of=OTHER)),
        hedge={"legs": legs},
        accounts=(account(0, other),),
    )
    decision = decide(moved)
    memory = remember(Memory(), moved, decision)
    (asset,) = memory.assets
    assert (asset.correcting_since, asset.working_since) == (None, AT)
    later = replace(moved, at=AT + timedelta(seconds=float(MAKER.time_limit_s)), memory=memory)
    assert all(order.post_price is not None for order in only(moved).orders)
    assert [order.post_price for order in only(later).orders] == [None, None]
