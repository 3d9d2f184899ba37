"""What stands that somebody should know of, from the facts that log and dashboard show. Pure.

The facts are levels, not events: what an operator or a fault allows, what each book's last cycle
found, and how long ago that was. So nothing is lost when a message is, and a restart tells again
what still stands. Each condition says what, where, the figure and, from the runbook, what to do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hedged.alerts.course import Condition
from hedged.core.preflight import Check, Mark
from hedged.core.types import AssetDecision, Execution, Finding, Grade, Reason, TradingState
from hedged.engine.cycle import Cycle
from hedged.ops.notify import Alert, Level
from hedged.ops.runbook import runbook

HOLD_S: Final = 60.0  # how long what comes and goes must be gone
LOOKS_S: Final = 660.0  # the same of a preflight: two looks, of which one may not get through
GRAVE: Final = 6  # times as long as "lasting": nobody adjusts the hedge meanwhile


@dataclass(frozen=True, slots=True)
class Facts:
    """All that alerts are made from."""

    state: TradingState
    why: str  # it is so
    is_recorded: bool  # it would survive a restart
    cycles: Mapping[str, Cycle]  # the last one of each book
    silences: tuple[Finding, ...]  # books whose last cycle is too long ago
    flattened: Mapping[str, str]  # books whose hedge an operator closed, and who
    deleveraged: tuple[datetime, ...] = ()
    checks: tuple[Check, ...] = ()  # of the last preflight


@dataclass(frozen=True, slots=True)
class Rule:
    """How much a reason matters; `lasting`: times the patience of the settings, 0 for at once."""

    level: Level
    lasting: int = 0
    grave: bool = False  # critical when it lasts much longer still
    live_only: bool = False


_BLIND: Final = Rule(Level.WARNING, lasting=1, grave=True)
# None: nothing that anybody must know, or told of as a state.
RULES: Final[Mapping[Reason, Rule | None]] = {
    Reason.IN_BAND: None,
    Reason.ABOVE_BAND: Rule(Level.WARNING, lasting=3, live_only=True),
    Reason.BELOW_BAND: Rule(Level.WARNING, lasting=3, live_only=True),
    Reason.BELOW_MIN_QTY: None,
    Reason.ORDER_IN_FLIGHT: Rule(Level.WARNING, lasting=6),
    Reason.COOLDOWN: Rule(Level.WARNING, lasting=3),
    Reason.WINDOW: None,
    Reason.STALE_DATA: _BLIND,
    Reason.SOURCE_MISSING: _BLIND,
    Reason.SANITY_JUMP: _BLIND,
    Reason.EPOCH_TORN: _BLIND,
    Reason.CLOCK_SKEW: _BLIND,
    Reason.UNMANAGED_POSITION: Rule(Level.WARNING),
    Reason.EXTERNAL_CHANGE: Rule(Level.CRITICAL),
    Reason.MARGIN_LOW: Rule(Level.CRITICAL),
    Reason.LIMIT_EXCEEDED: Rule(Level.WARNING),
    Reason.COLLAR: Rule(Level.WARNING, lasting=1),
    Reason.NO_LIQUIDITY: Rule(Level.WARNING, lasting=1),
    Reason.NOT_ARMED: Rule(Level.WARNING, lasting=1, live_only=True),
    Reason.UNRECONCILED: _BLIND,
    Reason.REDUCING: None,
    Reason.HALTED: None,
    Reason.DRY_RUN: None,
}
_GRAVE_ALERTS: Final = frozenset({Reason.SANITY_JUMP})  # coins went
# What cycles meet, too, and what may pass by itself.
_PASSING_CHECKS: Final = frozenset({"opening", "account", "clock", "position"})
_STATES: Final = {
    TradingState.HALTED: (Level.CRITICAL, Reason.HALTED, "trading is halted"),
    TradingState.REDUCING: (Level.WARNING, Reason.REDUCING, "trading is paused"),
}


def conditions(facts: Facts, lasting_s: float) -> Iterator[Condition]:
    """What stands; `lasting_s` is how long what may pass by itself must last to be told."""
    yield from _of_state(facts)
    for silence in facts.silences:
        yield Condition(
            ("silence", silence.detail.partition(":")[0]),
            Level.CRITICAL,
            "no cycle ends any more",
            text(silence),
        )
    yield from _of_preflight(facts.checks, lasting_s)
    for book, who in facts.flattened.items():
        yield Condition(
            ("flattened", book),
            Level.WARNING,
            f"{book}: the hedge is closed, the coins are exposed",
            f"{who}. `hedged resume {book}` has it hedged again.",
        )
    for book, cycle in facts.cycles.items():
        for asset in cycle.decision.assets:
            yield from _of_asset(book, cycle.snapshot.execution, asset, lasting_s)


def happened(before: Facts, now: Facts) -> Iterator[Alert]:
    """What is over as soon as it has happened."""
    for at in now.deleveraged:
        if at not in before.deleveraged:
            yield Alert(
                Level.CRITICAL,
                "the exchange deleveraged a position of ours",
                f"Seen at {at:%Y-%m-%d %H:%M:%S} UTC. It is hedged again as `on_adl` and `max_adl`"
                " say; compare the position with the venue's page.",
            )


def _of_state(facts: Facts) -> Iterator[Condition]:
    if facts.state in _STATES:
        level, reason, title = _STATES[facts.state]
        finding = Finding(reason, facts.why or "an operator said so")
        yield Condition(("state", facts.state.value), level, title, text(finding))
    if not facts.is_recorded:
        yield Condition(
            ("unrecorded",),
            Level.CRITICAL,
            "the halt is not on record",
            "It is in force, and a restart would lift it: see to the disk, then halt again.",
        )


def _of_preflight(checks: tuple[Check, ...], lasting_s: float) -> Iterator[Condition]:
    """What is amiss with keys, accounts and instruments; it is looked at again until it is not."""
    for check in checks:
        if check.mark is not Mark.GOOD:
            yield Condition(
                ("preflight", check.subject, check.what, check.remedy),
                Level.WARNING if check.mark is Mark.WRONG else Level.INFO,
                f"{check.subject}: {check.what}",
                f"{check.found}.\nYou: {check.remedy}.",
                patience_s=lasting_s if _may_pass(check) else 0.0,
                hold_s=LOOKS_S,
            )


def _may_pass(check: Check) -> bool:
    """Whether it may be over at the next look: a venue that is down, figures of two moments."""
    is_market = "/" in check.what and " " not in check.what
    return is_market or check.what.partition(" ")[0] in _PASSING_CHECKS


def _of_asset(
    book: str, execution: Execution, asset: AssetDecision, lasting_s: float
) -> Iterator[Condition]:
    where = f"{book} {asset.asset}"
    for finding in _found(asset):
        rule = RULES[finding.reason]
        if rule is None or (rule.live_only and execution is not Execution.LIVE):
            continue
        yield Condition(
            (book, asset.asset, finding.reason.value),
            rule.level,
            f"{where}: {finding.reason.value}",
            text(finding),
            patience_s=rule.lasting * lasting_s,
            hold_s=HOLD_S,
            grave_s=GRAVE * lasting_s if rule.grave else None,
        )
    for finding in asset.alerts:
        is_grave = finding.grade is Grade.CRITICAL or finding.reason in _GRAVE_ALERTS
        yield Condition(
            (book, asset.asset, "alert", finding.reason.value, finding.grade.value, finding.about),
            Level.CRITICAL if is_grave else Level.WARNING,
            f"{where}: {finding.about or finding.reason.value}",
            text(finding),
            hold_s=HOLD_S,
            grave_s=lasting_s if finding.grade is Grade.URGENT else None,
        )


def _found(asset: AssetDecision) -> Iterator[Finding]:
    """The verdict and what blocks, each reason once."""
    found = {asset.reason: Finding(asset.reason, asset.why)}
    for finding in asset.blocked:
        found.setdefault(finding.reason, finding)
    yield from found.values()


def text(finding: Finding) -> str:
    """The figure, what it means, and what to do."""
    advice = runbook().get(finding.reason)
    lines = [f"{finding.detail}."]
    if advice is not None:
        lines += [f"It means: {advice.means}.", f"By itself: {advice.by_itself}."]
        lines.append(f"You: {advice.you}.")
    return "\n".join(lines)
