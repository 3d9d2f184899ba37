"""Every line from holdings to order, so that a person can redo it with a pocket calculator.

Each step names a figure, its value, and how it comes from the figures above it, with the
numbers put in. The steps are made from the decision alone, when somebody asks for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact, plain
from hedged.core.margin import time_to_live
from hedged.core.types import (
    USD,
    AssetDecision,
    Cost,
    Exposure,
    Kind,
    Proposal,
    Standing,
    Target,
)

COIN_PLACES: Final = 8
USD_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One figure with where it comes from."""

    label: str
    source: str
    value: Decimal | None  # None: not known
    unit: str
    how: str

    @property
    def text(self) -> str:
        """The value as it is shown: coins to 8 places, USD to 2."""
        if self.value is None:
            return "not known" if self.unit else ""
        places = USD_PLACES if self.unit == USD else COIN_PLACES
        return plain(self.value, places)


@exact
def steps(decision: AssetDecision) -> tuple[Step, ...]:
    """The whole way of one asset; nothing where there was no verdict."""
    judged = decision.judged
    if judged is None:
        return ()
    return (
        *_exposure_steps(judged.exposure),
        *_target_steps(judged),
        *(step for proposal in decision.proposals for step in _order_steps(proposal)),
        *_margin_steps(decision),
        *_carry_steps(decision),
    )


def _exposure_steps(exposure: Exposure) -> Iterator[Step]:
    asset = exposure.asset
    for line in exposure.lines:
        label = f"{line.label} (assumed)" if line.assumed else line.label
        how = line.detail
        if line.label == "unrealised PnL":
            how = f"q*(1/from - 1/to), q = {line.detail}"
        yield Step(label, line.source, line.coins.value, asset, how)
    spot, collateral = exposure.spot.value, exposure.collateral.value
    pnl, hedge = exposure.unrealised_pnl.value, exposure.hedge_delta.value
    terms = f"{_coins(spot)} + {_coins(collateral)} + {_coins(pnl)}"
    yield Step("equity E", "", exposure.equity.value, asset, f"spot + collateral + PnL: {terms}")
    parts = f"{_coins(exposure.equity.value)} + {_coins(hedge)}"
    if exposure.cross.value:
        parts = (
            f"{_coins(exposure.equity.value)} + {_coins(exposure.cross.value)} + {_coins(hedge)}"
        )
    yield Step("net delta", "", exposure.net_delta.value, asset, f"E + hedge: {parts}")
    for held in exposure.held:
        how = f"{plain(held.quantity.value)} {held.quantity.unit}"
        if held.instrument.kind is Kind.LINEAR or held.mark != exposure.mark:
            how += f", {_coins(held.delta)} {asset} at {plain(exposure.mark)}"
        yield Step("position USD", held.instrument.symbol, held.value_usd, USD, how)


def _target_steps(judged: Standing) -> Iterator[Step]:
    exposure, target = judged.exposure, judged.target
    asset = exposure.asset
    yield Step("coins hedged", "", target.hedged.value, asset, _hedged_text(exposure, target))
    how = f"{target.rule}: {target.formula}"
    if target.refused_usd is not None:
        how = f"{how}; {plain(target.refused_usd, USD_PLACES)} is long, allow_long = false"
    yield Step("target USD", "", target.usd, USD, how)
    window = target.window
    if window is not None:
        how = f"step {window.step} of {window.steps}, until {window.ends_at.isoformat()}"
        yield Step("window", window.name, window.ratio, "", how)
    if target.next_change_at is not None:
        moment = target.next_change_at.isoformat()
        yield Step("next change", "", None, "", f"a window changes the ratio at {moment}")
    difference = f"{_usd(exposure.position_usd)} - ({_usd(target.usd)})"
    yield Step("drift USD", "", judged.drift_usd, USD, f"position - target: {difference}")
    yield Step("band USD", "", target.band_usd, USD, target.band_rule)
    if target.trigger_usd != target.band_usd:
        yield Step("band USD", "", target.trigger_usd, USD, "until the correction under way ends")
    if abs(judged.drift_usd) > target.trigger_usd:
        how = "where the correction stops: rebalance_to, of the band before it is widened"
        yield Step("kept USD", "", target.kept_usd, USD, how)
        gap = abs(judged.drift_usd) - target.kept_usd
        how = f"|drift| - kept: {_usd(abs(judged.drift_usd))} - {_usd(target.kept_usd)}"
        yield Step("gap", "", gap, USD, how)


