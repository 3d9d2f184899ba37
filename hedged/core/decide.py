"""Snapshot to decision: the one place where everything is concluded, and nothing is done.

For each asset: may the input be judged at all (inputs, sanity), where does the asset stand
(exposure), what is wanted (policy), which orders close the gap (planner), what do they cost
(costs), may they be sent (risk). The verdict says in one sentence what was found, with the
figure and the limit. What the next decision must remember of this one is `memory`'s business.
"""

from collections.abc import Sequence
from dataclasses import replace

from hedged.core.carry import carry_alerts
from hedged.core.collateral import borrowed, margin_alerts
from hedged.core.costs import expected_cost, hedge_carry
from hedged.core.cushion import behind
from hedged.core.decimals import exact, plain
from hedged.core.departures import departures
from hedged.core.emergency import emergency, in_emergency
from hedged.core.exposure import net_exposure, overdue_alerts
from hedged.core.inputs import input_finding
from hedged.core.maintenance import maintenance_alerts
from hedged.core.planner import Plan, at_once, plan
from hedged.core.policy import target_of, window_alerts
from hedged.core.relocation import relocation
from hedged.core.risk import approved, sending_findings
from hedged.core.sanity import Doubt, doubt, reading_of
from hedged.core.sizing import Sized
from hedged.core.tending import tended
from hedged.core.types import (
    Approved,
    AssetDecision,
    Decision,
    Exposure,
    Finding,
    HedgePolicy,
    OrderIntent,
    Others,
    Proposal,
    Reading,
    Reason,
    Side,
    Snapshot,
    Standing,
)
from hedged.core.world import World, world_of


@exact
def decide(snapshot: Snapshot) -> Decision:
    """What every asset of the book needs, and which orders may be sent."""
    world = world_of(snapshot)
    assets: list[AssetDecision] = []
    going: list[OrderIntent] = []  # of the assets before: limits count them
    for policy in snapshot.hedges:
        assets.append(_asset_decision(world, policy, going))
        going += assets[-1].assumable
    stamped = (approved(proposal) for asset in assets for proposal in asset.proposals)
    return Decision(
        book=snapshot.book,
        cycle=snapshot.cycle,
        at=snapshot.at,
        assets=tuple(assets),
        approved=tuple(order for order in stamped if isinstance(order, Approved)),
        tended=tuple(tended(world, assets)),
        moves=tuple(a.move for a in assets if a.move is not None and not a.move.findings),
    )


def _asset_decision(
    world: World, policy: HedgePolicy, going: Sequence[OrderIntent]
) -> AssetDecision:
    finding = input_finding(world, policy)
    if finding is not None and world.snapshot.flattened is not None:
        return _closing_decision(world, policy, going)
    if finding is not None:
        return _no_verdict(policy, finding)
    standing, reading, doubted = _looked_at(world, policy)
    for carried, _ in world.carried.get(policy.asset, ()):
        doubted = doubted or _looked_at(world, carried)[2]
    if doubted is None:
        return _judged(world, policy, standing, reading, going)
    return AssetDecision(
        asset=policy.asset,
        reason=doubted.finding.reason,
        findings=(doubted.finding,),
        alerts=_departed(world, policy, standing, reading),
        reading=reading,
        doubted_at=doubted.since,
    )


def _looked_at(world: World, policy: HedgePolicy) -> tuple[Standing, Reading, Doubt | None]:
    """Where an asset stands, and whether that can be believed."""
    exposure = net_exposure(world, policy)
    standing, reading = _standing(world, policy, exposure), reading_of(exposure)
    return standing, reading, doubt(world, policy, standing, reading)


def _closing_decision(
    world: World, policy: HedgePolicy, going: Sequence[OrderIntent]
) -> AssetDecision:
    """What a flattened asset needs: its instruments alone must be known, not the coins beside."""
    policy = replace(policy, spot=(), aliases=(), others=Others.COUNT)
    finding = input_finding(world, policy)
    if finding is not None:
        return _no_verdict(policy, finding)
    standing = _standing(world, policy, net_exposure(world, policy))
    return _judged(world, policy, standing, None, going)


