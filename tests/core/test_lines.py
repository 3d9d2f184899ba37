"""Every line of an exposure: its label, its source, its coins and how they come about."""

from dataclasses import replace
from typing import Any

from hedged.core.exposure import net_exposure
from hedged.core.types import (
    USD,
    Alias,
    Amount,
    CoinBalance,
    Cross,
    EquityTerm,
    Exposure,
    HedgeLeg,
    HedgePolicy,
    Holding,
    Kind,
    Line,
    MarginAccount,
    Others,
    PaperFill,
    Position,
    Quote,
    Rate,
    Transfer,
)
from tests.core.build import AT, D, account, cold, instrument, policy, quote, short, world

DATED = replace(instrument(), symbol="BTC/USD:BTC-270326")


def said(line: Line) -> tuple[str, str, str, str]:
    return line.label, line.source, format(line.coins.value.normalize(), "f"), line.detail


def exposed(hedge: HedgePolicy, *quotes: Quote, **seen: Any) -> Exposure:
    return net_exposure(world(hedge, *quotes, **seen), hedge)


def test_spot_collateral_and_transfers() -> None:
    hedge = policy(spot=("cold", "second"), aliases=(Alias("LBTC", D("1.5")),))
    term = EquityTerm("session", D("0.25"))
    main = MarginAccount(
        "main",
        (
            CoinBalance(Amount(D(2), "BTC"), None, (term,)),
            CoinBalance(Amount(D(4), "LBTC"), None, (EquityTerm("options", D(2)),)),
        ),
        (),
        D(0),
    )
    way = Transfer("t", Amount(D(2), "LBTC"), "second", "cold", AT)
    found = exposed(
        hedge,
        quote("50000"),
        holdings=(cold(1), Holding("cold", Amount(D(2), "LBTC"), D(0))),
        accounts=(main, MarginAccount("second", (), (), D(0))),
        transfers=(way,),
    )
    assert [said(line) for line in found.lines] == [
        ("spot", "cold", "1", ""),
        ("spot", "cold", "3", "2 LBTC at 1.5"),
        ("spot", "second", "0", ""),
        ("in transit", "second to cold", "3", "2 LBTC at 1.5"),
        ("collateral", "main", "2", ""),
        ("collateral: session", "main", "0.25", ""),
        ("collateral", "main", "6", "4 LBTC at 1.5"),
        ("collateral: options", "main", "3", "2 LBTC at 1.5"),
        ("hedge", "main", "0", "0 USD of BTC/USD:BTC at 50000"),
    ]
    assert [found.spot.value, found.collateral.value] == [D(7), D("11.25")]
    spot = exposed(hedge, quote("50000"), accounts=(account("3", venue="second"), main))
    assert said(spot.lines[0]) == ("spot", "second", "3", "")


def test_positions_real_assumed_and_counted() -> None:
    hedge = policy(others=Others.COUNT)
    stray = Position(DATED, Amount(D(-25000), USD), D(40000), mark=D(62500))
    option = replace(stray, delta=Amount(D("-0.5"), "BTC"))
    found = exposed(
        hedge,
        quote("50000"),
        accounts=(account("0", short("50000", "40000"), stray, option),),
    )
    assert [said(line) for line in found.lines] == [
        ("collateral", "main", "0", ""),
        ("unrealised PnL", "main", "-0.25", "-50000 USD from 40000 to 50000"),
        ("unrealised PnL", "main", "-0.225", "-25000 USD from 40000 to 62500"),
        ("hedge", "main", "-1", "-50000 USD of BTC/USD:BTC at 50000"),
        ("other position", "main", "-0.4", "-25000 USD of BTC/USD:BTC-270326 at 62500"),
        ("other position", "main", "-0.5", "-25000 USD of BTC/USD:BTC-270326 at 62500"),
    ]
    assert [held.managed for held in found.held] == [True, False, False]
    assert found.position_usd == -50_000 - 20_000 - 25_000
    assert not any(line.assumed for line in found.lines)


def test_an_assumed_fill_is_added_to_what_is_held() -> None:
    fill = PaperFill(instrument(), Amount(D(-25000), USD), D(50000))
    seen = world(
        policy(), quote("50000"), accounts=(account("0", short("50000", "50000")),), paper=(fill,)
    )
    real, paper = (net_exposure(seen, policy(), paper=paper) for paper in (False, True))
    assert [real.position_usd, paper.position_usd] == [-50_000, -75_000]
    assert [line.assumed for line in paper.lines] == [False, False, True, True]
    assert not any(line.assumed for line in real.lines)


def test_a_perpetual_has_no_tail_and_a_second_mark_its_own_value() -> None:
    linear = instrument(Kind.LINEAR, size="0.001")
    legs = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("main", linear.symbol))
    off = replace(quote("51000", linear), index=D(50000))
    held = account("0", Position(linear, Amount(D(-1), "BTC"), D(50000)))
    found = exposed(policy(legs=legs), quote("50000"), off, accounts=(held,))
    assert [part.delta for part in found.held] == [0, -1]
    assert found.position_usd == -50_000


def test_what_the_hedge_carries() -> None:
    carrier = policy(spot=())
    ada = policy(asset="ADA", spot=("ada",), legs=(), cross=Cross("BTC", D("1.25")))
    seen = world(
        carrier,
        quote("50000"),
        hedges=(carrier, ada),
        holdings=(Holding("ada", Amount(D(1000), "ADA"), D(0)),),
        rates=(Rate("ADA", USD, D("0.5"), D(0)),),
    )
    found = net_exposure(seen, carrier)
    assert said(found.lines[1]) == (
        "carried",
        "ADA",
        "0.0125",
        "1000 ADA at 0.5, times 0.000025",
    )
