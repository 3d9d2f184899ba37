"""A position: quantity, what it cost, and what closing it realises.

`cost` is the sum of `worth(quantity, price)` over the fills that made the position (see
instruments), so the average entry is the volume-weighted mean for linear contracts and the harmonic
one for inverse contracts without a case distinction, and the unrealised profit at a mark is
`worth(quantity, mark) - cost`.

Where profit is settled before a position is closed, its cost becomes the worth at the settlement
price; `settled` remembers what has been paid out, so that the average entry stays what it was.
"""

from dataclasses import dataclass
from decimal import Decimal

from hedged.sim.decimals import ZERO, product, quotient
from hedged.sim.instruments import Instrument


@dataclass(slots=True, eq=False)
class Position:
    """One leg of one account in one instrument; quantity long > 0, short < 0."""

    instrument: Instrument
    index: int
    created_ms: int
    updated_ms: int
    sequence: int = 0
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    settled: Decimal = ZERO
    realised: Decimal = ZERO
    realised_ever: Decimal = ZERO

    @property
    def entry_price(self) -> Decimal:
        """Average price of what is open; 0 when flat."""
        return self.instrument.average_price(self.quantity, self.cost - self.settled)

    @property
    def session_price(self) -> Decimal:
        """Average price that the unrealised profit runs from; 0 when nothing has been settled."""
        if not self.settled:
            return ZERO
        return self.instrument.average_price(self.quantity, self.cost)

    def unrealised(self, mark: Decimal) -> Decimal:
        """Profit in the settlement coin if it were closed at the mark, before rounding."""
        if not self.quantity:
            return ZERO
        return self.instrument.worth(self.quantity, mark) - self.cost

    def closing_part(self, change: Decimal) -> Decimal:
        """Return how much of a change of quantity closes what is open (>= 0)."""
        if self.quantity * change >= 0:
            return ZERO
        return min(abs(change), abs(self.quantity))

    def settle(self, mark: Decimal) -> Decimal:
        """Return the unrealised profit, which from now on counts as paid."""
        profit = self.unrealised(mark)
        self.cost += profit
        self.settled += profit
        return profit

    def trade(self, change: Decimal, price: Decimal) -> Decimal:
        """Apply a fill (bought > 0) and return the profit that it realises, before rounding."""
        closing = self.closing_part(change)
        profit = ZERO
        if closing:
            closed = closing if self.quantity > 0 else -closing
            if closing == abs(self.quantity):
                share, settled = self.cost, self.settled
            else:
                share = quotient(product(self.cost, closed), self.quantity)
                settled = quotient(product(self.settled, closed), self.quantity)
            profit = self.instrument.worth(closed, price) - share
            self.quantity -= closed
            self.cost -= share
            self.settled -= settled
            change += closed
        if change:
            if not self.quantity:
                self.realised = ZERO
            self.quantity += change
            self.cost += self.instrument.worth(change, price)
        return profit
