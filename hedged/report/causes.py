"""Where a book's dollars came from and went, from the journal and the venue's records.

The journal has the book at every hour and every order (equity, position, net delta) and its fills;
the venue has funding, interest and transfers. From one sample of the book to the next they are
played onto `core.attribution`; what the next sample shows beyond them is booked as well, as what it
is: rounding of the venue within one unit of its last digit per record, coins that came or went
beside the account, or a change of the position that no fill explains. So the causes always sum to
the change in value.

The journal has no index: prices are the mark of the perpetual, so the basis is part of `perp`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from hedged.core.attribution import (
    Book,
    Buckets,
    Event,
    Flowed,
    Funded,
    Marked,
    Traded,
    attribution,
)
from hedged.core.decimals import ZERO, exact
from hedged.core.types import Flow, FlowKind

LAST_DIGIT: Final = Decimal("1e-8")  # venues book coins to eight decimals


@dataclass(frozen=True, slots=True)
class Sample:
    """The book as the daemon saw it; E in coins, q and drift in signed USD, F in USD per coin."""

    at: datetime
    equity: Decimal
    q_usd: Decimal
    mark: Decimal
    drift_usd: Decimal
    band_usd: Decimal

    @property
    @exact
    def value(self) -> Decimal:
        """USD."""
        return self.equity * self.mark

    @property
    @exact
    def net_delta(self) -> Decimal:
        """E + q/F, coins."""
        return self.equity + self.q_usd / self.mark


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill: signed USD, its price, and the fee in coins (paid > 0)."""

    at: datetime
    q_usd: Decimal
    price: Decimal
    fee_coins: Decimal
    trade_id: str = ""
    venue: str = ""
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Causes:
    """Dollars by cause; they sum to the change in value."""

    inventory: Decimal = ZERO  # what the coins alone would have made
    perp: Decimal = ZERO  # what the hedge took back of it, with the basis
    slippage: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    interest: Decimal = ZERO
    transfers: Decimal = ZERO  # into and out of the account, as the venue lists them
    venue_rounding: Decimal = ZERO
    beside: Decimal = ZERO  # coins that came or went without a record: cold wallets, spot trades
    external: Decimal = ZERO  # positions changed by somebody else: the mark is all that is known

    @property
    @exact
    def total(self) -> Decimal:
        """The change in value."""
        return sum((getattr(self, field.name) for field in fields(self)), ZERO)

    @exact
    def __add__(self, other: "Causes") -> "Causes":
        return Causes(
            *(getattr(self, field.name) + getattr(other, field.name) for field in fields(self))
        )


@dataclass(frozen=True, slots=True)
class Step:
    """From one sample to the next."""

    start: Sample
    end: Sample
    causes: Causes


@exact
def steps(
    samples: Sequence[Sample], trades: Iterable[Trade], flows: Iterable[Flow]
) -> tuple[Step, ...]:
    """What made each sample of the one before; all in time order, of one coin.

    A flow at the very moment of a sample counts as seen by it; a fill does not, as samples are
    taken right before an order.
    """
    records = in_order(trades, flows)
    found, place = [], 0
    for start, end in pairwise(samples):
        while place < len(records) and _is_seen(records[place], start):
            place += 1
        first = place
        while place < len(records) and _is_seen(records[place], end):
            place += 1
        found.append(Step(start, end, _between(start, end, records[first:place])))
    return tuple(found)


def in_order(trades: Iterable[Trade], flows: Iterable[Flow]) -> list[Trade | Flow]:
    """Records by their time, flows before fills."""
    records: list[Trade | Flow] = [*flows, *trades]
    return sorted(records, key=lambda record: record.at)


def _is_seen(record: Trade | Flow, sample: Sample) -> bool:
    return record.at < sample.at or (record.at == sample.at and not isinstance(record, Trade))


def _between(start: Sample, end: Sample, records: Sequence[Trade | Flow]) -> Causes:
    """Records are booked at the prices of the end: no price between the samples is known."""
    book = Book(start.equity + start.q_usd / start.mark, start.mark, start.mark, start.q_usd)
    book, prices = attribution(book, [Marked(end.mark, end.mark)])
    causes = Causes(inventory=prices.inventory, perp=prices.perp_index + prices.basis)
    for record in records:
        event = _event(record)
        if event is not None:
            book, buckets = attribution(book, [event])
            causes += _caused(record, buckets)
    if end.q_usd != book.q_usd:
        changed = Traded(end.q_usd - book.q_usd, end.mark, ZERO)
        book, buckets = attribution(book, [changed])
        causes += Causes(external=buckets.total)
    gap = end.equity - book.equity
    usd = gap * end.mark
    if abs(gap) <= LAST_DIGIT * (len(records) + 1):
        return causes + Causes(venue_rounding=usd)
    return causes + Causes(beside=usd)


def _event(record: Trade | Flow) -> Event | None:
    if isinstance(record, Trade):
        return Traded(record.q_usd, record.price, record.fee_coins)
    if record.kind is FlowKind.FUNDING:
        return Funded(record.funding)
    if record.kind in (FlowKind.INTEREST, FlowKind.TRANSFER, FlowKind.OTHER):
        return Flowed(record.change.value)
    return None  # of a trade: the fill tells it


def _caused(record: Trade | Flow, b: Buckets) -> Causes:
    if isinstance(record, Trade):
        return Causes(slippage=b.slippage, fees=b.fees)
    if record.kind is FlowKind.FUNDING:
        return Causes(funding=b.funding)
    if record.kind is FlowKind.INTEREST:
        return Causes(interest=b.flows)
    return Causes(transfers=b.flows)
