"""What the hedge earns: funding per year, its floor, and what happens below it.

The rate of an instrument is averaged over its last stamps, a short position receiving what is
above zero. A stamp counts once it has passed. A dated contract pays no funding: a short earns
its basis, which is gone at its end. Unknown interval, or not one stamp known: the carry is
unknown, which is neither above nor below any floor. Beyond the owner's bounds of carry and basis
somebody is told, and nothing else follows.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, plain
from hedged.core.funding import DAYS_A_YEAR, annual_rate
from hedged.core.per_object import per_object
from hedged.core.types import (
    CarryAction,
    CarryBounds,
    Finding,
    FundingStamp,
    HedgeLeg,
    HedgePolicy,
    Quote,
    Reason,
)
from hedged.core.world import World

NO_BOUNDS: Final = CarryBounds()
A_DAY_S: Final = Decimal(86_400)


def carry_per_year(world: World, leg: HedgeLeg, stamps: int) -> Decimal | None:
    """What a short in this instrument earns a year, as a fraction; None: not known."""
    quote = world.quotes[leg.venue, leg.symbol]
    if quote.instrument.expires_at is not None:
        return _basis_per_year(quote, quote.instrument.expires_at - world.snapshot.at)
    if quote.funding_interval_h is None:
        return None
    passed = _passed(world.stamps.get((leg.venue, leg.symbol), ()))
    rates = passed[-stamps:] or (() if quote.funding_rate is None else (quote.funding_rate,))
    if not rates:
        return None
    return annual_rate(sum(rates, ZERO) / len(rates), quote.funding_interval_h)


@per_object
def _passed(stamps: tuple[FundingStamp, ...]) -> tuple[Decimal, ...]:
    """The rates of those that have passed."""
    return tuple(stamp.rate for stamp in stamps if stamp.settled)


def _basis_per_year(quote: Quote, left: timedelta) -> Decimal | None:
    """What the basis of a dated contract comes to a year: at its end it is nothing."""
    if left <= timedelta(0):
        return None
    days = Decimal(left // timedelta(seconds=1)) / A_DAY_S
    return (quote.mark / quote.index - ONE) * DAYS_A_YEAR / days


def below_floor(world: World, policy: HedgePolicy) -> tuple[HedgeLeg, ...]:
    """Legs whose carry is known to be below the floor."""
    floor = policy.carry_floor
    if floor is None:
        return ()
    carries = ((leg, carry_per_year(world, leg, floor.stamps)) for leg in policy.legs)
    return tuple(leg for leg, carry in carries if carry is not None and carry < floor.per_year)


def stepped_ratio(policy: HedgePolicy, below: tuple[HedgeLeg, ...], ratio: Decimal) -> Decimal:
    """The ratio, lower where no leg is left that earns its floor and the action says so."""
    floor = policy.carry_floor
    if floor is None or floor.action is not CarryAction.RATIO or floor.ratio is None:
        return ratio
    return min(ratio, floor.ratio) if len(below) == len(policy.legs) else ratio


def usable_legs(policy: HedgePolicy, below: tuple[HedgeLeg, ...]) -> tuple[HedgeLeg, ...]:
    """The legs that may carry the hedge: without those below the floor where others are left."""
    floor = policy.carry_floor
    if floor is None or floor.action is not CarryAction.NEXT:
        return policy.legs
    return tuple(leg for leg in policy.legs if leg not in below) or policy.legs


def carry_alerts(world: World, policy: HedgePolicy) -> tuple[Finding, ...]:
    """One finding for each leg below the floor, whatever the action, or beyond another bound."""
    floor = policy.carry_floor
    below = (
        Finding(
            Reason.LIMIT_EXCEEDED,
            f"carry of {leg.symbol} at {leg.venue} is "
            f"{plain((carry_per_year(world, leg, floor.stamps) or ZERO) * 100, 2)} % a year, "
            f"floor {plain(floor.per_year * 100)} % ({floor.action.value})",
            about=f"carry of {leg.symbol} at {leg.venue}",
        )
        for leg in below_floor(world, policy)
        if floor is not None
    )
    if policy.carry_bounds == NO_BOUNDS:
        return tuple(below)
    return (*below, *(f for leg in policy.legs for f in _beyond(world, policy.carry_bounds, leg)))


def _beyond(world: World, bounds: CarryBounds, leg: HedgeLeg) -> Iterator[Finding]:
    """What leaves the owner's bounds: a carry that attracts a squeeze, a basis that opens."""
    carry = carry_per_year(world, leg, bounds.stamps)
    if bounds.ceiling is not None and carry is not None and carry > bounds.ceiling:
        yield _told("carry", leg, carry, "a year, ceiling", bounds.ceiling)
    quote = world.quotes[leg.venue, leg.symbol]
    basis = quote.mark / quote.index - ONE
    if bounds.basis_low is not None and basis < bounds.basis_low:
        yield _told("basis", leg, basis, "of the index, lowest", bounds.basis_low)
    if bounds.basis_high is not None and basis > bounds.basis_high:
        yield _told("basis", leg, basis, "of the index, highest", bounds.basis_high)


def _told(what: str, leg: HedgeLeg, figure: Decimal, limit: str, bound: Decimal) -> Finding:
    about = f"{what} of {leg.symbol} at {leg.venue}"
    shown = f"{plain(figure * 100, 3)} % {limit} {plain(bound * 100)} %"
    return Finding(Reason.LIMIT_EXCEEDED, f"{about} is {shown}", about=about)
