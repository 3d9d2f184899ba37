"""What a book is doing, in one sentence that a person can check against the figures. Pure."""

from collections.abc import Iterator

from hedged.core.types import AssetDecision, Decision, Execution, OrderIntent, Reason
from hedged.web.recorder import Fate, Mark

_PARTICIPLE = {Fate.SENT: "Sent", Fate.ASSUMED: "Assumed filled", Fate.PROPOSED: "Proposed"}


def doing(decision: Decision, execution: Execution) -> str:
    """What the last cycle came to and why."""
    said = list(_notable(decision, execution))
    if said:
        return " ".join(said)
    assets = decision.assets
    whose = f"{assets[0].asset} is within its band"
    if len(assets) > 1:
        whose = f"all {len(assets)} assets are within their bands"
    return f"Nothing to do: {whose}. {_widest(assets)}"


def done(mark: Mark) -> str:
    """An act of an earlier cycle and why."""
    return f"{_PARTICIPLE[mark.fate]}: {ordered(mark, mark.instrument)}, because {mark.why}."


def ordered(order: OrderIntent | Mark, symbol: str) -> str:
    """An order in words."""
    return (
        f"{order.side.value} {order.contracts:,f} contracts of {symbol} "
        f"({order.notional_usd:,.0f} USD) at {order.limit_price:,f} or better"
    )


def _notable(decision: Decision, execution: Execution) -> Iterator[str]:
    approved = [one.intent for one in decision.approved]
    for asset in decision.assets:
        for intent in asset.orders:
            order = ordered(intent, intent.instrument.symbol)
            if intent in approved:
                yield f"Sent: {order}, because {asset.why}."
            elif execution is Execution.DRY_RUN and intent in asset.assumable:
                yield f"Would {order}, because {asset.why}."
            else:
                held = ", ".join(dict.fromkeys(f.reason.value for f in asset.blocked))
                yield f"Held back by {held}: {order}, because {asset.why}."
        if not asset.orders and asset.reason is not Reason.IN_BAND:
            yield f"{asset.asset}: {asset.why}."


def _widest(assets: tuple[AssetDecision, ...]) -> str:
    """The asset nearest to its band's edge, in its own words."""

    def used(asset: AssetDecision) -> float:
        judged = asset.judged
        if judged is None or not judged.target.band_usd:
            return 0.0
        return float(abs(judged.drift_usd) / judged.target.band_usd)

    nearest = max(assets, key=used, default=None)
    return "" if nearest is None else f"{nearest.asset}: {nearest.why}."
