"""What a verdict leaves behind: the figures that it was made from."""

from dataclasses import replace
from decimal import Decimal

from hedged.core.decide import decide
from hedged.core.looks import Look, look
from hedged.core.types import USD, Amount, Kind, Others, Position, Snapshot
from tests.core.build import D, account, cold, instrument, policy, quote, short, snapshot

OTHER = replace(instrument(), symbol="BTC/USD:BTC-261225")


def looked(of: Snapshot) -> Look | None:
    return look(of, decide(of).assets[0])


def booked(*positions: Position) -> Snapshot:
    funded = replace(quote(62_500), funding_rate=D("0.0001"), funding_interval_h=D(8))
    return snapshot(
        quotes=(replace(funded, index=D(62_490)),),
        accounts=(account("1", *positions),),
        holdings=(cold(4),),
        hedges=(policy(others=Others.COUNT),),
    )


def test_what_the_decision_saw_is_kept() -> None:
    found = looked(booked(short("312500", "62500")))
    assert found is not None
    assert [found.price, found.index, found.outside, found.collateral] == [
        *map(D, (62_500, 62_490, 4, 1))
    ]
    assert [found.target_delta, found.hedge_ratio] == [D(0), D(1)]
    (leg,) = found.legs
    assert (leg.kind, leg.settle) == (Kind.INVERSE, "BTC")
    assert (leg.quantity, leg.entry) == (D(-312_500), D(62_500))
    assert (leg.funding_rate, leg.funding_interval_h) == (D("0.0001"), D(8))


def test_a_flat_leg_has_no_entry_and_none_is_made_up() -> None:
    found = looked(booked())
    assert found is not None
    assert [(leg.quantity, leg.entry) for leg in found.legs] == [(D(0), None)]


def test_a_position_beside_the_hedge_is_seen_without_an_index() -> None:
    beside = Position(OTHER, Amount(D(-1000), USD), D(64_000), mark=D(62_600))
    found = looked(booked(short("312500", "62500"), beside))
    assert found is not None
    assert [(leg.symbol, leg.mark, leg.index) for leg in found.legs] == [
        ("BTC/USD:BTC", D(62_500), D(62_490)),
        (OTHER.symbol, D(62_600), None),
    ]


def test_an_option_is_left_out_as_its_worth_is_not_in_the_equity() -> None:
    option = Position(
        replace(OTHER, symbol="BTC/USD:BTC-261225-70000-C"),
        Amount(D(1000), USD),
        D(1000),
        mark=D(900),
        delta=Amount(Decimal("0.4"), "BTC"),
    )
    found = looked(booked(short("312500", "62500"), option))
    assert found is not None
    assert [leg.symbol for leg in found.legs] == ["BTC/USD:BTC"]


def test_no_verdict_leaves_no_figures() -> None:
    blind = snapshot(quotes=(quote(62_500, age="999"),))
    assert decide(blind).assets[0].judged is None
    assert looked(blind) is None
