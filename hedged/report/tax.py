"""Fills, fees, funding and interest per coin, with what was realised, for a tax return.

Each fill, of our orders or not, closes what is open in the other direction, first in first out or
at the average, and opens the rest. An inverse contract realises coins, lot*(1/opened - 1/closed)
for signed USD, and its average entry is harmonic, as the venues' own; a linear one realises quote,
lot*(closed - opened). Dollar values are at the fill's price, those of flows in coins at the mark of
the sample before them; quote counts as dollars. A position that was there before the first fill is
a lot at the entry that the venue showed.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, exact, plain
from hedged.core.types import USD, Flow, FlowKind, Kind
from hedged.report.samples import AssetRecords, Place, Trade
from hedged.report.statement import Statement

COLUMNS: Final = (
    "at",
    "book",
    "venue",
    "symbol",
    "kind",
    "quantity",
    "unit",
    "price",
    "currency",
    "fee",
    "amount",
    "realised_fifo",
    "realised_average",
    "usd_each",
    "usd_fifo",
    "usd",
    "id",
)
_DOLLARS: Final = frozenset({USD, "USDT", "USDC"})
_SHOWN: Final = 12  # places
_TAXED: Final = (FlowKind.FUNDING, FlowKind.INTEREST)


@dataclass(frozen=True, slots=True)
class Line:
    """One row; amounts are in `currency`, received > 0 beside the fee, which is paid > 0."""

    at: datetime
    kind: str
    currency: str
    fee: Decimal
    amount: Decimal  # what was realised at the average, or received
    usd_each: Decimal | None  # of the currency
    record: Trade | None = None
    fifo: Decimal | None = None
    average: Decimal | None = None
    id: str = ""

    @exact
    def usd(self, amount: Decimal | None) -> Decimal | None:
        """An amount of the currency less the fee."""
        if amount is None or self.usd_each is None:
            return None
        return (amount - self.fee) * self.usd_each


@dataclass(slots=True)
class Lots:
    """The open lots of one contract, signed, in its unit at a price."""

    kind: Kind = Kind.INVERSE
    open: deque[tuple[Decimal, Decimal]] = field(default_factory=deque)
    quantity: Decimal = ZERO
    cost: Decimal = ZERO  # what is open is worth at its average entry

    @exact
    def trade(self, quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """What it realised, first in first out and at the average."""
        return self._first_in(quantity, price), self._average(quantity, price)

    def _worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """In what the contract pays, but for a constant: differences of it are profit."""
        return -quantity / price if self.kind is Kind.INVERSE else quantity * price

    def _first_in(self, quantity: Decimal, price: Decimal) -> Decimal:
        realised, left = ZERO, quantity
        while left and self.open and self.open[0][0] * left < 0:
            lot, entry = self.open[0]
            closed = lot if abs(lot) <= abs(left) else -left
            realised += self._worth(closed, price) - self._worth(closed, entry)
            left += closed
            if closed == lot:
                self.open.popleft()
            else:
                self.open[0] = (lot - closed, entry)
        if left:
            self.open.append((left, price))
        return realised

    def _average(self, quantity: Decimal, price: Decimal) -> Decimal:
        realised = ZERO
        if self.quantity * quantity < 0:
            closed = self.quantity if abs(self.quantity) <= abs(quantity) else -quantity
            share = self.cost * closed / self.quantity
            realised = self._worth(closed, price) - share
            self.quantity -= closed
            self.cost -= share
            quantity += closed
        self.quantity += quantity
        self.cost += self._worth(quantity, price)
        return realised


@exact
def tax_lines(records: AssetRecords, flows: Iterable[Flow]) -> Iterator[Line]:
    """One asset's rows, in time order; `flows` are those of its accounts."""
    samples = records.samples
    lots = opened(records)
    place, mark = 0, None if not samples else samples[0].mark
    taxed = [flow for flow in flows if flow.kind in _TAXED]
    happened: list[Flow | Trade] = [*taxed, *records.trades, *records.others]
    for record in sorted(happened, key=lambda record: record.at):
        while place < len(samples) and samples[place].at <= record.at:
            mark = samples[place].mark
            place += 1
        if isinstance(record, Trade):
            yield _of_trade(record, lots.setdefault(record.place, Lots(record.kind)), records.asset)
        else:
            is_funding = record.kind is FlowKind.FUNDING
            currency = record.change.unit
            yield Line(
                at=record.at,
                kind=record.kind.value,
                currency=currency,
                fee=ZERO,
                amount=record.funding if is_funding else record.change.value,
                usd_each=mark if currency == records.asset else ONE,
                id=record.flow_id,
            )


def beside_lines(statements: Iterable[Statement], assets: Collection[str]) -> Iterator[Line]:
    """Interest in coins that are no hedged asset: what is owed may serve several."""
    for statement in statements:
        for flow in statement.flows:
            if flow.kind is FlowKind.INTEREST and flow.change.unit not in assets:
                is_dollar = flow.change.unit in _DOLLARS
                yield Line(
                    at=flow.at,
                    kind=flow.kind.value,
                    currency=flow.change.unit,
                    fee=ZERO,
                    amount=flow.change.value,
                    usd_each=ONE if is_dollar else None,
                    id=flow.flow_id,
                )


def _of_trade(trade: Trade, held: Lots, asset: str) -> Line:
    fifo, average = held.trade(trade.quantity, trade.price)
    is_inverse = trade.kind is Kind.INVERSE
    return Line(
        at=trade.at,
        kind=trade.why or "fill",
        currency=asset if is_inverse else trade.place[1].partition(":")[2].partition("-")[0],
        fee=trade.fee,
        amount=average,
        usd_each=trade.price if is_inverse else ONE,
        record=trade,
        fifo=fifo,
        average=average,
        id=trade.trade_id,
    )


@exact
def opened(records: AssetRecords) -> dict[Place, Lots]:
    """Positions from before the first fill, as lots at their entry."""
    found: dict[Place, Lots] = {}
    first = next((sample for sample in records.samples if sample.is_whole), None)
    for leg in () if first is None else first.legs:
        traded = (t for t in (*records.trades, *records.others) if t.place == leg.place)
        is_untouched = first is not None and all(t.seq > first.seq for t in traded)
        if is_untouched and leg.quantity and leg.entry is not None:
            found[leg.place] = Lots(leg.kind)
            found[leg.place].trade(leg.quantity, leg.entry)
    return found


def row(book: str, line: Line) -> list[str]:
    """A line in the order of `COLUMNS`; what is not known stays empty."""
    trade = line.record
    figures = (line.fee, line.amount, line.fifo, line.average, line.usd_each)
    dollars = (line.usd(line.fifo), line.usd(line.amount))
    unit = "" if trade is None else USD if trade.kind is Kind.INVERSE else _base(trade)
    return [
        line.at.isoformat(),
        book,
        *(trade.place if trade else ("", "")),
        line.kind,
        plain(trade.quantity) if trade else "",
        unit,
        plain(trade.price) if trade else "",
        line.currency,
        *("" if figure is None else plain(figure, _SHOWN) for figure in (*figures, *dollars)),
        line.id,
    ]


def _base(trade: Trade) -> str:
    return trade.place[1].partition("/")[0]
