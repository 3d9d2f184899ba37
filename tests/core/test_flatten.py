"""A flattened book: its target is zero whatever else holds, and only closing orders follow."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.decide import decide
from hedged.core.events import Entry, Flattened
from hedged.core.explain import steps
from hedged.core.ledger import folded, restored
from hedged.core.types import (
    USD,
    Amount,
    AssetDecision,
    Cross,
    HedgeLeg,
    HedgePolicy,
    Holding,
    Kind,
    Limits,
    Missing,
    Position,
    Rate,
    Reason,
    Side,
    TradingState,
    Window,
)
from tests.core.build import AT, D, account, cold, instrument, policy, quote, short, snapshot

TOLD = Flattened("core", on=True, who="anna", why="moving").told


def decided(
    *positions: Position, hedge: HedgePolicy | None = None, mark: str = "65000", **changes: object
) -> AssetDecision:
    settings: dict[str, object] = {
        "quotes": (quote(mark),),
        "accounts": (account(5, *positions),),
        "hedges": (hedge or policy(),),
        "flattened": TOLD,
    }
    (asset,) = decide(snapshot(**(settings | changes))).assets  # type: ignore[arg-type] # real fields
    return asset


def test_all_of_it_is_closed_reduce_only() -> None:
    asset = decided(short("324593", "65000"))
    (order,) = asset.orders
    assert (order.side, order.contracts, order.reduce_only) == (Side.BUY, D("324593"), True)
    assert asset.reason is Reason.BELOW_BAND
    assert "around 0.00 USD (flattened by anna: moving)" in asset.why
    assert asset.blocked == ()


def test_nothing_is_opened_once_it_is_closed() -> None:
    asset = decided()
    assert (asset.orders, asset.reason) == ((), Reason.IN_BAND)


@pytest.mark.parametrize(
    "hedge",
    [
        policy(keep=D(1)),
        policy(notional_usd=D(100000)),
        policy(windows=(Window("all day", D("0.5"), cron="0 0 * * *", duration_s=86400),)),
        policy(limits=Limits(min_order_usd=D(500000), cooldown_s=D(3600), max_leverage=None)),
    ],
)
def test_an_operator_stands_before_every_rule_of_the_owner(hedge: HedgePolicy) -> None:
    (order,) = decided(short("324593", "65000"), hedge=hedge).orders
    assert order.contracts == D("324593")


def test_each_instrument_is_closed_whatever_the_others_hold() -> None:
    coarse = replace(instrument(size="100"), symbol="BTC/USD:BTC-260626")
    legs = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("main", coarse.symbol))
    asset = decided(
        short("300000", "65000"),
        Position(coarse, Amount(D(20000), USD), D(65000)),
        hedge=policy(legs=legs),
        quotes=(quote("65000"), quote("65000", coarse)),
    )
    assert [(o.side, o.contracts, o.reduce_only) for o in asset.orders] == [
        (Side.BUY, D(300000), True),
        (Side.SELL, D(200), True),
    ]


def test_a_cold_wallet_that_cannot_be_read_does_not_keep_it_open() -> None:
    gone = (Missing("cold", "holdings", "no answer"),)
    asset = decided(short("324593", "65000"), missing=gone, holdings=(cold(0),))
    assert asset.orders[0].contracts == D("324593")
    assert asset.reading is None


@pytest.mark.parametrize("what", ["account", "quote BTC/USD:BTC"])
def test_what_it_is_closed_with_must_be_known(what: str) -> None:
    gone = (Missing("main", what, "no answer"),)
    asset = decided(short("324593", "65000"), missing=gone)
    assert (asset.reason, asset.orders) == (Reason.SOURCE_MISSING, ())


def test_a_halt_stops_even_that() -> None:
    asset = decided(short("324593", "65000"), state=TradingState.HALTED)
    assert [finding.reason for finding in asset.blocked] == [Reason.HALTED]


@given(st.decimals("-400000", "400000", places=3), st.sampled_from(["1", "100"]))
def test_no_order_ever_crosses_zero(usd: Decimal, size: str) -> None:
    which = instrument(size=size)
    held = (Position(which, Amount(usd, USD), D(65000)),) if usd else ()
    asset = decided(*held, quotes=(quote("65000", which),))
    left = usd + sum((order.quantity.value for order in asset.orders), D(0))
    assert abs(left) < D(size)
    assert left * usd >= 0
    assert all(order.reduce_only for order in asset.orders)


def test_linear_contracts_are_closed_to_the_last_lot() -> None:
    perp = instrument(Kind.LINEAR, lot="0.001", least="0.001")
    asset = decided(
        Position(perp, Amount(D("-4.9990"), "BTC"), D(65000)),
        hedge=policy(legs=(HedgeLeg("main", perp.symbol),)),
        quotes=(quote("65000", perp),),
    )
    (order,) = asset.orders
    assert (order.side, order.contracts, order.reduce_only) == (Side.BUY, D("4.999"), True)


def test_the_journal_knows_which_books_are_flattened_across_a_checkpoint() -> None:
    acts = [
        Flattened("core", on=True, who="anna"),
        Flattened("second", on=True, who="bob", why="audit"),
        Flattened("core", on=False, who="anna"),
    ]
    ledger = folded(Entry(seq, AT, act) for seq, act in enumerate(acts, 1))
    assert set(ledger.flattened) == {"second"}
    assert restored(ledger.checkpoint()).flattened == ledger.flattened
    assert ledger.flattened["second"].told == "flattened by bob: audit"


def test_the_plan_says_why_there_is_no_position() -> None:
    shown = {step.label: step.how for step in steps(decided(short("324593", "65000")))}
    assert shown["target USD"] == "flattened by anna: moving: 0"
    assert shown["band USD"] in {"one lot", "until the correction under way ends"}
    carried = HedgePolicy("ADA", ("cold",), (), cross=Cross("BTC", D(2)))
    rates = (Rate("ADA", USD, D(1), D(0)),)
    coins = (Holding("cold", Amount(D(10), "ADA"), D(0)),)
    seen = snapshot(
        quotes=(quote("65000"),),
        accounts=(account(5),),
        hedges=(policy(), carried),
        holdings=(cold(5), *coins),
        rates=rates,
    )
    shown = {step.label: step.how for step in steps(decide(seen).assets[1])}
    assert shown["target USD"] == "carried by the hedge of BTC with beta 2: 0"
    assert shown["band USD"] == ""
