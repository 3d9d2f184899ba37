"""Reads everything that one decision needs, at once, and says what could not be read.

All reads of a cycle start together, once every venue is open, and every value is as old as that
start. A read that fails becomes a `Missing`, never a zero. A balance or a hedge that was there and
is suddenly gone is not believed until the next read agrees: an empty reply looks like a flat
account. The core doubts jumps, too, but of an asset as a whole: what one of several accounts held,
or a small hedge of a large book, could vanish below its limit.

Coins that were sent over a chain to another venue are there when that venue says so. Its list of
what was credited is read before its balance: what the list has is in the balance.

The depth of an order book matters to an order only: it is read when one is about to be made.
"""

from collections.abc import Awaitable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from hedged.core.decimals import ZERO
from hedged.core.preflight import MAX_SKEW_S
from hedged.core.types import (
    Depth,
    HedgePolicy,
    Holding,
    Maintenance,
    MarginAccount,
    Missing,
    Quote,
    Rate,
    Reason,
    Transfer,
)
from hedged.engine.accounts import LOOK_BACK, Accounts, Look
from hedged.engine.rates import Rates
from hedged.engine.reading import read_or_missing
from hedged.engine.statement import Statement
from hedged.engine.together import Waits, together
from hedged.ports import Clock, SpotSource, Venue
from hedged.sources import Place

