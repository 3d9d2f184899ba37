"""The exact numeric cases: every formula of the core against rational arithmetic."""

import json
import os
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

from hedged.core.attribution import (
    Book,
    Contract,
    Event,
    Flowed,
    Funded,
    Marked,
    Traded,
    attribution,
)
from hedged.core.calc import Answer, Question, answer
from hedged.core.contracts import (
    average_entry,
    basis,
    basis_bps,
    cross_hedge,
    dated_inverse_hedge,
    inverse_delta,
    inverse_pnl,
    linear_hedge,
    linear_pnl,
    partial_close,
    standalone_delta,
)
from hedged.core.decimals import CONTEXT, Rounding, plain, round_contracts
from hedged.core.effectiveness import dollar_offset, is_effective, regression, variance_reduction
from hedged.core.funding import (
    absolute_funding_coins,
    accrued_funding_coins,
    annual_rate,
    annual_rate_compounded,
    funding_coins,
    relative_rate,
    requote_usd,
)
from hedged.core.margin import (
    fraction_after,
    fraction_needed,
    growing_liquidation_price,
    linear_liquidation_price,
    liquidation_price,
    margin_value,
    top_up,
)
from hedged.core.planner import band_trade
from hedged.core.policy import keep_target, ratio_target
from hedged.core.types import Instrument, Kind
from hedged.venue import profile_of
from hedged.venue.fields import Row
from hedged.venue.profiles.rows import in_units

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("HEDGED_VECTORS", ROOT.parent / "shared/golden/vectors.json"))

Inputs = dict[str, Any]
Outputs = dict[str, Any]


def decimals(value: Any) -> Any:
    """Strings that are numbers become Decimals, in nested lists too."""
    if isinstance(value, list):
        return [decimals(item) for item in value]
    try:
        return Decimal(value)
    except ArithmeticError:
        return value


def hedge(i: Inputs, *, wallet: str = "wallet", price: str = "mark") -> Answer:
    size = i.get("contract_size", Decimal(1))
    return answer(
        Question(
            kind=Kind.INVERSE,
            coins=i["spot"],
            wallet=i[wallet],
            mark=i[price],
            entry=i["entry"],
            position_contracts=i["q"] / size,
            contract_size=size,
            lot=i.get("lot", Decimal(1)),
            ratio=i.get("h", Decimal(1)),
            accounting=None,
        )
    )


def linear_contracts(i: Inputs) -> Outputs:
    target = ratio_target(i["coins"], Decimal(1), Decimal(1))
    return {"contracts": target / i["contract_coins"]}


def target_inverse(i: Inputs) -> Outputs:
    q = ratio_target(i["E"], i["F"], i["h"])
    return {"q_usd": q, "contracts": q / i["contract_size"]}


def of_inverse_pnl(i: Inputs) -> Outputs:
    coin = inverse_pnl(i["q"], i["entry"], i["mark"])
    delta = standalone_delta(i["q"], i["entry"])
    return {"coin": coin, "usd_at_mark": coin * i["mark"], "delta_alone": delta}


def rebalance_after_move(i: Inputs) -> Outputs:
    done = hedge(i)
    naive = ratio_target(i["spot"] + i["wallet"], i["mark"], Decimal(1)) - i["q"]
    return {
        "upnl": done.exposure.unrealised_pnl.value,
        "E": done.exposure.equity.value,
        "q_target": done.target_usd,
        "order_contracts": done.order_contracts,
        "naive_order_contracts": round_contracts(
            naive / i["contract_size"], Decimal(1), Rounding.NEAREST
        ),
    }


def delta_total(i: Inputs) -> Outputs:
    exposure = hedge(i).exposure
    return {
        "upnl": exposure.unrealised_pnl.value,
        "E": exposure.equity.value,
        "delta": exposure.net_delta.value,
        "usd_exposure": exposure.net_delta.value * i["mark"],
        "usd_value": exposure.equity.value * i["mark"],
    }


