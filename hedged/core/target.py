"""The position wanted: its figures, and on demand the same in words that hold all of them.

A cycle needs the figures only; rules and formulas are what `hedged plan` and the log show, so
they are made from the figures when somebody asks.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hedged.core.amount import Amount
from hedged.core.decimals import exact, plain
from hedged.core.value import quick
from hedged.core.wanted import HedgeLeg
from hedged.core.words import Accounting, BandKind


@dataclass(frozen=True, slots=True)
class ActiveWindow:
    """The window in force, and how far its ramp has come."""

    name: str
    ratio: Decimal
    step: int  # of `steps`
    steps: int
    ends_at: datetime

    @property
    def rule(self) -> str:
        """What it asks for, in words."""
        ramp = "" if self.step == self.steps else f", step {self.step} of {self.steps}"
        return f"window {self.name}: ratio {plain(self.ratio)}{ramp}"


@quick
@dataclass(frozen=True, slots=True)
class Goal:
    """What the owner asks for when no window is open, and the figures that it follows from."""

    accounting: Accounting
    own: Decimal  # coins of the asset, by that accounting
    cross: Decimal  # coins that stand for carried assets
    mark: Decimal
    ratio: Decimal  # in force
    configured: Decimal  # the ratio, unless the carry is below its floor
    keep: Decimal | None  # takes the ratio's place
    notional_usd: Decimal | None  # takes the ratio's place
    usd: Decimal  # the signed target that follows
    told: str = ""  # why there is none, in words: carried by another hedge, flattened

    def rule(self, asset: str) -> str:
        """The goal in words."""
        if self.told:
            return self.told
        if self.notional_usd is not None:
            return f"a fixed short of {plain(self.notional_usd)} USD"
        if self.keep is not None:
            return f"keep {plain(self.keep)} {asset} of {self.accounting.value}"
        floor = ""
        if self.ratio != self.configured:
            floor = f" (carry below its floor, else {plain(self.configured)})"
        return f"ratio {plain(self.ratio)}{floor} of {self.accounting.value}"

    @property
    @exact
    def formula(self) -> str:
        """The same with its numbers."""
        if self.told:
            return "0"
        if self.notional_usd is not None:
            return f"-{plain(self.notional_usd)}"
        at = plain(self.mark)
        if self.keep is not None:
            also = f" - {plain(self.cross, 8)} * {at}" if self.cross else ""
            return f"-max(0, {plain(self.own, 8)} - {plain(self.keep)}) * {at}{also}"
        return f"-{plain(self.ratio)} * {plain(self.own + self.cross, 8)} * {at}"


@dataclass(frozen=True, slots=True)
class Auto:
    """What an automatic band is computed from."""

    cost: Decimal  # k: taker fee and half the spread, as a fraction
    flow_usd: Decimal  # s: USD per sqrt(year)
    sigma: Decimal  # per sqrt(year)
    ratio: Decimal  # h: below 1, the price itself moves the target
    risk_aversion: Decimal
    bound: str = ""  # what kept it from its best width, in words

    @property
    def rule(self) -> str:
        """The same in words."""
        return (
            f"auto: cost {plain(self.cost, 6)}, flows {plain(self.flow_usd, 0)} USD per root "
            f"year, volatility {plain(self.sigma, 4)}, risk aversion "
            f"{plain(self.risk_aversion)}{self.bound}"
        )


@quick
@dataclass(frozen=True, slots=True)
class Width:
    """A band in USD as the owner words it, before it is widened to a lot."""

    edge_usd: Decimal
    kept_usd: Decimal  # where a correction stops
    kind: BandKind
    size: Decimal  # in the unit of its kind
    value_usd: Decimal  # of the book
    coin_usd: Decimal
    auto: Auto | None = None
    unknown: str = ""  # AUTO: what is not known yet, so that the size holds

    @property
    @exact
    def rule(self) -> str:
        """How the edge comes about, in words."""
        match self.kind:
            case BandKind.RELATIVE:
                return f"{plain(self.size * 100)} % of {plain(self.value_usd, 2)} USD"
            case BandKind.USD:
                return f"{plain(self.size)} USD"
            case BandKind.COINS:
                return f"{plain(self.size)} coins at {plain(self.coin_usd)} USD"
            case _:
                fallback = f"auto: {plain(self.size * 100)} % because {self.unknown}"
                return fallback if self.auto is None else self.auto.rule


@dataclass(frozen=True, slots=True)
class Relief:
    """What of one instrument's short is bought back in a margin emergency."""

    leg: HedgeLeg
    contracts: Decimal
    usd: Decimal  # > 0, at the asset's mark


