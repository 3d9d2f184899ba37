"""A snapshot, indexed once per decision, so that no asset has to search it.

Positions are found by instrument and by the coin that they move with, balances by account and
coin, and so on. Reading is all that a `World` is for: nothing in it changes.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from hedged.core.decimals import ZERO
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
    oldest_s: Decimal  # of all that was read
    carried: Mapping[str, tuple[tuple[HedgePolicy, Cross], ...]]  # by the asset that carries
    accounts: Mapping[str, MarginAccount]
    balances: Mapping[Key, CoinBalance]
    owing: bool  # whether a wallet is below zero
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
    return World(
        snapshot=snapshot,
        policies={policy.asset: policy for policy in snapshot.hedges},
        venues={policy.asset: policy.venues for policy in snapshot.hedges},
        oldest_s=max(
            [
                read.age_s
                for reads in (snapshot.accounts, snapshot.holdings, snapshot.quotes, snapshot.rates)
                for read in reads
            ],
            default=ZERO,
        ),
        carried=_grouped(
            [(p, p.cross) for p in snapshot.hedges if p.cross is not None],
            lambda carried: carried[1].asset,
        ),
        accounts={account.venue: account for account in snapshot.accounts},
        balances={
            (account.venue, balance.wallet.unit): balance
            for account in snapshot.accounts
            for balance in account.balances
        },
        owing=any(b.wallet.value < 0 for account in snapshot.accounts for b in account.balances),
        quotes={(q.instrument.venue, q.instrument.symbol): q for q in snapshot.quotes},
        positions=_positions(snapshot),
        moving=_moving(snapshot),
        holdings=_grouped(snapshot.holdings, lambda h: (h.source, h.quantity.unit)),
        sources=frozenset([h.source for h in snapshot.holdings])
        | {account.venue for account in snapshot.accounts},
        missing=_grouped(snapshot.missing, lambda gap: gap.source),
        in_flight={(order.venue, order.symbol): order for order in snapshot.in_flight},
        paper=_grouped(
            snapshot.paper or (), lambda fill: (fill.instrument.venue, fill.instrument.symbol)
        ),
        rates={(rate.coin, rate.into): rate for rate in snapshot.rates},
        transfers=_grouped(under_way(snapshot), lambda transfer: transfer.quantity.unit),
        memories={policy.asset: _blank(policy.asset) for policy in snapshot.hedges}
        | {known.asset: known for known in memory.assets},
        placed=_grouped(memory.placed, lambda order: order.asset),
        stamps=by_instrument(memory.stamps),
    )


@lru_cache
def _blank(asset: str) -> AssetMemory:
    """Nothing is remembered."""
    return AssetMemory(asset)


def under_way(snapshot: Snapshot) -> tuple[Transfer, ...]:
    """Transfers that have not arrived: a list that forgets one does not make it arrive."""
    if not snapshot.transfers and not snapshot.memory.transfers:
        return ()
    known = {transfer.transfer_id: transfer for transfer in snapshot.memory.transfers}
    known |= {transfer.transfer_id: transfer for transfer in snapshot.transfers}
    return tuple(transfer for transfer in known.values() if not transfer.arrived)


@per_object
def by_instrument(stamps: tuple[FundingStamp, ...]) -> Mapping[Key, tuple[FundingStamp, ...]]:
    """The stamps of each instrument, in their order."""
    return _grouped(stamps, lambda stamp: (stamp.venue, stamp.symbol))


def _positions(snapshot: Snapshot) -> dict[Key, tuple[Position, ...]]:
    """By venue and symbol."""
    found: dict[Key, tuple[Position, ...]] = {}
    for account in snapshot.accounts:
        for position in account.positions:
            key = (account.venue, position.instrument.symbol)
            found[key] = (*found.get(key, ()), position)
    return found


def _moving(snapshot: Snapshot) -> dict[Key, tuple[Position, ...]]:
    """By venue and each coin that they move with."""
    found: defaultdict[Key, list[Position]] = defaultdict(list)
    for account in snapshot.accounts:
        for position in account.positions:
            for coin in {position.instrument.base, position.instrument.settle}:
                found[account.venue, coin].append(position)
    return {key: tuple(positions) for key, positions in found.items()}


def _grouped(values: Sequence[T], key: Callable[[T], K]) -> dict[K, tuple[T, ...]]:
    if not values:
        return {}
    found: defaultdict[K, list[T]] = defaultdict(list)
    for value in values:
        found[key(value)].append(value)
    return {group: tuple(members) for group, members in found.items()}