def target_order(i: Inputs) -> Outputs:
    done = hedge(i, price="F")
    gap = (done.target_usd - i["q"]) / i["contract_size"]
    order = round_contracts(gap, i["lot"], Rounding(i["rounding"]))
    if i["rounding"] == Rounding.DOWN:
        assert order == done.order_contracts
    wanted_delta = done.exposure.equity.value * (1 - i["h"])
    q_after = i["q"] + order * i["contract_size"]
    return {
        "E": done.exposure.equity.value,
        "q_target": done.target_usd,
        "order_contracts": order,
        "residual_delta": done.exposure.equity.value
        + inverse_delta(q_after, i["F"])
        - wanted_delta,
    }


def band(i: Inputs) -> Outputs:
    target = ratio_target(i["E"], i["F"], Decimal(1))
    limit = i["band"] * abs(i["E"] * i["F"])
    drift = i["q"] - target
    return {"x_usd": drift, "limit": limit, "trade_usd": band_trade(drift, limit, i["u"] * limit)}


def hedge_pnl(i: Inputs) -> Outputs:
    spot = i["coins"] * (i["P1"] - i["P0"])
    linear = linear_pnl(-i["coins"], i["P0"], i["P1"])
    return {"spot_usd": spot, "linear_usd": linear, "net_usd": spot + linear}


def of_partial_close(i: Inputs) -> Outputs:
    left = partial_close(i["q"], i["avg_entry"], i["close_q"], i["close_price"])
    return {
        "realised_coin": left.realised_coins,
        "q_left": left.q_left_usd,
        "avg_left": left.entry,
    }


def linear(i: Inputs) -> Outputs:
    delta = i["coins"] + i["n"]
    pnl = linear_pnl(i["n"], i["entry"], i["mark"])
    return {"pnl_quote": pnl, "delta": delta, "net_usd": delta * (i["mark"] - i["entry"])}


def ratio_drift(i: Inputs) -> Outputs:
    q0 = ratio_target(i["E0"], i["F0"], i["h"])
    e1 = i["E0"] + inverse_pnl(q0, i["F0"], i["F1"])
    return {"q0": q0, "E1": e1, "q_target1": ratio_target(e1, i["F1"], i["h"])}


def dated_inverse(i: Inputs) -> Outputs:
    q = dated_inverse_hedge(i["W"], i["F0"])
    return {"q": q, "value_usd": i["S"] * (i["W"] + inverse_pnl(q, i["F0"], i["F"]))}


def funding_8h(i: Inputs) -> Outputs:
    coin = funding_coins(i["q"], i["mark"], i["rate"])
    return {
        "coin": coin,
        "usd": coin * i["mark"],
        "requote_usd": requote_usd(i["q"], i["rate"]),
    }


def funding_kraken(i: Inputs) -> Outputs:
    return {
        "coin": absolute_funding_coins(i["q"], i["abs_rate"]),
        "relative": relative_rate(i["abs_rate"], i["price"], Kind.INVERSE),
    }


def funding_annual(i: Inputs) -> Outputs:
    hours = 24 / i["per_day"]
    return {
        "simple": annual_rate(i["rate"], hours),
        "compounded": annual_rate_compounded(i["rate"], hours),
    }


def inv_liq_cross(i: Inputs) -> Outputs:
    price = liquidation_price(i["q"], i["entry"], i["collateral"], i["mmr"], i["fee"])
    return {"price": price, "move": None if price is None else price / i["entry"] - 1}


def binance_coinm(i: Inputs) -> Outputs:
    q = i["side"] * i["contracts"] * i["contract_size"]
    return {"price": liquidation_price(q, i["entry"], i["WB"] + i["cum"], i["mmr"])}


def bybit_iso(i: Inputs) -> Outputs:
    q = -i["q"] if i["side"] == "short" else i["q"]
    collateral = i["q"] / i["entry"] / i["leverage"] + i["extra"]
    return {"price": liquidation_price(q, i["entry"], collateral, i["mmr"])}


def deribit_short(i: Inputs) -> Outputs:
    return {
        "price": growing_liquidation_price(i["Q"], i["entry"], i["collateral"], i["m0"], i["m1"])
    }


def needed(i: Inputs) -> Outputs:
    least = fraction_needed(i["x"], i["mmr"])
    return {"c_min": least, "max_leverage": 1 / least}