_Read = Look | Quote | tuple[Holding, ...] | tuple[Rate, ...] | Missing
Aged = TypeVar("Aged", MarginAccount, Holding, Quote, Rate)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one cycle read, and what it could not read."""

    accounts: tuple[MarginAccount, ...]
    holdings: tuple[Holding, ...]
    quotes: tuple[Quote, ...]
    missing: tuple[Missing, ...]
    transfers: tuple[Transfer, ...] = ()
    rates: tuple[Rate, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()

    @property
    def age_s(self) -> Decimal | None:
        """Age of the oldest value; None where nothing could be read."""
        ages = [account.age_s for account in self.accounts]
        ages += [holding.age_s for holding in self.holdings]
        ages += [quote.age_s for quote in self.quotes]
        return max(ages, default=None)


class Observer:
    """Reads the venues and sources of one book."""

    def __init__(
        self,
        hedges: Sequence[HedgePolicy],
        venues: Mapping[str, Venue],
        sources: Mapping[str, SpotSource],
        clock: Clock,
        places: Mapping[str, Place] = MappingProxyType({}),
        *,
        waits: Waits = together,
    ) -> None:
        """`places` are the owner's, by their addresses on chains."""
        listed = dict.fromkeys(name for h in hedges for name in (*h.venues, *h.spot))
        beside = [name for name in listed if name not in sources]
        at = dict.fromkeys(name.partition(":")[0] for name in beside)
        self._venues = [venues[name] for name in at if name in venues]
        self._sources = [sources[name] for name in listed if name in sources]
        self._hedges = tuple(hedges)
        self._venue_of = venues
        self._clock = clock
        self._waits = waits
        max_age_s = min((hedge.max_age_s for hedge in hedges), default=Decimal(0))
        transit_s = max((hedge.limits.transit_s for hedge in hedges), default=Decimal(0))
        self._look_back = max(LOOK_BACK, timedelta(seconds=float(transit_s)))
        self._coins_of = {venue.name: self._coins_at(venue.name) for venue in self._venues}
        self._accounts = {
            venue.name: Accounts(
                venue,
                [name.removeprefix(f"{venue.name}:") for name in beside if _is_at(name, venue)],
                self._coins_of[venue.name],
                max_age_s,
                clock,
                places,
                self._look_back,
            )
            for venue in self._venues
        }
        self._statements = {
            venue.name: Statement(venue, self._coins_of[venue.name], clock)
            for venue in self._venues
        }
        self._rates = Rates(hedges, venues)
        self._addressed = {place.source for place in places.values()}
        self._awaited = self._venues_at(self._addressed)
        self._credited: set[tuple[str, str]] = set()  # venue and transaction
        self._opened: set[str] = set()
        self._seen: dict[str, set[tuple[str, str]]] = {}
        self._symbols = {leg.symbol for hedge in hedges for leg in hedge.legs}

    async def observe(self) -> Observation:
        """One concurrent read of everything; never raises for what a venue does."""
        missing = await self._open_all()
        if self._awaited:
            read_credited = await together(map(self._read_credited, self._awaited))
            missing += [gap for gap in read_credited if gap]
        started_s = self._clock.monotonic()
        usable = [venue for venue in self._venues if venue.name in self._opened]
        looks: list[Look] = []
        quotes: list[Quote] = []
        held: list[Holding] = []
        rates: list[Rate] = []
        for value in await self._waits(self._reads(usable)):
            match value:
                case Missing():
                    missing.append(value)
                case Look():
                    looks.append(value)
                case Quote():
                    quotes.append(value)
                case _:
                    for each in value:
                        if isinstance(each, Holding):
                            held.append(each)
                        else:
                            rates.append(each)
        missing += [gap for look in looks for gap in look.missing]
        read = [look.account for look in looks]
        missing += [gap for account in read if (gap := self._vanished(account))]
        missing += [gap for gap in await together(map(self._belied, read)) if gap]
        missing += [gap for venue in usable if (gap := _skewed(venue))]
        held += [holding for look in looks for holding in look.holdings]
        since_s = self._since_s(started_s)
        return Observation(
            accounts=_aged(read, since_s),
            holdings=_aged(held, since_s),
            quotes=_aged(quotes, since_s),
            missing=tuple(missing),
            transfers=self._under_way(looks),
            maintenance=tuple([window for venue in usable for window in venue.maintenance]),
            rates=_aged(rates, since_s),
        )

    def _under_way(self, looks: Iterable[Look]) -> tuple[Transfer, ...]:
        """Transfers as told; where one is expected, what was credited is asked for from now on."""
        told = tuple([self._ended(transfer) for look in looks for transfer in look.transfers])
        coming = {transfer.destination for transfer in told if not transfer.arrived}
        self._awaited = self._venues_at(coming & self._addressed)
        return told

    def _reads(self, usable: Iterable[Venue]) -> Iterator[Awaitable[_Read]]:
        """Everything that a cycle reads: accounts, sources, rates and quotes."""
        for venue in usable:
            look = self._accounts[venue.name].read(anew=venue.name in self._awaited)
            yield read_or_missing(venue.name, "account", look)
        for source in self._sources:
            yield read_or_missing(source.name, "holdings", source.holdings())
        if self._rates.needed:
            yield self._rates.read(self._opened)
        for hedge in self._hedges:
            for leg in hedge.legs:
                if leg.venue in self._opened:
                    quote = self._venue_of[leg.venue].quote(leg.symbol)
                    yield read_or_missing(
                        leg.venue, f"quote {leg.symbol}", quote, symbol=leg.symbol
                    )

    async def deepened(self, seen: Observation, legs: Collection[tuple[str, str]]) -> Observation:
        """The same with the depth of these instruments' books: of those that are to be traded.

        Everything has grown older by this further read. A depth that cannot be read is missing.
        """
        started_s = self._clock.monotonic()
        read = await together(
            read_or_missing(
                venue, f"depth {symbol}", self._venue_of[venue].depth(symbol), symbol=symbol
            )
            for venue, symbol in legs
        )
        depths = {
            leg: depth for leg, depth in zip(legs, read, strict=True) if isinstance(depth, Depth)
        }
        later_s = self._since_s(started_s)
        return Observation(
            accounts=_later(seen.accounts, later_s),
            holdings=_later(seen.holdings, later_s),
            quotes=tuple(
                quote
                if (depth := depths.get((quote.instrument.venue, quote.instrument.symbol))) is None
                else replace(quote, bids=depth.bids, asks=depth.asks)
                for quote in _later(seen.quotes, later_s)
            ),
            missing=(*seen.missing, *(gap for gap in read if isinstance(gap, Missing))),
            transfers=seen.transfers,
            maintenance=seen.maintenance,
            rates=_later(seen.rates, later_s),
        )

    async def _read_credited(self, name: str) -> Missing | None:
        """What has come to a venue that coins are on their way to."""
        if name not in self._opened:
            return None  # which is missing already
        since = self._clock.now() - self._look_back
        credited = await read_or_missing(name, "deposits", self._venue_of[name].credited(since))
        if isinstance(credited, Missing):
            return credited
        self._credited |= {(name, tx_id) for tx_id in credited}
        return None

    def _venues_at(self, places: Iterable[str]) -> set[str]:
        """The venues that these places are at."""
        return set(map(_named_in, places)).intersection(self._accounts)

    def _ended(self, transfer: Transfer) -> Transfer:
        if (_named_in(transfer.destination), transfer.tx_id) in self._credited:
            return replace(transfer, arrived=True)
        return transfer

    async def open(self) -> tuple[str, ...]:
        """Open what is not open yet; the names of the venues that are."""
        await self._open_all()
        return tuple(sorted(self._opened))

    async def _open_all(self) -> list[Missing]:
        if len(self._opened) == len(self._venues):
            return []
        return [gap for gap in await together(map(self._open, self._venues)) if gap]

    async def _open(self, venue: Venue) -> Missing | None:
        """Open a venue that is not open yet; a daemon outlives an exchange that is down."""
        if venue.name in self._opened:
            return None
        opened = await read_or_missing(venue.name, "markets", venue.open())
        if isinstance(opened, Missing):
            return opened
        self._opened.add(venue.name)
        return None

    def _since_s(self, started_s: float) -> Decimal:
        taken_s = self._clock.monotonic() - started_s
        return Decimal(str(round(taken_s, 6))) if taken_s else ZERO

    def _coins_at(self, venue: str) -> list[str]:
        """The coins that hedges have there, in whichever account."""
        return [
            coin
            for hedge in self._hedges
            if venue in {name.partition(":")[0] for name in (*hedge.venues, *hedge.spot)}
            for coin in (hedge.asset, *(alias.coin for alias in hedge.aliases))
        ]

    async def _belied(self, account: MarginAccount) -> Missing | None:
        return await self._statements[account.venue].objection(account)

    def _vanished(self, account: MarginAccount) -> Missing | None:
        """What the last read showed of the book's coins and hedges, and this one does not."""
        coins = self._coins_of[account.venue]
        here = {("balance", b.wallet.unit) for b in account.balances if b.wallet.value}
        here = {owned for owned in here if owned[1] in coins}
        for position in account.positions:
            if position.quantity.value and position.instrument.symbol in self._symbols:
                here.add(("position", position.instrument.symbol))
        gone = self._seen.get(account.venue, here) - here
        self._seen[account.venue] = here
        if not gone:
            return None
        what = ", ".join(sorted(f"{name} {kind}" for kind, name in gone))
        return Missing(
            account.venue,
            "account",
            f"{what} vanished since the last read; believed when the next read agrees",
            Reason.SANITY_JUMP,
        )


def _named_in(place: str) -> str:
    """The venue that a place is at, if it is at any."""
    return place.partition(":")[0]


def _is_at(source: str, venue: Venue) -> bool:
    """Whether a source is another account of the venue's owner."""
    return source.startswith(f"{venue.name}:")


def _skewed(venue: Venue) -> Missing | None:
    """A clock too far from the venue's: its signatures and our ages cannot both be right."""
    skew_s = venue.skew_s
    if skew_s is None or abs(skew_s) <= MAX_SKEW_S:
        return None
    return Missing(
        venue.name,
        "clock",
        f"this machine's clock is {skew_s:+.3f} s from the venue's, limit {MAX_SKEW_S} s",
        Reason.CLOCK_SKEW,
    )


def _aged(values: Iterable[Aged], since_s: Decimal) -> tuple[Aged, ...]:
    if not since_s:
        return tuple(values)
    return tuple([v if v.age_s >= since_s else replace(v, age_s=since_s) for v in values])


def _later(values: Iterable[Aged], by_s: Decimal) -> tuple[Aged, ...]:
    return tuple(replace(value, age_s=value.age_s + by_s) for value in values)