def _hedged_text(exposure: Exposure, target: Target) -> str:
    base = "E" if target.hedged.value == (exposure.equity + exposure.cross).value else "coins"
    return f"{base} + carried" if exposure.cross.value else base


def _order_steps(proposal: Proposal) -> Iterator[Step]:
    intent, symbol = proposal.intent, proposal.intent.instrument.symbol
    how = "this instrument's part of the gap"
    yield Step("part", symbol, proposal.wanted_usd, USD, how)
    lot_usd = proposal.contract_usd * intent.instrument.lot
    how = (
        f"{_usd(abs(proposal.wanted_usd))} / {plain(proposal.contract_usd, 8)} USD a contract, "
        f"in lots of {plain(intent.instrument.lot)} ({plain(lot_usd, 8)} USD)"
    )
    yield Step(
        f"{intent.side.value} contracts",
        symbol,
        intent.contracts,
        "contracts",
        f"{how}; {proposal.sizing}" if proposal.sizing else how,
    )
    how = "at the instrument's mark, reduce-only" if intent.reduce_only else "at its mark"
    yield Step("notional", symbol, intent.notional_usd, USD, how)
    yield Step("price bound", symbol, intent.limit_price, f"{USD} a coin", proposal.price_rule)
    yield from _cost_steps(proposal.cost, symbol)


def _cost_steps(cost: Cost | None, symbol: str) -> Iterator[Step]:
    if cost is None:
        return
    how = "taker fee on the notional"
    yield Step("expected fee", symbol, cost.fee_usd, USD, _times(how, cost.fee_rate))
    how = "half the spread on the notional"
    yield Step("expected spread", symbol, cost.spread_usd, USD, _times(how, cost.half_spread))
    how = f"of {_usd(cost.position_usd)} USD, as the rate now is"
    yield Step(
        "funding a day", symbol, cost.funding_usd_per_day, USD, _times(how, cost.funding_per_day)
    )
    how = f"mark - index: {plain(cost.basis_bps, 2)} basis points"
    yield Step("basis", symbol, cost.basis_usd, f"{USD} a coin", how)


def _times(how: str, rate: Decimal | None) -> str:
    return how if rate is None else f"{how}: {plain(rate, COIN_PLACES)}"


def _margin_steps(decision: AssetDecision) -> Iterator[Step]:
    """How far the price may rise, and the collateral that should be somewhere else."""
    rise, move = decision.rise, decision.move
    if rise is not None:
        how = f"{plain(rise * 100, 1)} %, at its thinnest venue"
        worst = time_to_live(rise)
        yield Step("rise survived", "", rise, "", f"{how}; {worst}" if worst else how)
    if move is not None:
        kept = "; ".join(finding.detail for finding in move.findings)
        how = f"to {move.destination}: {move.why}{f'; not sent: {kept}' if kept else ''}"
        yield Step("transfer", move.source, move.quantity.value, move.quantity.unit, how)


def _carry_steps(decision: AssetDecision) -> Iterator[Step]:
    if decision.carry_per_year is not None:
        share = f"{plain(decision.carry_per_year * 100, 2)} % of the hedge"
        yield Step("carry a year", "", decision.carry_usd_per_year or ZERO, USD, share)


def _coins(value: Decimal) -> str:
    return plain(value, COIN_PLACES)


def _usd(value: Decimal) -> str:
    return plain(value, USD_PLACES)
