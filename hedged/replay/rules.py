"""Other ways to hedge, as their published descriptions have them: what hedged is measured against.

Coin-count rules take -(coins)*F for the target and leave the hedge's profit out of the coins,
realised or not: what a rule that counts realised profit makes of it depends on how often it trades.
The ratio rule holds a dollar liability, which is the book's first value plus each flow at its own
price. A rule reads the account, trades at market to its target, and takes an order that got no
answer for one that failed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final

from hedged.replay.stage import Stage

SYMBOL: Final = "BTC/USD:BTC"
ZERO: Final = Decimal(0)
_LOWEST, _LOW, _HIGH, _HIGHEST = (Decimal(text) for text in ("0.95", "0.98", "1.00", "1.03"))
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule is shown: coins without the hedge's profit, signed USD, and the prices."""

    at_ms: int
    coins: Decimal
    position_usd: Decimal
    mark: Decimal = ZERO
    liability_usd: Decimal = ZERO
    equity: Decimal = ZERO  # coins with all of the hedge's profit


@dataclass(frozen=True, slots=True)
class Rule:
    """`change` is how much it trades, in signed USD; every so many steps of 15 s it looks."""

    name: str
    change: Callable[[Reading], Decimal]
    every: int = 1
    hedged: Decimal = Decimal(1)
    lot: Decimal | None = None  # None: the instrument's


def _nothing(_: Reading) -> Decimal:
    return ZERO


def _coin_count(seen: Reading) -> Decimal:
    return -seen.coins * seen.mark - seen.position_usd


def _coin_count_beyond(share: Decimal, seen: Reading) -> Decimal:
    gap = _coin_count(seen)
    return gap if abs(gap) > share * seen.coins * seen.mark else ZERO


def _coin_count_beyond_coins(coins: Decimal, seen: Reading) -> Decimal:
    gap = _coin_count(seen)
    return gap if abs(gap) > coins * seen.mark else ZERO


def _bounds(seen: Reading) -> Decimal:
    ratio = -seen.position_usd / seen.liability_usd
    if ratio < _LOWEST:
        return -_LOW * seen.liability_usd - seen.position_usd
    if ratio > _HIGHEST:
        return -_HIGH * seen.liability_usd - seen.position_usd
    return ZERO


RULES: Final = (
    Rule("unhedged", _nothing, hedged=ZERO),
    Rule("static 1×", _nothing),
    Rule("coin-count, 1 %, 60 s", partial(_coin_count_beyond, Decimal("0.01")), every=4),
    Rule("coin-count, no threshold, 60 s", _coin_count, every=4),
    Rule("coin-count, $10, 10 s", _coin_count),
    Rule("0.1-coin threshold, 30 s", partial(_coin_count_beyond_coins, Decimal("0.1")), every=2),
    Rule("bounds on a dollar liability, 10 s", _bounds),
)


def _equity(seen: Reading) -> Decimal:
    return -seen.equity * seen.mark - seen.position_usd


# What cannot be bettered: no band, and lots so small that they do not matter.
ORACLE: Final = Rule("oracle", _equity, lot=Decimal("0.01"))


@dataclass(slots=True)
class Follower:
    """One rule at work on a stage, with the workload's faults."""

    rule: Rule
    stage: Stage
    random: Random = field(default_factory=Random)
    _past: list[Reading] = field(default_factory=list)
    _liability: Decimal = ZERO
    _flows: int = 0

    def __post_init__(self) -> None:
        faults = self.stage.workload.faults
        self.random.seed(0 if faults is None else faults.seed)
        self._liability = self.stage.value

    async def act(self, step: int) -> None:
        """Look and trade, where it is time to."""
        workload, stage = self.stage.workload, self.stage
        point = workload.points[step]
        flows = workload.flows
        while self._flows < len(flows) and flows[self._flows].at_ms <= point.at_ms:
            self._liability += flows[self._flows].coins * point.index
            self._flows += 1
        true = Reading(
            point.at_ms,
            stage.paid_in,
            stage.position,
            stage.market.mark,
            self._liability,
            stage.equity,
        )
        seen = self._shown(true)
        is_out = any(start <= point.at_ms < end for start, end in workload.outages)
        if step % self.rule.every or is_out:
            return
        change = self.rule.change(seen)
        lot = stage.market.instrument.lot
        change = round(change / lot) * lot
        if not change:
            return
        if seen.position_usd != true.position_usd:
            stage.meter.duplicates += 1
        self._trade(change)

    def _shown(self, true: Reading) -> Reading:
        """The account as it is read: now and then as it was."""
        faults = self.stage.workload.faults
        if faults is None:
            return true
        self._past.append(true)
        while self._past[0].at_ms < true.at_ms - faults.stale_ms:
            self._past.pop(0)
        if self.random.random() >= faults.stale:
            return true
        old = self._past[0]
        return replace(old, at_ms=true.at_ms, mark=true.mark, liability_usd=true.liability_usd)

    def _trade(self, change: Decimal) -> None:
        faults = self.stage.workload.faults
        if faults is not None:
            if self.random.random() < faults.timed_out:
                if self.random.random() < faults.executed:
                    self.stage.trade(change)
                return
            if self.random.random() < faults.partial:
                share = self.random.uniform(faults.least_filled, faults.most_filled)
                change *= Decimal(f"{share:.6f}")
        self.stage.trade(change)
