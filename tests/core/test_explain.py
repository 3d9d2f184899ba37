"""The explanation: every figure of it can be redone from the figures before it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hedged.core.decide import decide
from hedged.core.explain import Step, steps
from hedged.core.serialise import decision_to_json
from hedged.core.types import (
    Amount,
    AssetDecision,
    AssetMemory,
    Band,
    CarryFloor,
    Cross,
    FundingStamp,
    HedgeLeg,
    Holding,
    InFlight,
    Kind,
    Limits,
    Memory,
    PaperFill,
    Position,
    Quote,
    Rate,
    Snapshot,
    Window,
)
from hedged.core.view import asset_object
from tests.core.build import AT, D, account, cold, instrument, policy, quote, short, snapshot

FREE = Limits(max_leverage=None)
PRICED = Quote(
    instrument(),
    mark=D(58500),
    index=D(58450),
    age_s=D(0),
    bid=D(58490),
    ask=D(58510),
    funding_rate=D("0.0001"),
    funding_interval_h=D(8),
    taker_fee=D("0.00055"),
)


def only(of: Snapshot) -> AssetDecision:
    (decision,) = decide(of).assets
    return decision


def told(of: AssetDecision) -> dict[str, Step]:
    return {step.label: step for step in steps(of)}


def hedged(**changes: Any) -> Snapshot:
    settings: dict[str, Any] = {
        "quotes": (PRICED,),
        "holdings": (cold(3),),
        "accounts": (account("2.5", short("325000", "65000")),),
        "hedges": (policy(limits=FREE),),
    }
    return snapshot(**(settings | changes))


def test_a_calculator_gets_the_same() -> None:
    said = told(only(hedged()))
    # 3 + 2.5 + 325000*(1/58500 - 1/65000), to eight places
    assert said["equity E"].text == "6.05555556"
    assert said["equity E"].how == "spot + collateral + PnL: 3 + 2.5 + 0.55555556"
    assert said["unrealised PnL"].how == "q*(1/from - 1/to), q = -325000 USD from 65000 to 58500"
    assert said["net delta"].how == "E + hedge: 6.05555556 + -5.55555556"
    assert (said["position USD"].text, said["target USD"].text) == ("-325000", "-354250")
    assert said["drift USD"].how == "position - target: -325000 - (-354250)"
    assert said["band USD"].how == "0.25 % of 354250 USD"
    assert said["gap"].how == "|drift| - kept: 29250 - 442.81"
    assert said["sell contracts"].text == "28807"
    assert said["sell contracts"].how == "28807.19 / 1 USD a contract, in lots of 1 (1 USD)"
    assert said["target USD"].how == "ratio 1 of equity: -1 * 6.05555556 * 58500"
    assert said["kept USD"].text == "442.81"
    assert said["price bound"].text == "58441.5"
    assert said["price bound"].how == "58500 * (1 - 0.001), to the tick 0.1"


def test_costs_and_carry() -> None:
    decision = only(hedged())
    said = told(decision)
    assert said["expected fee"].text == "15.84"  # 28807 * 0.00055
    assert said["expected spread"].text == "4.92"  # 28807 * 10/58500
    assert said["funding a day"].text == "106.14"  # (325000 + 28807) * 0.0001 * 3
    assert said["expected fee"].how == "taker fee on the notional: 0.00055"
    assert said["expected spread"].how == "half the spread on the notional: 0.00017094"
    assert said["funding a day"].how == "of -353807 USD, as the rate now is: 0.0003"
    assert said["basis"].text == "50"
    assert said["basis"].how == "mark - index: 8.55 basis points"
    assert said["carry a year"].text == "35587.5"  # 325000 * 0.0001 * 3 * 365
    assert said["carry a year"].how == "10.95 % of the hedge"
    shown: Any = asset_object(decision)
    assert shown["orders"][0]["cost"]["carry_per_year"] == "0.1095"
    assert shown["carry_usd_per_year"] == "35587.5"
    unknown = told(only(hedged(quotes=(quote("58500"),))))
    assert unknown["expected fee"].text == "not known"
    assert unknown["funding a day"].text == "not known"
    assert "carry a year" not in unknown


def test_json_carries_the_same_steps() -> None:
    decision = only(hedged())
    shown: Any = asset_object(decision)
    assert [(s["label"], s["how"]) for s in shown["steps"]] == [
        (step.label, step.how) for step in steps(decision)
    ]
    assert shown["positions"] == [
        {
            "venue": "main",
            "instrument": "BTC/USD:BTC",
            "quantity": "-325000",
            "unit": "USD",
            "delta": "-5.555555555555555555555555556",
            "value_usd": "-325000",
            "managed": True,
        }
    ]
    assert json.loads(json.dumps(shown)) == shown


def test_windows_and_alerts_are_told() -> None:
    window = Window(
        "event", D(1), AT - timedelta(hours=1), AT + timedelta(hours=3), ramp_s=7200, steps=4
    )
    floor = CarryFloor(D(1))
    stamp = FundingStamp("main", "BTC/USD:BTC", AT, D("0.0001"), settled=True)
    hedge = policy(limits=FREE, ratio=D("0.5"), windows=(window,), carry_floor=floor)
    decision = only(hedged(hedges=(hedge,), memory=Memory(stamps=(stamp,))))
    said = told(decision)
    assert said["window"].how == "step 3 of 4, until 2026-01-01T03:00:00+00:00"
    assert said["next change"].how == "a window changes the ratio at 2026-01-01T00:30:00+00:00"
    assert said["next change"].text == ""
    shown: Any = asset_object(decision)
    assert shown["window"]["step"] == 3
    assert shown["next_change_at"] == "2026-01-01T00:30:00+00:00"
    assert [alert["reason"] for alert in shown["alerts"]] == ["WINDOW", "LIMIT_EXCEEDED"]
    assert "floor 100 % (alert)" in shown["alerts"][1]["detail"]


def test_each_target_is_told_with_its_numbers() -> None:
    def formula(**changes: Any) -> str:
        return told(only(hedged(hedges=(policy(limits=FREE, **changes),))))["target USD"].how

    assert formula(keep=D(2)) == "keep 2 BTC of equity: -max(0, 6.05555556 - 2) * 58500"
    assert formula(notional_usd=D(100_000)) == "a fixed short of 100000 USD: -100000"
    day = timedelta(days=1)
    ramp = Window("event", D(1), AT - day / 24, AT + day, ramp_s=7200, steps=4)
    assert formula(ratio=D(0), windows=(ramp,)).endswith(": 0 + (-354250 - 0) * 3 / 4")
    full = Window("event", D(1), AT - day, AT + day)
    assert formula(ratio=D(0), windows=(full,)).endswith(": the window's -354250")


def test_linear_and_carried_parts_are_told() -> None:
    linear = instrument(Kind.LINEAR, size="0.001")
    legs = (HedgeLeg("main", "BTC/USD:BTC"), HedgeLeg("main", linear.symbol))
    held = account("0", Position(linear, Amount(D("-1.5"), "BTC"), D(65000)))
    carrier = policy(legs=legs, limits=FREE)
    ada = policy(asset="ADA", spot=("ada",), legs=(), cross=Cross("BTC", D("1.1")))
    book = hedged(
        quotes=(PRICED, quote("58600", linear)),
        accounts=(held,),
        holdings=(cold(3), Holding("ada", Amount(D(117_000), "ADA"), D(0))),
        hedges=(carrier, ada),
        rates=(Rate("ADA", "USD", D("0.5"), D(0)),),
    )
    decision = decide(book).assets[0]
    said = told(decision)
    assert said["carried"].how.startswith("117000 ADA at 0.5, times 0.0000188034188")
    assert said["net delta"].how == "E + hedge: 3 + 1.1 + -1.5"
    assert said["coins hedged"].how == "E + carried"
    assert [s.how for s in steps(decision) if s.label == "position USD"] == [
        "0 USD",
        "-1.5 BTC, -1.5 BTC at 58500",
    ]


def test_what_cut_an_order_is_told() -> None:
    cut = only(hedged(hedges=(policy(limits=replace(FREE, max_order_usd=D(1000))),)))
    assert told(cut)["sell contracts"].how.endswith("; cut to max_order, 1000 USD")


def test_refused_targets_and_closing_orders_are_told() -> None:
    borrowed = only(hedged(holdings=(cold(-9),)))
    said = told(borrowed)
    assert "is long, allow_long = false" in said["target USD"].how
    assert said["notional"].how == "at the instrument's mark, reduce-only"


def test_what_is_assumed_is_told() -> None:
    paper = (PaperFill(instrument(), Amount(D(-100), "USD"), D(58000)),)
    assert {"unrealised PnL (assumed)", "hedge (assumed)"} <= set(told(only(hedged(paper=paper))))


def test_a_correction_under_way_is_told() -> None:
    hedge = policy(limits=FREE, band=Band(hysteresis=D("0.6")))
    known = Memory(assets=(AssetMemory("BTC", correcting_since=AT),))
    said = [s for s in steps(only(hedged(hedges=(hedge,), memory=known))) if s.label == "band USD"]
    assert [(s.text, s.how) for s in said] == [
        ("885.62", "0.25 % of 354250 USD"),
        ("531.38", "until the correction under way ends"),
    ]


def test_a_proposal_that_was_not_weighed_has_no_costs_to_tell() -> None:
    decision = only(hedged())
    bare = replace(decision, proposals=tuple(replace(p, cost=None) for p in decision.proposals))
    assert "expected fee" not in told(bare)
    shown: Any = asset_object(bare)
    assert shown["orders"][0]["cost"] is None


def test_without_a_verdict_there_is_nothing_to_tell() -> None:
    blind = only(hedged(in_flight=(InFlight("main", "BTC/USD:BTC", "hg1", "timeout"),)))
    assert steps(blind) == ()
    shown: Any = asset_object(blind)
    assert (shown["window"], shown["next_change_at"], shown["positions"]) == (None, None, [])


def test_a_decision_is_plain_text() -> None:
    text = decision_to_json(decide(hedged()))
    assert '"standing"' in text
    assert "Decimal" not in text