def _judged(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    reading: Reading | None,
    going: Sequence[OrderIntent],
) -> AssetDecision:
    """The verdict on sound input; without a reading it is not remembered."""
    margin = behind(world, policy, standing.exposure)
    crisis = emergency(world, policy, standing, margin, tops_up=False)
    moved = relocation(world, policy, standing, crisis)
    if moved.tops_up:
        crisis = emergency(world, policy, standing, margin, tops_up=True)
    standing, paper = in_emergency(standing, crisis), None
    if world.snapshot.paper is not None:
        paper = _standing(world, policy, net_exposure(world, policy, paper=True))
    judged = paper or standing
    worked = policy if judged.target.emergency is None else at_once(policy)
    needed = Plan() if policy.cross is not None else plan(world, worked, judged)
    proposals = _proposals(world, worked, judged, needed.orders, going)
    reason, findings = _verdict(judged, proposals, needed.findings)
    carry, carry_usd = hedge_carry(world, policy, judged.exposure)
    return AssetDecision(
        asset=policy.asset,
        reason=reason,
        standing=standing,
        paper=paper,
        proposals=proposals,
        findings=findings,
        alerts=(
            *window_alerts(judged.target),
            *maintenance_alerts(world, policy),
            *carry_alerts(world, policy),
            *margin_alerts(world, policy, standing, margin.cushions, crisis),
            *moved.alerts,
            *_departed(world, policy, standing, reading),
        ),
        reading=reading,
        carry_per_year=carry,
        carry_usd_per_year=carry_usd,
        rise=margin.rise,
        emergency=crisis,
        move=moved.move,
        owed=borrowed(world, policy),
    )


def _departed(
    world: World, policy: HedgePolicy, standing: Standing, reading: Reading | None
) -> tuple[Finding, ...]:
    """What the owner should hear of coins that count no longer, before the hedge follows."""
    overdue = overdue_alerts(world, policy)
    if reading is None:
        return overdue
    return (*overdue, *departures(world, policy, standing, reading))


def _no_verdict(policy: HedgePolicy, finding: Finding) -> AssetDecision:
    return AssetDecision(policy.asset, finding.reason, findings=(finding,))


def _standing(world: World, policy: HedgePolicy, exposure: Exposure) -> Standing:
    return Standing(exposure, target_of(world, policy, exposure))


def _proposals(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    orders: Sequence[Sized],
    going: Sequence[OrderIntent],
) -> tuple[Proposal, ...]:
    """The orders of a plan, each beside those that go before it."""
    proposals: list[Proposal] = []
    for order in orders:
        beside = (*going, *(proposal.intent for proposal in proposals if proposal.goes))
        proposals.append(_weighed(world, policy, standing, order, beside))
    return tuple(proposals)


def _weighed(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    order: Sized,
    beside: Sequence[OrderIntent],
) -> Proposal:
    """An order with its cost and what the gates find."""
    return Proposal(
        intent=order.intent,
        wanted_usd=order.wanted_usd,
        contract_usd=order.slot.contract_usd,
        mark=order.slot.held.mark,
        slippage=policy.slippage,
        sizing=order.sizing,
        cost=expected_cost(world, policy, order.slot, order.intent),
        findings=sending_findings(world, policy, standing, order.intent, beside),
    )


def _verdict(
    judged: Standing, proposals: tuple[Proposal, ...], findings: tuple[Finding, ...]
) -> tuple[Reason, tuple[Finding, ...]]:
    if proposals:
        if abs(judged.drift_usd) <= judged.target.trigger_usd > 0:
            return Reason.IN_BAND, findings  # the hedge moves over, inside its band
        sells = proposals[0].intent.side is Side.SELL
        return Reason.ABOVE_BAND if sells else Reason.BELOW_BAND, findings
    if findings:
        return findings[0].reason, findings
    refused = judged.target.refused_usd
    if refused is None:
        return Reason.IN_BAND, ()
    finding = Finding(
        Reason.LIMIT_EXCEEDED,
        f"target +{plain(refused, 2)} USD is long, limit 0 (allow_long = false)",
    )
    return finding.reason, (finding,)
