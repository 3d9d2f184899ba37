"""A snapshot, indexed once per decision, so that no asset has to search it.

Positions are found by instrument and by the coin that they move with, balances by account and
coin, and so on. Reading is all that a `World` is for: nothing in it changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from hedged.core.per_object import per_object
from hedged.core.types import (
    AssetMemory,
    CoinBalance,
    Cross,
    FundingStamp,
    HedgePolicy,
    Holding,
    InFlight,
    MarginAccount,
    Missing,
    PaperFill,
    Placed,
    Position,
    Quote,
    Rate,
    Snapshot,
    Transfer,
)
from hedged.core.value import quick

Key = tuple[str, str]  # venue or source, and symbol or coin
K = TypeVar("K")
T = TypeVar("T")


@quick
@dataclass(frozen=True, slots=True)
class World:
    """One snapshot by its keys."""

    snapshot: Snapshot
    policies: Mapping[str, HedgePolicy]  # by asset
    venues: Mapping[str, tuple[str, ...]]  # of its legs, by asset
    carried: Mapping[str, tuple[tuple[HedgePolicy, Cross], ...]]  # by the asset that carries
    accounts: Mapping[str, MarginAccount]
    balances: Mapping[Key, CoinBalance]
    quotes: Mapping[Key, Quote]
    positions: Mapping[Key, tuple[Position, ...]]
    moving: Mapping[Key, tuple[Position, ...]]  # by venue and coin, base or settling
    holdings: Mapping[Key, tuple[Holding, ...]]
    sources: frozenset[str]  # that were read
    missing: Mapping[str, tuple[Missing, ...]]
    in_flight: Mapping[Key, InFlight]
    paper: Mapping[Key, tuple[PaperFill, ...]]
    rates: Mapping[Key, Rate]
    transfers: Mapping[str, tuple[Transfer, ...]]  # by coin, on their way
    memories: Mapping[str, AssetMemory]  # what earlier cycles left behind; nothing at first
    placed: Mapping[str, tuple[Placed, ...]]  # by asset
    stamps: Mapping[Key, tuple[FundingStamp, ...]]

    def mark(self, position: Position) -> Decimal | None:
        """The mark of a position: quoted, else as its venue reports it."""
        quote = self.quotes.get((position.instrument.venue, position.instrument.symbol))
        return position.mark if quote is None else quote.mark


def world_of(snapshot: Snapshot) -> World:
    """Index a snapshot."""
    memory = snapshot.memory
    positions = [(account.venue, p) for account in snapshot.accounts for p in account.positions]
    return World(
        snapshot=snapshot,
        policies={policy.asset: policy for policy in snapshot.hedges},
        venues={policy.asset: policy.venues for policy in snapshot.hedges},
        carried=_grouped(
            (p.cross.asset, (p, p.cross)) for p in snapshot.hedges if p.cross is not None
        ),
        accounts={account.venue: account for account in snapshot.accounts},
        balances={
            (account.venue, balance.wallet.unit): balance
            for account in snapshot.accounts
            for balance in account.balances
        },
        quotes={(q.instrument.venue, q.instrument.symbol): q for q in snapshot.quotes},
        positions=_grouped(((venue, p.instrument.symbol), p) for venue, p in positions),
        moving=_grouped(
            ((venue, coin), p)
            for venue, p in positions
            for coin in {p.instrument.base, p.instrument.settle}
        ),
        holdings=_grouped(((h.source, h.quantity.unit), h) for h in snapshot.holdings),
        sources=frozenset(h.source for h in snapshot.holdings)
        | {account.venue for account in snapshot.accounts},
        missing=_grouped((gap.source, gap) for gap in snapshot.missing) if snapshot.missing else {},
        in_flight={(order.venue, order.symbol): order for order in snapshot.in_flight},
        paper=_grouped(((f.instrument.venue, f.instrument.symbol), f) for f in snapshot.paper)
        if snapshot.paper
        else {},
        rates={(rate.coin, rate.into): rate for rate in snapshot.rates},
        transfers=_grouped((t.quantity.unit, t) for t in under_way(snapshot)),
        memories={policy.asset: _blank(policy.asset) for policy in snapshot.hedges}
        | {known.asset: known for known in memory.assets},
        placed=_grouped((order.asset, order) for order in memory.placed),
        stamps=by_instrument(memory.stamps),
    )


@lru_cache
def _blank(asset: str) -> AssetMemory:
    """Nothing is remembered."""
    return AssetMemory(asset)


def under_way(snapshot: Snapshot) -> tuple[Transfer, ...]:
    """Transfers that have not arrived: a list that forgets one does not make it arrive."""
    known = {transfer.transfer_id: transfer for transfer in snapshot.memory.transfers}
    known |= {transfer.transfer_id: transfer for transfer in snapshot.transfers}
    return tuple(transfer for transfer in known.values() if not transfer.arrived)


@per_object
def by_instrument(stamps: tuple[FundingStamp, ...]) -> Mapping[Key, tuple[FundingStamp, ...]]:
    """The stamps of each instrument, in their order."""
    return _grouped(((stamp.venue, stamp.symbol), stamp) for stamp in stamps)


def _grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, tuple[T, ...]]:
    found: defaultdict[K, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
