"""How far the price may rise before a venue liquidates the short that a hedge has there.

Notation, in USD at the asset's mark F: Q the short; EF the asset's coins in the account, with
their PnL; A the account's equity; M its maintenance margin, m of which is the short's own rate; U
what of Q no coins cover, Q - EF; V the same of the book's other assets in a shared account.

    a rise x costs x*(U + V), so that it is survived as long as    A - M >= x*(U + V)
    rise survived now                                              x = (A - M)/(U + V)
    largest short that survives b                                  Q' = (b*EF + w*(A - R))/(b + w*m)

R is the maintenance of everything else, and w = U/(U + V) this asset's part in what must shrink.
In an account of one coin A = EF and M = m*Q, so that x is (c - m)/(1 - c) of docs/maths.md. Where
the venue tells equity and maintenance of the whole account its own figures count, and where it
names a liquidation price the nearer of the two answers holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from hedged.core.decimals import ONE, ZERO, exact
from hedged.core.exposure import mark_of
from hedged.core.leverage import coin_equity
from hedged.core.per_object import per_object
from hedged.core.types import Exposure, HedgePolicy, Kind, Margin
from hedged.core.value import quick
from hedged.core.world import World


@quick
@dataclass(frozen=True, slots=True, eq=False)
class Cushion:
    """What stands behind a short at one venue; USD at the asset's mark unless a rate."""

    venue: str
    short: Decimal  # Q >= 0
    coins: Decimal  # EF; < 0: borrowed
    equity: Decimal | None  # A; None: not known
    maintenance: Decimal = ZERO  # m, a rate
    rest: Decimal = ZERO  # R
    beside: Decimal = ZERO  # V
    reported: Decimal | None = None  # the rise to the venue's liquidation price; None: it has none

    @property
    @exact
    def rise(self) -> Decimal | None:
        """The rise that it survives, as a fraction; None: no rise takes it, as far as is known."""
        uncovered = self.short - self.coins
        if self.equity is None or not self.short or uncovered <= 0:
            return self.reported
        free = self.equity - self.rest - self.maintenance * self.short
        rise = free / (uncovered + self.beside)
        return rise if self.reported is None else min(self.reported, rise)

    @exact
    def carries(self, bound: Decimal) -> Decimal | None:
        """The largest short that survives the rise `bound` > 0; None: not known."""
        found = []
        if self.equity is not None:
            uncovered = max(ZERO, self.short - self.coins)
            part = uncovered / (uncovered + self.beside) if uncovered else ONE
            free = bound * self.coins + part * (self.equity - self.rest)
            found.append(free / (bound + part * self.maintenance))
        if self.reported is not None:
            found.append(self.short * self._share(self.reported) / self._share(bound))
        return max(ZERO, min(found)) if found else None

    def _share(self, rise: Decimal) -> Decimal:
        """What part of a short its account must hold to survive a rise: (x + m)/(1 + x)."""
        return (rise + self.maintenance) / (ONE + rise)

    @exact
    def lacks(self, short: Decimal, bound: Decimal) -> Decimal:
        """Coins, in USD, that must be paid in for such a short to survive the rise; at least 0.

        One more coin adds to the equity, and covers as much of the short.
        """
        lacking = ZERO
        if self.reported is not None:
            has = self.short * self._share(self.reported)
            lacking = max(lacking, short * self._share(bound) - has)
        uncovered = short - self.coins
        if self.equity is not None and uncovered > 0:
            free = self.equity - self.rest - self.maintenance * short
            needed = bound * (uncovered + self.beside)
            lacking = max(lacking, (needed - free) / (ONE + bound))
        return lacking


@exact
def cushions(world: World, policy: HedgePolicy, exposure: Exposure) -> tuple[Cushion, ...]:
    """One for each venue of a hedge, in the order of its legs."""
    venues = world.venues[policy.asset]
    return tuple([_cushion(world, policy, exposure, venue) for venue in venues])


class Behind(NamedTuple):
    """What stands behind a hedge, venue by venue."""

    cushions: tuple[Cushion, ...]
    thinnest: Cushion | None  # which the smallest rise takes; None: no rise takes any
    rise: Decimal | None  # that it survives


