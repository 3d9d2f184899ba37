"""Fills, fees, funding and interest per coin, with what was realised, for a tax return.

Each fill of an inverse contract closes what is open in the other direction, first in first out or
at the average, and opens the rest; what closing realises is in coins: lot*(1/opened - 1/closed) for
signed USD, long or short. The average entry is harmonic, as the venues' own. Dollar values are at
the fill's price, those of flows at the mark of the sample before them.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, exact
from hedged.core.types import Flow, FlowKind
from hedged.report.causes import Sample, Trade, in_order

COLUMNS: Final = (
    "at",
    "venue",
    "symbol",
    "kind",
    "quantity_usd",
    "price",
    "coin",
    "fee_coins",
    "coins",
    "realised_fifo_coins",
    "realised_average_coins",
    "usd_per_coin",
    "usd",
    "id",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row; coins received > 0 beside the fee, which is paid > 0."""

    at: datetime
    kind: str
    fee_coins: Decimal
    coins: Decimal
    usd_per_coin: Decimal | None
    record: Trade | None = None
    fifo: Decimal | None = None
    average: Decimal | None = None
    id: str = ""


@dataclass(slots=True)
class Lots:
    """The open lots of one contract, in signed USD at a price."""

    open: deque[tuple[Decimal, Decimal]] = field(default_factory=deque)
    quantity: Decimal = ZERO
    cost: Decimal = ZERO  # coins: sum of q/entry of what is open, at the average

    @exact
    def trade(self, q_usd: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """Coins realised, first in first out and at the average."""
        return self._first_in(q_usd, price), self._average(q_usd, price)

    def _first_in(self, q_usd: Decimal, price: Decimal) -> Decimal:
        realised, left = ZERO, q_usd
        while left and self.open and self.open[0][0] * left < 0:
            lot, entry = self.open[0]
            closed = lot if abs(lot) <= abs(left) else -left
            realised += closed * (ONE / entry - ONE / price)
            left += closed
            if closed == lot:
                self.open.popleft()
            else:
                self.open[0] = (lot - closed, entry)
        if left:
            self.open.append((left, price))
        return realised

    def _average(self, q_usd: Decimal, price: Decimal) -> Decimal:
        realised = ZERO
        if self.quantity * q_usd < 0:
            closed = self.quantity if abs(self.quantity) <= abs(q_usd) else -q_usd
            share = self.cost * closed / self.quantity
            realised = share - closed / price
            self.quantity -= closed
            self.cost -= share
            q_usd += closed
        self.quantity += q_usd
        self.cost += q_usd / price
        return realised


@exact
def tax_lines(
    trades: Iterable[Trade], flows: Iterable[Flow], samples: Sequence[Sample]
) -> Iterator[Line]:
    """One coin's rows, in time order."""
    lots: dict[tuple[str, str], Lots] = {}
    place, mark = 0, None if not samples else samples[0].mark
    for record in in_order(trades, flows):
        while place < len(samples) and samples[place].at <= record.at:
            mark = samples[place].mark
            place += 1
        if isinstance(record, Trade):
            held = lots.setdefault((record.venue, record.symbol), Lots())
            fifo, average = held.trade(record.q_usd, record.price)
            yield Line(
                record.at,
                "fill",
                record.fee_coins,
                average,
                record.price,
                record,
                fifo,
                average,
                record.trade_id,
            )
        elif record.kind in (FlowKind.FUNDING, FlowKind.INTEREST):
            coins = record.funding if record.kind is FlowKind.FUNDING else record.change.value
            yield Line(record.at, record.kind.value, ZERO, coins, mark, id=record.flow_id)
