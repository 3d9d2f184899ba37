"""A decision as the JSON object that tools rely on: plain decimal strings, null for missing.

Figures without a prefix are the real ones; those of the paper position carry `paper_` and
`assumed: true`. The verdict and the orders follow the paper position where one is kept.
"""

from decimal import Decimal
from typing import Final

from hedged.core.decimals import exact, plain
from hedged.core.explain import Step, steps
from hedged.core.figures import hedge_ratio
from hedged.core.types import (
    AssetDecision,
    Cost,
    Decision,
    Emergency,
    Finding,
    Held,
    Line,
    MoveIntent,
    OrderIntent,
    Proposal,
    Standing,
)

Json = dict[str, object]


@exact
def book_object(decision: Decision) -> Json:
    """One book of `hedged plan --json`."""
    return {
        "book": decision.book,
        "cycle": decision.cycle,
        "at": decision.at.isoformat(),
        "assets": [asset_object(asset) for asset in decision.assets],
    }


@exact
def asset_object(decision: AssetDecision) -> Json:
    """One asset with its figures, verdict and orders."""
    shown: Json = {
        "asset": decision.asset,
        **_standing_object(decision.standing),
        "reason": decision.reason.value,
        "why": decision.why,
        "blocked": [finding.reason.value for finding in decision.blocked],
        "findings": [_finding_object(finding) for finding in decision.blocked],
        "alerts": [_finding_object(finding) for finding in decision.alerts],
        "orders": [_proposal_object(proposal) for proposal in decision.proposals],
        "lines": [_line_object(line) for line in _lines(decision.judged)],
        "positions": [_held_object(held) for held in _held(decision.judged)],
        "steps": [_step_object(step) for step in steps(decision)],
        "carry_per_year": _shown(decision.carry_per_year),
        "carry_usd_per_year": _shown(decision.carry_usd_per_year),
        **_schedule_object(decision.judged),
        "rise_survived": _shown(decision.rise),
        "emergency": _emergency_object(decision.emergency),
        "transfer": _move_object(decision.move),
    }
    if decision.paper is not None:
        figures = _standing_object(decision.paper)
        shown |= {f"paper_{key}": figures[key] for key in _PAPER_KEYS}
        shown["assumed"] = True
    return shown


def order_object(intent: OrderIntent) -> Json:
    """One proposed order."""
    return {
        "venue": intent.instrument.venue,
        "instrument": intent.instrument.symbol,
        "side": intent.side.value,
        "contracts": plain(intent.contracts),
        "notional_usd": plain(intent.notional_usd),
        "limit_price": plain(intent.limit_price),
        "reduce_only": intent.reduce_only,
        "style": intent.style.value,
        "post_price": _shown(intent.post_price),
    }


def _proposal_object(proposal: Proposal) -> Json:
    return {
        **order_object(proposal.intent),
        "blocked": [finding.reason.value for finding in proposal.findings],
        "cost": None if proposal.cost is None else _cost_object(proposal.cost),
    }


def _cost_object(cost: Cost) -> Json:
    return {
        "fee_usd": _shown(cost.fee_usd),
        "spread_usd": _shown(cost.spread_usd),
        "funding_usd_per_day": _shown(cost.funding_usd_per_day),
        "basis_usd": plain(cost.basis_usd),
        "basis_bps": plain(cost.basis_bps),
        "carry_per_year": _shown(cost.carry_per_year),
    }


def _finding_object(finding: Finding) -> Json:
    return {"reason": finding.reason.value, "detail": finding.detail}


def _step_object(step: Step) -> Json:
    return {
        "label": step.label,
        "source": step.source,
        "value": _shown(step.value),
        "unit": step.unit,
        "how": step.how,
    }


def _held(standing: Standing | None) -> tuple[Held, ...]:
    return () if standing is None else standing.exposure.held


def _held_object(held: Held) -> Json:
    return {
        "venue": held.instrument.venue,
        "instrument": held.instrument.symbol,
        "quantity": plain(held.quantity.value),
        "unit": held.quantity.unit,
        "delta": plain(held.delta),
        "value_usd": plain(held.value_usd),
        "managed": held.managed,
    }


def _schedule_object(standing: Standing | None) -> Json:
    """The window in force and the next change; null where there is none."""
    target = None if standing is None else standing.target
    window = None if target is None else target.window
    change = None if target is None else target.next_change_at
    return {
        "window": None
        if window is None
        else {
            "name": window.name,
            "ratio": plain(window.ratio),
            "step": window.step,
            "steps": window.steps,
            "ends_at": window.ends_at.isoformat(),
        },
        "next_change_at": None if change is None else change.isoformat(),
    }


def _move_object(move: MoveIntent | None) -> Json | None:
    """Collateral that should be somewhere else."""
    if move is None:
        return None
    return {
        "quantity": plain(move.quantity.value),
        "coin": move.quantity.unit,
        "source": move.source,
        "destination": move.destination,
        "why": move.why,
        "blocked": [finding.reason.value for finding in move.findings],
    }


def _emergency_object(found: Emergency | None) -> Json | None:
    """What a margin that runs out has put in the target's place."""
    if found is None:
        return None
    return {
        "since": found.since.isoformat(),
        "venue": found.venue,
        "rise_survived": _shown(found.rise),
        "rise_needed": plain(found.bound),
        "wanted_usd": plain(found.wanted_usd),
        "lacking": plain(found.lacking, 8),
        "does": found.rule,
        "acts": found.acts,
    }


def _shown(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


_KEYS: Final = (
    "spot",
    "collateral",
    "unrealised_pnl",
    "equity",
    "position_usd",
    "net_delta",
    "hedge_ratio",
    "target_usd",
    "drift_usd",
    "band_usd",
)
_PAPER_KEYS: Final = tuple(key for key in _KEYS if key not in {"spot", "collateral"})


def _standing_object(standing: Standing | None) -> Json:
    if standing is None:
        return dict.fromkeys(_KEYS)
    exposure, target = standing.exposure, standing.target
    ratio = hedge_ratio(exposure)
    figures = {
        "spot": exposure.spot.value,
        "collateral": exposure.collateral.value,
        "unrealised_pnl": exposure.unrealised_pnl.value,
        "equity": exposure.equity.value,
        "position_usd": exposure.position_usd,
        "net_delta": exposure.net_delta.value,
        "hedge_ratio": ratio,
        "target_usd": target.usd,
        "drift_usd": standing.drift_usd,
        "band_usd": target.band_usd,
    }
    return {key: None if value is None else plain(value) for key, value in figures.items()}


def _lines(standing: Standing | None) -> tuple[Line, ...]:
    return () if standing is None else standing.exposure.lines


def _line_object(line: Line) -> Json:
    return {
        "label": line.label,
        "source": line.source,
        "coins": plain(line.coins.value),
        "detail": line.detail,
        "assumed": line.assumed,
    }