def behind(world: World, policy: HedgePolicy, exposure: Exposure) -> Behind:
    """The cushions of a hedge, and the thinnest of them."""
    found = cushions(world, policy, exposure)
    least: Cushion | None = None
    lowest: Decimal | None = None
    for cushion in found:
        rise = cushion.rise
        if rise is not None and (lowest is None or rise < lowest):
            least, lowest = cushion, rise
    return Behind(found, least, lowest)


def _cushion(world: World, policy: HedgePolicy, exposure: Exposure, venue: str) -> Cushion:
    mark, margin = exposure.mark, _margin(world, venue)
    held_usd, is_inverse = ZERO, True
    for held in exposure.held:
        if held.instrument.venue == venue:
            held_usd += held.value_usd
            is_inverse = is_inverse and held.instrument.kind is Kind.INVERSE
    short = max(ZERO, -held_usd)
    coins = coin_equity(world, venue, policy.asset) * mark
    rate = _maintenance(world, policy, venue)
    equity: Decimal | None = None
    rest = beside = ZERO
    if margin is not None:
        equity = margin.equity_usd
        if rate is None:
            rate = margin.maintenance_usd / short if short else ZERO
        rest = max(ZERO, margin.maintenance_usd - rate * short)
        beside = _beside(world, policy, venue)
    elif is_inverse:
        equity = coins
    return Cushion(
        venue=venue,
        short=short,
        coins=coins,
        equity=equity,
        maintenance=rate or ZERO,
        rest=rest,
        beside=beside,
        reported=_reported(world, policy, venue),
    )


def _margin(world: World, venue: str) -> Margin | None:
    account = world.accounts.get(venue)
    return None if account is None else account.margin


def _maintenance(world: World, policy: HedgePolicy, venue: str) -> Decimal | None:
    """The highest rate of the hedge's instruments there; None: none is known."""
    highest: Decimal | None = None
    for leg in policy.legs:
        if leg.venue == venue:
            rate = world.quotes[venue, leg.symbol].instrument.maintenance
            if rate is not None and (highest is None or rate > highest):
                highest = rate
    return highest


def _beside(world: World, policy: HedgePolicy, venue: str) -> Decimal:
    """What of the book's other shorts in the account no coins cover: coins rise together."""
    if len(world.policies) == 1:
        return ZERO
    of_each = _uncovered(world).items()
    return sum((usd for (at, coin), usd in of_each if at == venue and coin != policy.asset), ZERO)


@per_object
def _uncovered(world: World) -> Mapping[tuple[str, str], Decimal]:
    """What no coins cover of each short, in USD, by venue and asset."""
    found = {}
    for policy in world.snapshot.hedges:
        places = [(leg.venue, leg.symbol) for leg in policy.legs]
        if not places or any(place not in world.quotes for place in places):
            continue
        mark = mark_of(world, policy)
        for venue in world.venues[policy.asset]:
            held = [_held_usd(world, place, mark) for place in places if place[0] == venue]
            covered = coin_equity(world, venue, policy.asset) * mark
            found[venue, policy.asset] = max(ZERO, -sum(held, ZERO) - covered)
    return found


def _held_usd(world: World, place: tuple[str, str], mark: Decimal) -> Decimal:
    """Signed, what one instrument's positions are worth at the asset's mark."""
    unit, q = world.quotes[place].instrument.unit, ZERO
    for position in world.positions.get(place, ()):
        size = position.quantity.of(unit)
        q += size if position.instrument.kind is Kind.INVERSE else size * mark
    return q


def _reported(world: World, policy: HedgePolicy, venue: str) -> Decimal | None:
    """The rise to the nearest liquidation price that the venue names for the hedge's shorts."""
    found = [
        max(ZERO, position.liquidation_price / world.quotes[venue, leg.symbol].mark - ONE)
        for leg in policy.legs
        if leg.venue == venue
        for position in world.positions.get((venue, leg.symbol), ())
        if position.liquidation_price is not None and position.quantity.value < 0
    ]
    return min(found, default=None)
