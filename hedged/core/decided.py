"""What is decided: where each asset stands, what it needs, what may be sent, and why."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedged.core.amount import Amount, total
from hedged.core.decimals import CONTEXT, plain
from hedged.core.observed import Instrument
from hedged.core.snapshot import Reading
from hedged.core.target import Emergency, Target
from hedged.core.value import quick
from hedged.core.words import Grade, Reason, Side, StyleKind

_ASSUMED_AWAY: Final = frozenset({Reason.DRY_RUN, Reason.NOT_ARMED})


@quick
@dataclass(frozen=True, slots=True)
class Line:
    """One auditable contribution to an exposure, in coins, with the figures it came from."""

    label: str
    source: str
    coins: Amount
    quantity: Amount | None = None  # where it is not simply the coins
    start: Decimal | None = None  # the price that a PnL runs from
    end: Decimal | None = None  # the price or rate that counts now
    symbol: str = ""
    factor: Decimal | None = None  # beta
    assumed: bool = False  # stems from the paper position

    @property
    def detail(self) -> str:
        """How the coins come about, in words that hold all the figures."""
        if self.quantity is None or self.end is None:
            return ""
        text = f"{plain(self.quantity.value)} {self.quantity.unit}"
        text += f" of {self.symbol}" if self.symbol else ""
        text += " at" if self.start is None else f" from {plain(self.start)} to"
        text += f" {plain(self.end)}"
        return text if self.factor is None else f"{text}, times {plain(self.factor)}"


@quick
@dataclass(frozen=True, slots=True)
class Held:
    """One instrument's part in an exposure."""

    instrument: Instrument
    quantity: Amount
    mark: Decimal  # its own
    delta: Decimal  # coins
    value_usd: Decimal  # the delta at the asset's mark
    managed: bool = True  # False: counted, but not traded


@quick
@dataclass(frozen=True, slots=True)
class Exposure:
    """Where one asset stands, in coins, with the lines each figure came from."""

    asset: str
    mark: Decimal  # of the first leg: what coins are turned into USD with
    lines: tuple[Line, ...]
    spot: Amount  # with aliases and transfers
    collateral: Amount
    unrealised_pnl: Amount  # of coin-settled positions; linear PnL is in quote
    cross: Amount  # other assets that this hedge carries, as coins of this one
    held: tuple[Held, ...]  # one per leg, in their order, then what is counted beside them
    position_usd: Decimal  # the whole hedge at the asset's mark
    hedge_delta: Amount

    @property
    def coins(self) -> Amount:
        """Spot and collateral without unrealised PnL."""
        return self.spot + self.collateral

    @property
    def equity(self) -> Amount:
        """E of the maths: coins with their unrealised PnL."""
        return total(self.spot, self.collateral, self.unrealised_pnl)

    @property
    def own_delta(self) -> Amount:
        """Net delta without what is carried for other assets."""
        return total(self.spot, self.collateral, self.unrealised_pnl, self.hedge_delta)

    @property
    def net_delta(self) -> Amount:
        """Coins that still move with the price."""
        return self.equity + self.cross + self.hedge_delta


@quick
@dataclass(frozen=True, slots=True)
class Standing:
    """An exposure held against its target."""

    exposure: Exposure
    target: Target

    @property
    def drift_usd(self) -> Decimal:
        """Position less target: > 0 is under-hedged for a long book."""
        return CONTEXT.subtract(self.exposure.position_usd, self.target.usd)

    @property
    def text(self) -> str:
        """Where the drift lies, with its limit."""
        target, drift = self.target, self.drift_usd
        if abs(drift) > target.band_usd:
            where = "outside"
        elif abs(drift) > target.trigger_usd:
            where = "being corrected inside"
        else:
            where = "inside"
        return (
            f"drift {drift:+,.2f} USD is {where} the band of ±{target.band_usd:,.2f} USD "
            f"around {target.usd:,.2f} USD ({target.rule})"
        )


@quick
@dataclass(frozen=True, slots=True)
class Finding:
    """What stands in the way: the reason with its figure and its limit."""

    reason: Reason
    detail: str
    halts: bool = False  # trading must not go on until an operator has looked
    about: str = ""  # what stays the same while the figures change from look to look
    grade: Grade = Grade.WARNING  # of an alert


@quick
@dataclass(frozen=True, slots=True)
class OrderIntent:
    """One order that would close the gap; contracts and notional are positive."""

    book: str
    cycle: int
    asset: str
    instrument: Instrument
    side: Side
    contracts: Decimal
    notional_usd: Decimal
    limit_price: Decimal  # the worst price that it may trade at
    reduce_only: bool
    style: StyleKind = StyleKind.IOC
    post_price: Decimal | None = None  # rest there, post-only; None: fill at once or not at all
    goes_on: bool = False  # in the place of one that was cancelled: no new intent

    @property
    def quantity(self) -> Amount:
        """The signed change of the position, in the instrument's unit."""
        size = CONTEXT.multiply(self.contracts, self.instrument.contract_size)
        return Amount(size if self.side is Side.BUY else -size, self.instrument.unit)


