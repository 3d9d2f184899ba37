"""A decision as the JSON object that tools rely on: plain decimal strings, null for missing.

Figures without a prefix are the real ones; those of the paper position carry `paper_` and
`assumed: true`. The verdict and the orders follow the paper position where one is kept.
"""

from decimal import Decimal
from typing import Final

from hedged.core.decimals import exact, plain
from hedged.core.types import (
    AssetDecision,
    Decision,
    Exposure,
    Line,
    OrderIntent,
    Standing,
)

Json = dict[str, object]


@exact
def hedge_ratio(exposure: Exposure) -> Decimal | None:
    """-(sum of the hedges' deltas)/equity; None where equity is 0."""
    equity = exposure.equity.value
    return -exposure.hedge_delta.value / equity if equity else None


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
        "findings": [
            {"reason": finding.reason.value, "detail": finding.detail}
            for finding in decision.blocked
        ],
        "orders": [order_object(intent) for intent in decision.orders],
        "lines": [_line_object(line) for line in _lines(decision.judged)],
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
    }


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
