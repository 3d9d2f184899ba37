"""Snapshot to decision: the one place where everything is concluded, and nothing is done.

For each asset: may the input be judged at all (risk), where does the asset stand (exposure),
what is wanted (policy), which order closes the gap (planner), may it be sent (risk).
The verdict says in one sentence what was found, with the figure and the limit.
"""

from hedged.core.decimals import exact, plain
from hedged.core.exposure import net_exposure
from hedged.core.planner import intent_for
from hedged.core.policy import target_of
from hedged.core.risk import approved, input_finding, order_finding, sending_findings
from hedged.core.types import (
    Approved,
    AssetDecision,
    Decision,
    Finding,
    HedgePolicy,
    PaperFill,
    Quote,
    Reason,
    Snapshot,
    Standing,
)


@exact
def decide(snapshot: Snapshot) -> Decision:
    """What every asset of the book needs, and which orders may be sent."""
    assets = tuple(_asset_decision(snapshot, policy) for policy in snapshot.hedges)
    stamped = (
        approved(intent, decision.blocked) for decision in assets for intent in decision.orders
    )
    return Decision(
        book=snapshot.book,
        cycle=snapshot.cycle,
        at=snapshot.at,
        assets=assets,
        approved=tuple(order for order in stamped if isinstance(order, Approved)),
    )


def _asset_decision(snapshot: Snapshot, policy: HedgePolicy) -> AssetDecision:
    quote = _quote(snapshot, policy)
    finding = input_finding(snapshot, policy, quote)
    if quote is None or finding is not None:
        finding = finding or Finding(Reason.SOURCE_MISSING, f"no quote of {policy.symbol}")
        return AssetDecision(policy.asset, finding.reason, finding.detail, blocked=(finding,))
    standing = _standing(snapshot, policy, quote, ())
    paper = None if snapshot.paper is None else _standing(snapshot, policy, quote, snapshot.paper)
    judged = paper or standing
    intent = intent_for(snapshot, policy, quote, judged)
    if intent is None:
        reason, why, blocked = _no_order(judged)
        return AssetDecision(policy.asset, reason, why, standing, paper, blocked=blocked)
    unsound = order_finding(intent, judged, quote)
    if unsound is not None:
        return AssetDecision(
            policy.asset, unsound.reason, unsound.detail, standing, paper, blocked=(unsound,)
        )
    return AssetDecision(
        asset=policy.asset,
        reason=Reason.ABOVE_BAND if judged.drift_usd > 0 else Reason.BELOW_BAND,
        why=_drift_text(judged, "outside"),
        standing=standing,
        paper=paper,
        orders=(intent,),
        blocked=sending_findings(snapshot, intent),
    )


def _quote(snapshot: Snapshot, policy: HedgePolicy) -> Quote | None:
    wanted = (policy.venue, policy.symbol)
    return next(
        (q for q in snapshot.quotes if (q.instrument.venue, q.instrument.symbol) == wanted), None
    )


def _standing(
    snapshot: Snapshot, policy: HedgePolicy, quote: Quote, paper: tuple[PaperFill, ...]
) -> Standing:
    exposure = net_exposure(policy, quote, snapshot.accounts, snapshot.holdings, paper)
    return Standing(exposure, target_of(policy, exposure, quote))


def _no_order(judged: Standing) -> tuple[Reason, str, tuple[Finding, ...]]:
    refused = judged.target.refused_usd
    if refused is None:
        return Reason.IN_BAND, _drift_text(judged, "inside"), ()
    finding = Finding(
        Reason.LIMIT_EXCEEDED,
        f"target +{plain(round(refused, 2))} USD is long, limit 0 (allow_long = false)",
    )
    return finding.reason, finding.detail, (finding,)


def _drift_text(judged: Standing, where: str) -> str:
    return (
        f"drift {judged.drift_usd:+,.2f} USD is {where} the band of "
        f"±{judged.target.band_usd:,.2f} USD around {judged.target.usd:,.2f} USD "
        f"({judged.target.rule})"
    )
