"""The order book: a synthetic market around a moving mid, and the orders that rest in it.

The synthetic market is a ladder of levels on both sides of the mid, all of the same dollar size.
What is taken from a level is missing until the mid moves or the refill time has passed. It draws no
random numbers, so looking at a book changes nothing.

Priority is price, then time: better prices first, at one price the synthetic level (it was there
before) and then our resting orders by age. When the mid moves through a resting order, the market
trades with it at the order's price as deep as the ladder reaches beyond it.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.decimals import BASIS_POINT, ZERO, ceiled, floored, product, quotient
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Order, Side


@dataclass(frozen=True, slots=True)
class Depth:
    """The synthetic market's shape; `levels = 0` is an empty book, as on a testnet at night."""

    half_spread_bps: Decimal = Decimal("0.5")
    step_bps: Decimal = Decimal("0.5")
    level_usd: Decimal = Decimal(50_000)
    levels: int = 50
    refill_ms: int = 2_000


class _Shape(NamedTuple):
    """The ladder: its best prices, the step between levels and the size of each."""

    bid: Decimal
    ask: Decimal
    step: Decimal
    size: Decimal


class Match(NamedTuple):
    """A quantity available at a price: from a resting order, or from the synthetic market."""

    price: Decimal
    quantity: Decimal
    maker: Order | None


def _priority(order: Order) -> tuple[Decimal, int]:
    """Best price first, then the oldest."""
    return (-order.price if order.side is Side.BUY else order.price, order.sequence)


class Book:
    """The book of one instrument."""

    def __init__(self, instrument: Instrument, depth: Depth, mid: Decimal) -> None:
        self.instrument = instrument
        self.resting: dict[Side, list[Order]] = {Side.BUY: [], Side.SELL: []}
        self.updates = 1
        self.mid = mid
        self._depth = depth
        self._taken: dict[Decimal, Decimal] = {}
        self._taken_ms = 0
        self._shape: _Shape | None = None

    @property
    def _ladders(self) -> _Shape:
        """The ladder around the mid, laid when somebody looks: most moves are not looked at."""
        if self._shape is None:
            self._shape = self._laid()
        return self._shape

    def _laid(self) -> _Shape:
        mid, tick, depth = self.mid, self.instrument.tick, self._depth
        half_spread = product(mid, depth.half_spread_bps * BASIS_POINT)
        bid = max(tick, floored(mid - half_spread, tick))
        ask = max(bid + tick, ceiled(mid + half_spread, tick))
        step = max(tick, floored(product(mid, depth.step_bps * BASIS_POINT), tick))
        dollars = depth.level_usd
        size = dollars if self.instrument.is_inverse else quotient(dollars, mid)
        lot = self.instrument.lot
        return _Shape(bid, ask, step, max(lot, floored(size, lot)))

    @property
    def is_depleted(self) -> bool:
        """Whether anything is missing that will be refilled."""
        return bool(self._taken)

    @property
    def depth(self) -> Depth:
        """The synthetic market's shape."""
        return self._depth

    @depth.setter
    def depth(self, depth: Depth) -> None:
        self._depth = depth
        self._shape = None
        self._taken.clear()
        self.updates += 1

    def move(self, mid: Decimal) -> None:
        """Lay the ladder around a new mid, at full depth."""
        if mid != self.mid:
            self.mid = mid
            self._shape = None
            self._taken.clear()
            self.updates += 1

    def refill(self, now_ms: int) -> bool:
        """Restore what was taken once the refill time has passed; say whether anything was."""
        if not self._taken or now_ms - self._taken_ms < self._depth.refill_ms:
            return False
        self._taken.clear()
        self.updates += 1
        return True

    def _ladder(self, side: Side) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield price and quantity of the synthetic levels, best first, without the empty ones."""
        shape, taken = self._ladders, self._taken
        if side is Side.BUY:
            price, step = shape.bid, -shape.step
        else:
            price, step = shape.ask, shape.step
        for _ in range(self._depth.levels):
            if price <= 0:
                return
            left = shape.size - taken[price] if price in taken else shape.size
            if left > 0:
                yield price, left
            price += step

    def matches(self, side: Side, limit: Decimal, quantity: Decimal | None) -> Iterator[Match]:
        """Yield what an order would trade with, best first; nothing is changed.

        Without a quantity everything within the limit is listed.
        """
        makers = iter(self.resting[side.opposite])
        ladder = self._ladder(side.opposite)
        maker, level = next(makers, None), next(ladder, None)
        while maker is not None or level is not None:
            if level is not None and (maker is None or self._is_level_first(side, level[0], maker)):
                match = Match(level[0], level[1], None)
                level = next(ladder, None)
            else:
                assert maker is not None  # noqa: S101 - for the type checker: one of both is left
                match = Match(maker.price, maker.leaves, maker)
                maker = next(makers, None)
            if match.price > limit if side is Side.BUY else match.price < limit:
                return
            if quantity is not None and match.quantity >= quantity:
                yield match._replace(quantity=quantity)
                return
            yield match
            if quantity is not None:
                quantity -= match.quantity

    @staticmethod
    def _is_level_first(taker: Side, price: Decimal, maker: Order) -> bool:
        return price <= maker.price if taker is Side.BUY else price >= maker.price

    def take(self, price: Decimal, quantity: Decimal, now_ms: int) -> None:
        """Remove what was traded from the synthetic market."""
        self._taken[price] = self._taken.get(price, ZERO) + quantity
        self._taken_ms = now_ms
        self.updates += 1

    def rest(self, order: Order) -> None:
        """Let an order wait in the book."""
        insort(self.resting[order.side], order, key=_priority)
        self.updates += 1

    def remove(self, order: Order) -> None:
        """Take an order out of the book, if it rests there."""
        waiting = self.resting[order.side]
        if order in waiting:
            waiting.remove(order)
            self.updates += 1

    def best(self, side: Side) -> tuple[Decimal, Decimal] | None:
        """Return the best price of a side with its quantity, or None when the side is empty."""
        if not self.resting[side]:
            if self._taken or not self._depth.levels:
                return next(self._ladder(side), None)
            shape = self._ladders
            return (shape.bid if side is Side.BUY else shape.ask), shape.size
        return next(iter(self.levels(side, 1)), None)

    def would_take(self, side: Side, price: Decimal) -> bool:
        """Say whether an order at this price would trade at once."""
        return next(self.matches(side, price, None), None) is not None

    def crossed(self) -> Iterator[tuple[Order, Match]]:
        """Yield resting orders that the synthetic market has moved through, with what it trades."""
        for side in (Side.BUY, Side.SELL):
            for order in tuple(self.resting[side]):
                for price, available in self._ladder(side.opposite):
                    if price > order.price if side is Side.BUY else price < order.price:
                        break
                    if not order.leaves:
                        break
                    yield order, Match(price, min(available, order.leaves), None)

    def levels(self, side: Side, limit: int) -> list[tuple[Decimal, Decimal]]:
        """Return up to `limit` prices of a side with the quantity waiting at each, best first."""
        far = self.instrument.max_price if side is Side.SELL else ZERO
        result: list[tuple[Decimal, Decimal]] = []
        for match in self.matches(side.opposite, far, None):
            if result and result[-1][0] == match.price:
                result[-1] = (match.price, result[-1][1] + match.quantity)
            elif len(result) == limit:
                break
            else:
                result.append((match.price, match.quantity))
        return result