@dataclass(frozen=True, slots=True)
class MoveIntent:
    """Coins that would be moved between two accounts, and what keeps them from going."""

    book: str
    cycle: int
    asset: str
    venue: str
    quantity: Amount  # > 0
    source: str
    destination: str
    why: str
    findings: tuple[Finding, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Cost:
    """What an order is expected to cost and its position to earn; None: not known. USD."""

    fee_usd: Decimal | None
    fee_rate: Decimal | None  # of the notional
    spread_usd: Decimal | None  # half the spread on the notional
    half_spread: Decimal | None  # of the price
    position_usd: Decimal  # signed, after the order, at the instrument's mark
    funding_usd_per_day: Decimal | None  # of that position, received > 0
    funding_per_day: Decimal | None  # what a short receives, as a fraction
    basis_usd: Decimal  # mark less index, per coin
    basis_bps: Decimal
    carry_per_year: Decimal | None  # of the notional, averaged over the known stamps


@quick
@dataclass(frozen=True, slots=True)
class Proposal:
    """An order that would be right, how its size came about, and what keeps it from going."""

    intent: OrderIntent
    wanted_usd: Decimal  # this instrument's part of the gap, signed, before rounding and limits
    contract_usd: Decimal  # what one contract moves the position by, at the asset's mark
    mark: Decimal  # of the instrument
    slippage: Decimal  # from the mark to the order's bound
    sizing: str = ""  # what cut or raised the wanted size, in words
    cost: Cost | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether nothing but the dry-run itself keeps it from going."""
        return all(finding.reason in _ASSUMED_AWAY for finding in self.findings)

    @property
    def price_rule(self) -> str:
        """How the order's bound comes about, e.g. "65000 * (1 - 0.001)"."""
        sign = "+" if self.intent.side is Side.BUY else "-"
        tick = plain(self.intent.instrument.tick)
        return f"{plain(self.mark)} * (1 {sign} {plain(self.slippage)}), to the tick {tick}"


@quick
@dataclass(frozen=True, slots=True)
class AssetDecision:
    """What one asset needs, and why."""

    asset: str
    reason: Reason  # the verdict
    standing: Standing | None = None  # None: input was missing
    paper: Standing | None = None  # the same with the assumed fills
    proposals: tuple[Proposal, ...] = ()
    findings: tuple[Finding, ...] = ()  # what concerns the asset as a whole
    alerts: tuple[Finding, ...] = ()  # what the owner should know; blocks nothing
    reading: Reading | None = None  # for the memory
    doubted_at: datetime | None = None  # since when a jump has been seen that is not believed yet
    carry_per_year: Decimal | None = None  # of the whole hedge, as a fraction of its size
    carry_usd_per_year: Decimal | None = None
    rise: Decimal | None = None  # of the price, that its short survives; None: any, or not known
    emergency: Emergency | None = None  # of its margin
    move: MoveIntent | None = None  # of its collateral
    owed: Decimal = Decimal(0)  # coins that its venues have lent

    @property
    def why(self) -> str:
        """The verdict in words, with figure and limit."""
        if self.judged is None or (self.findings and not self.proposals):
            return self.findings[0].detail
        if self.reason is Reason.IN_BAND and self.proposals:
            moved = ", ".join(
                f"{o.side} {o.instrument.symbol} at {o.instrument.venue}" for o in self.orders
            )
            return f"{self.judged.text}; it moves over: {moved}"
        return self.judged.text

    @property
    def judged(self) -> Standing | None:
        """The standing that the verdict speaks of."""
        return self.paper or self.standing

    @property
    def orders(self) -> tuple[OrderIntent, ...]:
        """The proposed orders."""
        return tuple(proposal.intent for proposal in self.proposals)

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """Why orders are not sent, each thing once."""
        of_orders = (finding for proposal in self.proposals for finding in proposal.findings)
        return tuple(dict.fromkeys((*self.findings, *of_orders)))

    @property
    def assumable(self) -> tuple[OrderIntent, ...]:
        """Orders that nothing but the dry-run itself keeps from going."""
        return tuple(proposal.intent for proposal in self.proposals if proposal.goes)


@quick
@dataclass(frozen=True, slots=True)
class Approved:
    """An intent that passed every gate; only `risk` makes these."""

    intent: OrderIntent


class Tending(StrEnum):
    """What becomes of a resting order."""

    KEEP = "keep"
    REPRICE = "reprice"  # cancel it; the next cycle rests at the best price again
    CROSS = "cross"  # cancel it; the next cycle takes what it needs within the bound
    GIVE_UP = "give-up"  # cancel it; nobody traded there in time
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Tended:
    """The verdict on one resting order."""

    client_id: str
    asset: str
    move: Tending
    why: str


@quick
@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one cycle for one book."""

    book: str
    cycle: int
    at: datetime
    assets: tuple[AssetDecision, ...]
    approved: tuple[Approved, ...]
    tended: tuple[Tended, ...] = ()
    moves: tuple[MoveIntent, ...] = ()  # that may be sent

    @property
    def halts(self) -> str:
        """Why trading must not go on until an operator has looked; empty: it may."""
        found = (f for asset in self.assets for p in asset.proposals for f in p.findings if f.halts)
        return next((finding.detail for finding in found), "")
