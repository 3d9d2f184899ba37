"""The faults in force, their chances, and the log of those that struck."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from hedged.sim.faults.fault import Call, Fault
from hedged.sim.faults.kinds import Kind

_LOG_LENGTH = 10_000
_LONGEST_TEXT = 500


@dataclass(slots=True)
class Injection:
    """A fault that struck: whom, and what the exchange truly did.

    `reached` says whether the exchange saw the request, `code` what it answered itself (0: done as
    asked, None: it never saw it), `order_id` the order that it made, changed or cancelled.
    """

    at_ms: int
    fault: int
    kind: Kind
    method: str
    path: str
    account: str
    request: str
    reached: bool = False
    code: int | None = None
    order_id: str = ""


@dataclass(slots=True)
class Rule:
    """A fault in force, with how often it might have struck and has."""

    number: int
    fault: Fault
    ends_ms: int | None
    met: int = 0
    struck: int = 0

    def is_over(self, now_ms: int) -> bool:
        """Say whether it has done its work."""
        limit = self.fault.limit
        return bool(limit and self.struck >= limit) or (
            self.ends_ms is not None and now_ms >= self.ends_ms
        )


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that strikes one call, and its entry in the log."""

    fault: Fault
    injection: Injection


class FaultPlan:
    """Faults in force; the same seed and the same calls give the same strikes."""

    def __init__(self, seed: int = 0) -> None:
        self.log: deque[Injection] = deque(maxlen=_LOG_LENGTH)
        self.rules: list[Rule] = []
        self._random = Random(seed)  # noqa: S311 - reproducible on purpose, nothing secret
        self._count = 0

    def add(self, fault: Fault, now_ms: int = 0) -> int:
        """Put a fault in force and return its number."""
        self._count += 1
        lasts_ms = int(fault.lasts_s * 1000)
        self.rules.append(Rule(self._count, fault, now_ms + lasts_ms if lasts_ms else None))
        return self._count

    def lift(self, number: int | None = None) -> int:
        """End a fault, or all of them; return how many."""
        kept = [rule for rule in self.rules if number not in (None, rule.number)]
        lifted = len(self.rules) - len(kept)
        self.rules = kept
        return lifted

    def strike(self, call: Call, now_ms: int, kinds: Iterable[Kind]) -> list[Strike]:
        """Return the faults of these kinds that strike a call, and write them into the log."""
        if not self.rules:
            return []
        self.rules = [rule for rule in self.rules if not rule.is_over(now_ms)]
        return [
            Strike(rule.fault, self._note(rule, call, now_ms))
            for rule in self.rules
            if rule.fault.kind in kinds and self._is_struck(rule, call)
        ]

    def _is_struck(self, rule: Rule, call: Call) -> bool:
        if not rule.fault.concerns(call):
            return False
        rule.met += 1
        if rule.met <= rule.fault.skip:
            return False
        if rule.fault.rate < 1 and self._random.random() >= rule.fault.rate:
            return False
        rule.struck += 1
        return True

    def _note(self, rule: Rule, call: Call, now_ms: int) -> Injection:
        injection = Injection(
            at_ms=now_ms,
            fault=rule.number,
            kind=rule.fault.kind,
            method=call.method,
            path=call.path,
            account=call.account,
            request=call.text[:_LONGEST_TEXT],
        )
        self.log.append(injection)
        return injection
