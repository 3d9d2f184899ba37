"""Where a book's dollars came from and went, from the journal and the venue's records.

From one sample of the book to the next, the fills that the journal booked and the flows that the
venue lists are played onto `core.attribution`. What the next sample shows beyond them is booked as
well, as what it is: rounding of the venue within one unit of its last digit per record, coins that
came or went elsewhere than in the accounts, what somebody else's trade cost, or something that
nothing explains. So the causes always sum to the change in value.

A record counts at the prices of the sample that it is nearer to: an order goes out right after a
sample, so its fill is measured against the mark that it was decided with. Quote (USDT, USDC)
counts as dollars. What linear contracts made is known twice, from the fills and from the venue's
own statement, and the difference is rounding, or unexplained, like that of the coins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import pairwise
from typing import Final

from hedged.core.attribution import (
    Book,
    Buckets,
    Contract,
    Event,
    Flowed,
    Funded,
    Marked,
    Traded,
    attribution,
)
from hedged.core.decimals import ZERO, exact
from hedged.core.types import Flow, FlowKind, Kind
from hedged.report.samples import Leg, Place, Sample, Trade
from hedged.report.statement import SLACK, Statement

# A statement without any of these lists payments only, and tells nothing of what was realised.
_OF_POSITIONS: Final = (
    FlowKind.TRADE,
    FlowKind.SETTLEMENT,
    FlowKind.LIQUIDATION,
    FlowKind.ADL,
)
LAST_DIGIT: Final = Decimal("1e-8")  # venues book coins and quote to eight decimals
LOST: Final = Decimal("0.01")  # of a transfer, at most, on its way


@dataclass(frozen=True, slots=True)
class Causes:
    """Dollars by cause; they sum to the change in value."""

    inventory: Decimal = ZERO  # what the coins alone would have made
    perp_index: Decimal = ZERO  # what the hedge took back of it, by the index
    basis: Decimal = ZERO  # what its marks did beside the index
    slippage: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    interest: Decimal = ZERO
    flows: Decimal = ZERO  # into and out of the accounts and by spot trades there, as listed
    transfers: Decimal = ZERO  # between own places: what was lost, or is still on its way
    outside: Decimal = ZERO  # coins that came or went elsewhere, of which no record is read
    external: Decimal = ZERO  # what trades of somebody else cost or made
    venue_rounding: Decimal = ZERO
    unexplained: Decimal = ZERO

    @property
    @exact
    def total(self) -> Decimal:
        """The change in value."""
        return sum((getattr(self, field.name) for field in fields(self)), ZERO)

    @property
    @exact
    def hedge(self) -> Decimal:
        """What there would not have been without the hedge."""
        prices = self.perp_index + self.basis
        return prices + self.slippage + self.fees + self.funding + self.external

    @classmethod
    @exact
    def summed(cls, parts: Iterable["Causes"]) -> "Causes":
        """All of them; of each most are nothing, and there are many."""
        sums: dict[str, Decimal] = {}
        for part in parts:
            for name in _NAMES:
                if usd := getattr(part, name):
                    sums[name] = sums[name] + usd if name in sums else usd
        return cls(**sums)


_NAMES: Final = tuple(field.name for field in fields(Causes))


@dataclass(frozen=True, slots=True)
class Step:
    """From one sample to the next."""

    start: Sample
    end: Sample
    causes: Causes
    quote: Decimal = ZERO  # what linear contracts paid or owe for it, in quote


@exact
def steps(
    samples: Sequence[Sample], trades: Sequence[Trade], statement: Statement
) -> tuple[Step, ...]:
    """What made each sample of the one before; all in time order, of one coin.

    A fill counts where the journal has it, as samples and fills
    are in one order there. A flow at about the time of a sample counts where it explains more,
    because the venue's clock is another one.
    """
    found: list[Step] = []
    trade_at, flow_at = 0, 0
    listed = statement.flows
    lists_profit = any(flow.symbol and flow.kind in _OF_POSITIONS for flow in listed)
    for start, end in pairwise(samples):
        while trade_at < len(trades) and trades[trade_at].seq <= start.seq:
            trade_at += 1
        first = trade_at
        while trade_at < len(trades) and trades[trade_at].seq <= end.seq:
            trade_at += 1
        while not found and flow_at < len(listed) and listed[flow_at].at <= start.at:
            flow_at += 1
        made = trades[first:trade_at]
        known = lists_profit and statement.covers(start.at, end.at)
        flow_at, step = min(
            (
                (
                    stop,
                    _between(start, end, made, listed[flow_at:stop], has_flows=known),
                )
                for stop in _stops(listed, flow_at, end)
            ),
            key=lambda tried: abs(tried[1].causes.unexplained),
        )
        found.append(step)
    return tuple(found)


def _stops(flows: Sequence[Flow], first: int, end: Sample) -> list[int]:
    """Where the flows of a step may end: by their times first, then by those of another clock."""
    usual = low = high = first
    while high < len(flows) and flows[high].at <= end.at + SLACK:
        high += 1
        usual = high if flows[high - 1].at <= end.at else usual
        low = high if flows[high - 1].at < end.at - SLACK else low
    return [usual, *(stop for stop in range(low, high + 1) if stop != usual)]


def _between(
    start: Sample, end: Sample, trades: Sequence[Trade], flows: Sequence[Flow], *, has_flows: bool
) -> Step:
    """What is nearer to the start counts at its prices, the rest at those of the end."""
    before, after = _legs(start, end, trades)
    places = {place: number for number, place in enumerate(before)}
    middle = start.at + (end.at - start.at) / 2
    records: list[tuple[Trade | Flow, Event]] = [
        (trade, Traded(trade.quantity, trade.price, trade.fee, places[trade.place]))
        for trade in trades
    ]
    is_external = _is_external(before, after, trades)
    own = _own_transfers(start, end, flows)
    for flow in flows:
        if flow in own:
            continue
        event = _event(flow, places, before, is_external=is_external)
        if event is not None:
            records.append((flow, event))
    early = [record for record in records if record[0].at <= middle]
    late = [record for record in records if record[0].at > middle]
    book, parts = _played(_book(start, before), early)
    marks = tuple(leg.mark for leg in after.values())
    book, moved = attribution(book, [Marked(end.index, marks)])
    parts.append(Causes(moved.inventory, moved.perp_index, moved.basis))
    book, more = _played(book, late)
    parts += more
    room = LAST_DIGIT * (2 * len(trades) + len(flows) + len(after))  # a fill: profit and fee
    gap = end.equity - book.equity
    parts += _coin_gap(start, end, gap, own, room, is_external=is_external)
    quote = book.quote
    if has_flows:
        quote = _quote_by_statement(before, after, flows)
        both = (*before.values(), *after.values())
        room += sum((leg.entry_rounding for leg in both if leg.kind is Kind.LINEAR), ZERO)
        parts.append(_gap(quote - book.quote, room, is_external=is_external))
    return Step(start, end, Causes.summed(parts), quote)


def _legs(
    start: Sample, end: Sample, trades: Iterable[Trade]
) -> tuple[dict[Place, Leg], dict[Place, Leg]]:
    """The contracts of both, by place and in one order; where one is not shown it is flat."""
    first = {leg.place: leg for leg in start.legs}
    last = {leg.place: leg for leg in end.legs}
    traded = {t.place: Leg(t.place, t.kind, ZERO, t.price) for t in trades}
    places = list(dict.fromkeys((*first, *last, *traded)))
    before = {p: first.get(p) or _flat(last.get(p) or traded[p]) for p in places}
    return before, {p: last.get(p) or _flat(before[p]) for p in places}


def _flat(leg: Leg) -> Leg:
    return Leg(leg.place, leg.kind, ZERO, leg.mark, leg.index)


def _book(start: Sample, legs: Mapping[Place, Leg]) -> Book:
    """Profit counts from here on: `paid` is what the positions are worth now."""
    contracts, coins = [], start.equity
    for leg in legs.values():
        if leg.kind is Kind.INVERSE:
            coins += leg.quantity / leg.mark
            contracts.append(Contract(leg.mark, leg.quantity))
        else:
            worth = leg.quantity * leg.mark
            contracts.append(Contract(leg.mark, leg.quantity, worth, Kind.LINEAR))
    return Book(coins, start.index, tuple(contracts))


def _is_external(
    before: Mapping[Place, Leg], after: Mapping[Place, Leg], trades: Iterable[Trade]
) -> bool:
    """Whether a position moved by more than our fills."""
    expected = {place: leg.quantity for place, leg in before.items()}
    for trade in trades:
        expected[trade.place] = expected.get(trade.place, ZERO) + trade.quantity
    return any(expected[place] != leg.quantity for place, leg in after.items())


def _event(
    flow: Flow, places: Mapping[Place, int], legs: Mapping[Place, Leg], *, is_external: bool
) -> Event | None:
    """What a flow does to the book; None: a fill tells it, or the profit of a position does."""
    place = next((p for p in places if p[1] == flow.symbol), None)
    if place is not None and flow.funding:
        return Funded(flow.funding, places[place])
    if place is not None and legs[place].kind is Kind.LINEAR:
        return None
    match flow.kind:
        case FlowKind.FUNDING:
            return Flowed(flow.funding)
        case FlowKind.INTEREST | FlowKind.TRANSFER | FlowKind.OTHER:
            return Flowed(flow.change.value)
        case FlowKind.TRADE if flow.is_spot or not (flow.symbol or is_external):
            return Flowed(flow.change.value)
        case _:
            return None


def _played(book: Book, records: Iterable[tuple[Trade | Flow, Event]]) -> tuple[Book, list[Causes]]:
    causes = []
    for record, event in records:
        book, buckets = attribution(book, [event])
        causes.append(_caused(record, buckets))
    return book, causes


def _caused(record: Trade | Flow, b: Buckets) -> Causes:
    if isinstance(record, Trade):
        return Causes(slippage=b.slippage, fees=b.fees)
    if record.funding:
        return Causes(funding=b.funding + b.flows)
    if record.kind is FlowKind.INTEREST:
        return Causes(interest=b.flows)
    return Causes(flows=b.flows)


def _own_transfers(start: Sample, end: Sample, flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """Flows that are the other side of what the coins elsewhere show: all of them, or one."""
    moved = tuple(flow for flow in flows if flow.kind is FlowKind.TRANSFER)
    if not moved or start.outside is None or end.outside is None:
        return ()
    beside = end.outside - start.outside
    for some in (moved, *((flow,) for flow in moved)):
        listed = sum((flow.change.value for flow in some), ZERO)
        if listed and abs(listed + beside) <= LOST * abs(beside):
            return some
    return ()


def _coin_gap(
    start: Sample,
    end: Sample,
    gap: Decimal,
    own: Iterable[Flow],
    room: Decimal,
    *,
    is_external: bool,
) -> tuple[Causes, ...]:
    """What the coins show beyond the records: elsewhere, between own places, or in the accounts."""
    room *= end.index
    if start.outside is None or end.outside is None:
        return (_gap(gap * end.index, room, is_external=is_external),)
    beside, moved = end.outside - start.outside, sum((flow.change.value for flow in own), ZERO)
    within = _gap((gap - beside - moved) * end.index, room, is_external=is_external)
    usd = (beside + moved) * end.index
    return within, Causes(transfers=usd) if own else Causes(outside=usd)


def _gap(usd: Decimal, room: Decimal, *, is_external: bool) -> Causes:
    if abs(usd) <= room:
        return Causes(venue_rounding=usd)
    return Causes(external=usd) if is_external else Causes(unexplained=usd)


def _quote_by_statement(
    before: Mapping[Place, Leg], after: Mapping[Place, Leg], flows: Iterable[Flow]
) -> Decimal:
    """What linear contracts made, realised as the venue lists it and unrealised as it shows it."""
    linear = {place[1] for place, leg in before.items() if leg.kind is Kind.LINEAR}
    realised = sum((flow.change.value for flow in flows if flow.symbol in linear), ZERO)
    open_now = sum((leg.quote_profit for leg in after.values()), ZERO)
    return realised + open_now - sum((leg.quote_profit for leg in before.values()), ZERO)