def of_attribution(i: Inputs) -> Outputs:
    start = Book(coins=i["coins"], spot=i["S"], contracts=(Contract(i["F"]),))
    end, buckets = attribution(start, [event_of(*event) for event in i["events"]])
    names = ("inventory", "perp_index", "basis", "slippage", "fees", "funding", "flows")
    return {name: getattr(buckets, name) for name in names} | {
        "V0": start.value,
        "V1": end.value,
        "delta_end": end.delta,
        "E_end": end.equity,
        "q_end": end.contracts[0].quantity,
        "residual": end.value - start.value - buckets.total,
    }


def event_of(name: str, *figures: Decimal) -> Event:
    kinds: dict[str, Callable[..., Event]] = {
        "mark": lambda spot, mark: Marked(spot, (mark,)),
        "trade": Traded,
        "funding": Funded,
        "deposit": Flowed,
    }
    return kinds[name](*figures)


def of_dollar_offset(i: Inputs) -> Outputs:
    ratio = dollar_offset(i["item"], i["hedge"])
    assert ratio is not None
    return {"ratio": ratio, "within_80_125": is_effective(ratio)}


def of_regression(i: Inputs) -> Outputs:
    line = regression(i["item"], i["hedge"])
    assert line is not None
    return {"slope": line.slope, "intercept": line.intercept, "r2": line.r_squared}


def lst_equiv(i: Inputs) -> Outputs:
    eth = i["balance"] * i["rate"]
    return {"eth": eth, "q_usd": ratio_target(eth, Decimal(3500), Decimal(1))}


def equity_and_margin(i: Inputs) -> Outputs:
    return {
        "margin_usd": margin_value(tuple(item) for item in i["items"]),
        "equity_usd": sum(coins * price for coins, price, _ in i["items"]),
    }


def bitmex_doc(i: Inputs) -> Outputs:
    return {
        "coin": inverse_pnl(i["q"], i["entry"], i["mark"]),
        "funding_coin": funding_coins(i["q"], i["entry"], i["funding_rate"]),
    }


def notional_usd(inputs: Inputs) -> Outputs:
    """What the venue's profile makes of a position of so many contracts, or so many USD."""
    size, contract = inputs["contracts"], inputs["market_contract_size"]
    signed = -abs(size) if inputs.get("side") == "short" else size
    # At entry, so that no row contradicts itself whatever the size.
    price = {"entryPrice": "60000", "markPrice": "60000", "avgPx": "60000", "markPx": "60000"}
    price |= {"average_price": "60000", "mark_price": "60000", "upl": "0", "posSide": "net"}
    price |= {"unRealizedProfit": "0", "total_profit_loss": "0", "floating_profit_loss": "0"}
    rows: dict[str, dict[str, str]] = {
        "binancecoinm": {"symbol": "BTCUSD_PERP", "positionAmt": plain(signed)},
        "okx": {"instId": "BTC-USD-SWAP", "instType": "SWAP", "pos": plain(signed)},
        "deribit": {"instrument_name": "BTC-PERPETUAL", "kind": "future", "size": plain(signed)},
    }
    row = Row("position", price | {"direction": "sell"} | rows[inputs["exchange"]])
    exchange: str = inputs["exchange"]
    name = {"binancecoinm": "binance"}.get(exchange, exchange)
    leg = profile_of(name).leg(row, Kind.INVERSE)
    assert leg is not None
    instrument = Instrument(
        *("main", "BTC/USD:BTC", Kind.INVERSE, "BTC", "BTC", contract),
        lot=Decimal(1),
        tick=Decimal("0.1"),
        min_contracts=Decimal(1),
        max_contracts=None,
    )
    return {"q_usd": (in_units(row, leg, instrument) if leg.in_contracts else leg).quantity}


