"""From journal entries to the samples and trades of one asset's book."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from hedged.core.decimals import ZERO, exact
from hedged.core.events import Decided, Entry, Fill, Intended
from hedged.core.types import USD
from hedged.report.causes import Sample, Trade


@dataclass(slots=True)
class AssetRecords:
    """What the journal has of one asset of one book."""

    book: str
    asset: str
    samples: list[Sample] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    orders: int = 0
    left_out: int = 0  # fills of contracts that are not inverse


def asset_records(entries: Iterable[Entry]) -> dict[tuple[str, str], AssetRecords]:
    """By book and asset. A fill belongs to the asset of its order, or whose base its symbol has."""
    found: dict[tuple[str, str], AssetRecords] = {}
    owners: dict[str, tuple[str, str]] = {}
    fills: dict[str, Fill] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, Decided):
            key = (event.book, event.asset)
            records = found.setdefault(key, AssetRecords(*key))
            sample = _sample(entry, event)
            if sample is not None:
                records.samples.append(sample)
        elif isinstance(event, Intended):
            key = (event.order.book, event.order.asset)
            owners[event.client_id] = key
            found.setdefault(key, AssetRecords(*key)).orders += 1
        elif isinstance(event, Fill):
            fills.setdefault(event.trade, event)
    for fill in fills.values():
        by_base = (key for key in found if key[1] == fill.symbol.partition("/")[0])
        owner = owners.get(fill.client_id) or next(by_base, None)
        if owner is not None:
            _book(found[owner], fill)
    for records in found.values():
        records.samples.sort(key=lambda sample: sample.at)
        records.trades.sort(key=lambda trade: trade.at)
    return found


def _book(records: AssetRecords, fill: Fill) -> None:
    if fill.unit != USD:
        records.left_out += 1
        return
    fee = fill.fee.value if fill.fee is not None and fill.fee.unit == records.asset else ZERO
    records.trades.append(
        Trade(
            fill.traded_at,
            fill.quantity.value,
            fill.price,
            fee,
            fill.trade_id,
            fill.venue,
            fill.symbol,
        )
    )


@exact
def _sample(entry: Entry, seen: Decided) -> Sample | None:
    """The mark follows from net delta = E + q/F; a book without a position does not tell it."""
    if seen.equity is None or seen.net_delta is None or not seen.position_usd:
        return None
    hedge = seen.net_delta - seen.equity
    if not hedge:
        return None
    return Sample(
        at=entry.at,
        equity=seen.equity,
        q_usd=seen.position_usd,
        mark=seen.position_usd / hedge,
        drift_usd=seen.drift_usd or ZERO,
        band_usd=seen.band_usd or Decimal(0),
    )
