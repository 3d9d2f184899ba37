"""From journal entries to the samples and trades of each asset."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from hedged.core.access import Use
from hedged.core.decimals import ZERO, exact
from hedged.core.events import Decided, Entry, ExternalChange, Fill, Intended, Reconciled
from hedged.core.looks import LegLook
from hedged.core.types import USD, Kind
from hedged.report.history import funding_usd_per_day
from hedged.report.samples import UNNAMED, AssetRecords, Leg, Place, Sample, Trade

KINDS = (Decided.kind, Intended.kind, Fill.kind, ExternalChange.kind, Reconciled.kind)
Owner = tuple[str, str]  # book and asset


@dataclass(slots=True)
class Journalled:
    """What a journal has of a period, and no more of it than reports are made of."""

    assets: dict[Owner, AssetRecords] = field(default_factory=dict)
    uses: dict[str, Use] = field(default_factory=dict)  # of the API, by venue
    begun: datetime | None = None  # its first entry
    edge: datetime | None = None  # the newest look from before it; None: there is none


@dataclass(slots=True)
class _Read:
    found: dict[Owner, AssetRecords] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)  # by client id
    fills: dict[str, tuple[Entry, Fill | ExternalChange]] = field(default_factory=dict)  # by trade

    def of(self, owner: Owner) -> AssetRecords:
        return self.found.setdefault(owner, AssetRecords(*owner))


@exact
def journalled(entries: Iterable[Entry]) -> Journalled:
    """By book and asset. A fill belongs to the asset of its order, or that has its contract."""
    read = _Read()
    found = Journalled(read.found)
    for entry in entries:
        found.begun = found.begun or entry.at
        event = entry.event
        if isinstance(event, Decided):
            records = read.of((event.book, event.asset))
            sample = _sample(entry, event)
            if sample is not None:
                records.samples.append(sample)
        elif isinstance(event, Intended):
            owner = (event.order.book, event.order.asset)
            read.owners[event.client_id] = owner
            read.of(owner).orders.append(entry.seq)
        elif isinstance(event, Fill | ExternalChange) and event.trade is not None:
            read.fills.setdefault(event.trade, (entry, event))
        elif isinstance(event, Reconciled):
            used = found.uses.get(event.venue, Use())
            more = Use(used.requests + event.requests, used.weight + event.weight)
            found.uses[event.venue] = more
    for entry, fill in read.fills.values():
        own = None if isinstance(fill, ExternalChange) else read.owners.get(fill.client_id)
        known = own or next(_owners(read.found, fill), None)
        if known is not None:
            _book(read.found[known], entry, fill)
    for records in read.found.values():
        _name(records)
        records.trades.sort(key=lambda trade: trade.seq)
    return found


def begin(known: Journalled, before: Journalled) -> None:
    """Begin each asset with its newest look of before, and with what came after that look.

    So a step belongs to the period in which it ends, and periods sum to what spans them.
    """
    for owner, records in known.assets.items():
        earlier = before.assets.get(owner)
        if not records.samples or earlier is None or not earlier.samples:
            continue
        start = earlier.samples[-1]
        records.samples.insert(0, start)
        made = (*earlier.trades, *earlier.unshown)
        records.trades += (trade for trade in made if trade.seq > start.seq)
        records.others[:0] = (t for t in earlier.others if t.seq > start.seq)
        records.orders[:0] = (seq for seq in earlier.orders if seq > start.seq)
        _name(records)
        known.begun = min(known.begun or start.at, start.at)
        known.edge = max(known.edge or start.at, start.at)


def _owners(found: dict[Owner, AssetRecords], fill: Fill | ExternalChange) -> Iterator[Owner]:
    """Whose the contract is, and else whose coin is its base."""
    yield from (o for o, r in found.items() if (fill.venue, fill.symbol) in r.places)
    yield from (owner for owner in found if owner[1] == fill.symbol.partition("/")[0])


def _book(records: AssetRecords, entry: Entry, fill: Fill | ExternalChange) -> None:
    """As a trade, of ours or of others; what has no price was written by an older version."""
    if fill.traded_at is None or fill.trade_id is None or fill.price is None:
        return
    is_own = isinstance(fill, Fill)
    settle = fill.symbol.partition(":")[2].partition("-")[0]
    fee = ZERO
    if fill.fee is not None and fill.fee.unit == settle:
        fee = fill.fee.value
    elif fill.fee is not None and fill.fee.value and is_own:
        records.other_fees += 1
    trade = Trade(
        at=fill.traded_at,
        place=(fill.venue, fill.symbol),
        kind=Kind.INVERSE if fill.quantity.unit == USD else Kind.LINEAR,
        quantity=fill.quantity.value,
        price=fill.price,
        fee=fee,
        trade_id=fill.trade_id,
        seq=entry.seq,
        why="" if is_own else fill.cause.value,
    )
    (records.trades if is_own else records.others).append(trade)


def _name(records: AssetRecords) -> None:
    """Give the contract of an old journal its name, and leave out fills of unknown contracts."""
    inverse = {t.place for t in records.trades if t.kind is Kind.INVERSE}
    named = {place for place in records.places if place != UNNAMED}
    name = next(iter(sorted(inverse | named)), UNNAMED)
    if UNNAMED in records.places:
        records.samples = [
            replace(
                sample,
                legs=tuple(
                    replace(leg, place=name) if leg.place == UNNAMED else leg for leg in sample.legs
                ),
            )
            for sample in records.samples
        ]
    if records.samples:
        known = records.places
        trades = sorted((*records.trades, *records.unshown), key=lambda trade: trade.seq)
        records.trades = [trade for trade in trades if trade.place in known]
        records.unshown = [trade for trade in trades if trade.place not in known]


@exact
def _sample(entry: Entry, seen: Decided) -> Sample | None:
    if seen.equity is None or seen.net_delta is None or seen.drift_usd is None:
        return None
    if seen.look is None:
        return _old_sample(entry, seen, seen.equity, seen.net_delta)
    return Sample(
        at=entry.at,
        equity=seen.equity,
        index=seen.look.index,
        mark=seen.look.price,
        drift_usd=seen.drift_usd,
        band_usd=seen.band_usd or ZERO,
        legs=tuple(map(_leg, seen.look.legs)),
        seq=entry.seq,
        outside=seen.look.outside,
        is_whole=True,
        carry_per_year=seen.look.carry_per_year,
        funding_usd_per_day=funding_usd_per_day(seen.look),
        watched=seen.watched,
    )


def _leg(seen: LegLook) -> Leg:
    place: Place = (seen.venue, seen.symbol)
    return Leg(place, seen.kind, seen.quantity, seen.mark, seen.index, seen.entry, seen.settle)


def _old_sample(entry: Entry, seen: Decided, equity: Decimal, net: Decimal) -> Sample | None:
    """The mark follows from net delta = E + q/F; a book without a position does not tell it."""
    if not seen.position_usd or net == equity:
        return None
    mark = seen.position_usd / (net - equity)
    return Sample(
        at=entry.at,
        equity=equity,
        index=mark,
        mark=mark,
        drift_usd=seen.drift_usd or ZERO,
        band_usd=seen.band_usd or ZERO,
        legs=(Leg(UNNAMED, Kind.INVERSE, seen.position_usd, mark),),
        seq=entry.seq,
    )