@dataclass(frozen=True, slots=True)
class Emergency:
    """A short that is about to be liquidated, and what is done in place of the owner's target."""

    since: datetime
    venue: str  # where it is thinnest
    rise: Decimal | None  # that is survived there; None: any
    bound: Decimal  # the rise that must be, for it to end
    position_usd: Decimal
    wanted_usd: Decimal  # by the owner
    lacking: Decimal  # coins that would end it, paid in there
    acts: bool = False  # a second look has agreed
    tops_up: bool = False  # coins are being moved there: the position stays as it is
    relief: tuple[Relief, ...] = ()

    @property
    def rule(self) -> str:
        """What is done, in words."""
        if not self.acts:
            return "margin emergency, to be confirmed by a second look"
        if self.tops_up:
            done = "coins are moved there first"
        elif self.relief:
            done = "the short is reduced"
        else:
            done = "nothing increases the short"
        return f"margin emergency at {self.venue}: {done}"

    @property
    def text(self) -> str:
        """The same with its figures; whole ones, as it is told anew when it changes."""
        held = plain(self.bound * 100, 1)
        risen = "" if self.rise is None else f" a rise of {plain(self.rise * 100, 0)} % is survived"
        return (
            f"{self.rule}:{risen or ' no rise would take it'}, {held} % are needed "
            f"(liquidation_distance) for the {self.wanted_usd:,.0f} USD that are wanted; it ends "
            f"with {plain(self.lacking, 4)} coins more there, or a lower ratio"
        )

    @exact
    def sets(self, usd: Decimal) -> bool:
        """Whether a target is its own; one of the owner's that is less short is kept."""
        return usd == self.position_usd + sum((relief.usd for relief in self.relief), Decimal(0))

    @property
    @exact
    def formula(self) -> str:
        """The target that it sets, with its numbers."""
        bought = " + ".join(plain(relief.usd, 2) for relief in self.relief)
        held = f"position {plain(self.position_usd, 2)}"
        return f"{held} + {bought} bought back" if bought else held


@quick
@dataclass(frozen=True, slots=True)
class Target:
    """The position wanted and the room around it, in signed USD at the mark."""

    usd: Decimal
    band_usd: Decimal  # effective: never less than one lot
    trigger_usd: Decimal  # beyond it an order follows: the band, less while one is under way
    kept_usd: Decimal  # how far from the target a correction stops
    outer_usd: Decimal  # beyond it the cooldown is ignored
    hedged: Amount  # the coins that the target is computed from
    goal: Goal
    width: Width  # also where there is no position: a flow beyond it is looked at twice
    refused_usd: Decimal | None = None  # a long target that `allow_long = false` cut to 0
    window: ActiveWindow | None = None
    windowed_usd: Decimal | None = None  # what the window asks for at the end of its ramp
    next_change_at: datetime | None = None  # of the ratio, by a window
    emergency: Emergency | None = None  # that has taken the owner's target's place

    @property
    def rule(self) -> str:
        """What is wanted in words, e.g. "ratio 1 of equity"."""
        rule = self.goal.rule(self.hedged.unit)
        if self.emergency is not None:
            return f"{self.emergency.rule}, in place of {rule}"
        if self.window is None:
            return rule
        return f"{self.window.rule} of {self.goal.accounting.value}, from {rule}"

    @property
    def formula(self) -> str:
        """The same with its numbers, e.g. "-1 * 5 * 65000"."""
        if self.emergency is not None and self.emergency.sets(self.usd):
            return self.emergency.formula
        if self.window is None or self.windowed_usd is None:
            return self.goal.formula
        start, end = plain(self.goal.usd, 2), plain(self.windowed_usd, 2)
        if self.window.step == self.window.steps:
            return f"the window's {end}"
        return f"{start} + ({end} - {start}) * {self.window.step} / {self.window.steps}"

    @property
    def band_rule(self) -> str:
        """How the band comes about, in words; nothing where there is none."""
        if self.goal.told:
            return "one lot" if self.band_usd else ""
        if self.width.edge_usd < self.band_usd:
            return f"one lot, {self.width.rule} is less"
        return self.width.rule
