"""The days that the daemon traded, once more: what a configuration would have done, and what was.

The journal has the book at moments (equity E, position q, prices), and every fill in between. At
whatever prices, the net delta of an inverse hedge changes by trades and by flows alone, so that

    flow = N1 - N0 - sum of dq/f + fees - dq'/F1        N = E + q/F, coins

with the fills' prices f, and dq' what no fill explains. Funding is among the flows. With prices
and flows, those days are a workload like any other. What was done is played on it as a rule that
repeats the recorded positions, so that both are measured alike and on the same terms.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Final

from hedged.core.decimals import ZERO, exact, plain
from hedged.ports import VenueRefused
from hedged.replay.jobs import Book
from hedged.replay.rules import Reading, Rule
from hedged.replay.workload import CoinFlow, Workload
from hedged.sim.decimals import to_coins
from hedged.sim.prices import PriceFileError, PricePoint

AS_DONE: Final = "as done"
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Stand:
    """The book at a moment, by its place in the journal; coins, signed USD, USD per coin."""

    at: datetime
    seq: int
    equity: Decimal
    position_usd: Decimal
    index: Decimal
    mark: Decimal

    @property
    @exact
    def net_delta(self) -> Decimal:
        """E + q/F, coins."""
        return self.equity + self.position_usd / self.mark


@dataclass(frozen=True, slots=True)
class Deal:
    """A fill: signed USD, USD per coin, and the fee in coins (paid > 0)."""

    at: datetime
    seq: int
    usd: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Past:
    """What a journal tells of one asset's book, in the journal's order; two stands or more."""

    stands: tuple[Stand, ...]
    deals: tuple[Deal, ...]

    def workload(self, path: Sequence[PricePoint], named: str = "") -> Workload:
        """Those days, at the prices of a path by Unix time, or at those of the stands without one.

        Raises:
            PriceFileError: the path has no price of those days.
        """
        first, last = self.stands[0], self.stands[-1]
        if path:
            begins, length = _unix_ms(first.at), self._ms(last.at)
            points = [_shifted(point, begins) for point in path]
            points = [point for point in points if 0 < point.at_ms <= length]
            if not points:
                raise PriceFileError(
                    f"{named} has no price of the journal's days, "
                    f"{first.at:%Y-%m-%d %H:%M} to {last.at:%Y-%m-%d %H:%M} UTC"
                )
            points.insert(0, PricePoint(0, first.index, first.mark if points[0].mark else None))
        else:
            points = [PricePoint(self._ms(s.at), s.index, s.mark) for s in self.stands]
            points = [a for a, b in pairwise(points) if a.at_ms < b.at_ms] + points[-1:]
        # Funding that was received is one of the flows.
        return Workload("shadow", points, charges_funding=True, flows=list(self._flows()))

    @exact
    def _flows(self) -> Iterator[CoinFlow]:
        for before, after in pairwise(self.stands):
            deals = [deal for deal in self.deals if before.seq < deal.seq < after.seq]
            traded = sum((deal.usd for deal in deals), ZERO)
            moved = sum((deal.usd / deal.price - deal.fee for deal in deals), ZERO)
            unexplained = after.position_usd - before.position_usd - traded
            moved += unexplained / after.mark
            coins = to_coins(after.net_delta - before.net_delta - moved)
            if coins:
                yield CoinFlow(self._ms(after.at), coins)

    def as_begun(self, book: Book) -> Book:
        """The book as it stood then: what is not in its cold wallets is collateral."""
        first = self.stands[0]
        coins = to_coins(first.equity - book.beside)
        if coins <= 0:
            raise VenueRefused(
                f"the journal begins with {plain(first.equity)} coins, less than the cold wallets "
                f"of the configuration hold ({plain(book.beside)})"
            )
        return replace(book, coins=coins, opened=first.position_usd)

    def rule(self) -> Rule:
        """What was done: the recorded position at each moment."""
        known = [(stand.seq, self._ms(stand.at), stand.position_usd) for stand in self.stands]
        for before, after in pairwise(self.stands):
            position = before.position_usd
            for deal in self.deals:
                if before.seq < deal.seq < after.seq:
                    position += deal.usd
                    known.append((deal.seq, self._ms(deal.at), position))
        known.sort()
        times, latest_ms = [], 0
        for _, at_ms, _ in known:
            latest_ms = max(latest_ms, at_ms)  # fills are stamped by the venue's clock
            times.append(latest_ms)
        positions = tuple(position for _, _, position in known)
        return Rule(AS_DONE, partial(_recorded, tuple(times), positions))

    def _ms(self, at: datetime) -> int:
        return (at - self.stands[0].at) // _MILLISECOND


def _recorded(times: tuple[int, ...], positions: tuple[Decimal, ...], seen: Reading) -> Decimal:
    """To where the position was at this moment."""
    return positions[bisect_right(times, seen.at_ms) - 1] - seen.position_usd


def _shifted(point: PricePoint, begins_ms: int) -> PricePoint:
    return PricePoint(point.at_ms - begins_ms, point.index, point.mark)


def _unix_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
