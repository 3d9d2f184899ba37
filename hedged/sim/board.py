"""The prices of the moment, from which every market's own price follows.

Each coin has an index and a mark of its perpetuals, both in USD. A price in another quote coin is
that divided by the quote coin's index; a dated contract is marked at the index and its carry.
"""

from collections.abc import Mapping
from decimal import Decimal

from hedged.sim.decimals import ONE, floored, product, quotient
from hedged.sim.instruments import Instrument

CARRY_PER_YEAR = Decimal("0.05")
_YEAR_MS = Decimal(365 * 24 * 3600 * 1000)
_CENT = Decimal("0.01")


class PriceBoard:
    """Index and mark of every coin in USD; `prices` are the indices."""

    def __init__(self, prices: Mapping[str, Decimal]) -> None:
        self.prices = dict(prices)
        self._marks = dict(prices)

    def set(self, coin: str, index: Decimal, mark: Decimal) -> None:
        """Set the prices of a coin."""
        if coin not in self.prices:
            raise ValueError(f"no such coin: {coin}")
        if not (index.is_finite() and mark.is_finite() and index > 0 and mark > 0):
            raise ValueError(f"a price must be a positive number, not {index} or {mark}")
        self.prices[coin], self._marks[coin] = index, mark

    def index(self, instrument: Instrument) -> Decimal:
        """Return the index of an instrument in its quote coin."""
        return self._quoted(self.prices[instrument.base], instrument)

    def mark(self, instrument: Instrument, now_ms: int) -> Decimal:
        """Return the mark of an instrument in its quote coin."""
        if instrument.is_spot:
            return self.index(instrument)
        if not instrument.is_perpetual:
            left = quotient(Decimal(max(0, instrument.delivery_ms - now_ms)), _YEAR_MS)
            carried = product(self.index(instrument), ONE + product(CARRY_PER_YEAR, left))
            return floored(carried, _CENT)
        return self._quoted(self._marks[instrument.base], instrument)

    def _quoted(self, usd: Decimal, instrument: Instrument) -> Decimal:
        quote = self.prices.get(instrument.quote, ONE)
        return usd if quote == ONE else quotient(usd, quote)