FUNCTIONS: dict[str, Callable[[Inputs], Outputs]] = {
    "notional_usd": notional_usd,
    "linear_contracts": linear_contracts,
    "target_inverse": target_inverse,
    "inverse_pnl": of_inverse_pnl,
    "rebalance_after_move": rebalance_after_move,
    "portfolio_value": lambda i: {"usd": sum(coins * price for coins, price in i["holdings"])},
    "value": lambda i: {"usd": i["coins"] * i["price"]},
    "hedge_pnl": hedge_pnl,
    "basis": lambda i: {
        "basis": basis(i["futures"], i["spot"]),
        "bps": basis_bps(i["futures"], i["spot"]),
    },
    "inv_avg_entry": lambda i: {"avg": average_entry(tuple(fill) for fill in i["fills"])},
    "partial_close": of_partial_close,
    "delta_total": delta_total,
    "target_order": target_order,
    "target_keep": lambda i: {"q_target": keep_target(i["E"], i["F"], i["keep_coins"])},
    "band": band,
    "round_contracts": lambda i: {"r": round_contracts(i["x"], i["lot"], Rounding(i["mode"]))},
    "linear": linear,
    "linear_coin_collateral": lambda i: {"delta": i["coins"] + i["collateral_coin"] + i["n"]},
    "ratio_drift": ratio_drift,
    "linear_dated_tail": lambda i: {"n": linear_hedge(i["coins"], i["dF_dS"])},
    "dated_inverse": dated_inverse,
    "lst_equiv": lst_equiv,
    "cross_hedge": lambda i: {
        "q": cross_hedge(i["E_coin"], i["F"], i["alt_usd"], i["beta"]),
    },
    "margin_value": equity_and_margin,
    "funding_8h": funding_8h,
    "funding_deribit": lambda i: {
        "coin": accrued_funding_coins(i["q"], i["index"], i["rate_8h"], i["hours"])
    },
    "funding_kraken": funding_kraken,
    "funding_annual": funding_annual,
    "bitmex_doc": bitmex_doc,
    "inv_liq_cross": inv_liq_cross,
    "binance_coinm": binance_coinm,
    "bybit_iso_2026": bybit_iso,
    "linear_short": lambda i: {
        "price": linear_liquidation_price(i["n"], i["entry"], i["collateral"], i["mmr"])
    },
    "deribit_short": deribit_short,
    "fraction_after": lambda i: {"c_after": fraction_after(i["c"], i["y"])},
    "needed": needed,
    "transfer": lambda i: {"coins": top_up(i["c"], i["c_target"], i["E"])},
    "attribution": of_attribution,
    "dollar_offset": of_dollar_offset,
    "regression": of_regression,
    "variance_reduction": lambda i: {"vrr": variance_reduction(i["item"], i["net"])},
}


def cases() -> list[Any]:
    if not VECTORS.is_file():
        reason = f"the numeric cases are not at {VECTORS}: set HEDGED_VECTORS"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="absent")]
    document = json.loads(VECTORS.read_text())
    tolerance = document["default_rel_tol"]
    parameters = []
    for case in document["cases"]:
        marks: tuple[pytest.MarkDecorator, ...] = ()
        if case["fn"] not in FUNCTIONS:
            marks = (pytest.mark.xfail(reason=f"{case['fn']} is not mapped yet", raises=KeyError),)
        parameters.append(pytest.param({"rel_tol": tolerance} | case, id=case["id"], marks=marks))
    return parameters


@pytest.mark.parametrize("case", cases())
def test_vector(case: dict[str, Any]) -> None:
    inputs = decimals_of(case["inputs"])
    tolerance = stated_tolerance(case)
    largest = max((abs(x) for x in flat(list(inputs.values()))), default=Decimal(0))
    with localcontext(CONTEXT):
        computed = FUNCTIONS[case["fn"]](inputs)
        for key, text in case["expected"].items():
            if text is None or isinstance(text, bool):
                assert computed[key] is text, key
                continue
            expected = Decimal(text)
            limit = abs(expected) * tolerance if expected else largest * Decimal("1e-18")
            assert abs(computed[key] - expected) <= limit, f"{key}: {computed[key]} != {expected}"


def stated_tolerance(case: dict[str, Any]) -> Decimal:
    """A case's own tolerance stands in its field or in its note ("use rel_tol 1e-20")."""
    words = f"{case.get('note', '')} {case['desc']}".split("rel_tol ")
    return (
        Decimal(words[1].split()[0].rstrip(".;,)")) if len(words) > 1 else Decimal(case["rel_tol"])
    )


def decimals_of(inputs: Inputs) -> Inputs:
    return {key: decimals(value) for key, value in inputs.items()}


def flat(value: Any) -> list[Decimal]:
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    return [value] if isinstance(value, Decimal) else []
