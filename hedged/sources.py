"""Spot sources beside the venues: coins that no API sees; and the owner's addresses on chains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hedged.config import HedgeSettings, StaticSource
from hedged.config.policies import account_names, hedge_policy
from hedged.core.decimals import ZERO
from hedged.core.types import Amount, HedgePolicy, Holding
from hedged.ports import SpotSource


@dataclass(frozen=True, slots=True)
class Place:
    """What an address of the owner's belongs to."""

    source: str  # as hedges call it
    as_of: datetime | None = None  # what was sent there up to then is in the source's figure


class StatedSource:
    """Coins that the owner states in the configuration, such as a cold wallet."""

    def __init__(
        self,
        name: str,
        coin: str,
        quantity: Decimal,
        addresses: Iterable[str] = (),
        as_of: datetime | None = None,
    ) -> None:
        self.name = name
        self.places = dict.fromkeys(map(address_key, addresses), Place(name, as_of))
        self._held = Holding(name, Amount(quantity, coin), ZERO)

    async def holdings(self) -> tuple[Holding, ...]:
        """The stated coins: always fresh, because they are what the owner says."""
        return (self._held,)


def address_key(address: str) -> str:
    """An address as it is compared: some chains take any mix of upper and lower case."""
    return address.casefold()


def places(sources: Iterable[object], venues: Mapping[str, Iterable[str]]) -> Mapping[str, Place]:
    """The owner's addresses: those of static sources, and those of venues by their names."""
    found = {address_key(a): Place(name) for name, listed in venues.items() for a in listed}
    for source in sources:
        if isinstance(source, StatedSource):
            found |= source.places
    return found


def policy_of(
    hedge: HedgeSettings, max_age_s: Decimal, sources: dict[str, SpotSource]
) -> HedgePolicy:
    """The core's view of a hedge; its static holdings become sources on the way."""
    spot: list[str] = []
    for source in hedge.spot:
        if isinstance(source, StaticSource):
            held = StatedSource(
                _fresh_name(source.label, hedge.asset, sources),
                hedge.asset,
                source.static,
                source.addresses,
                source.as_of,
            )
            sources[held.name] = held
            spot.append(held.name)
        else:
            spot.extend(account_names(source))
    return hedge_policy(hedge, tuple(spot), max_age_s)


def _fresh_name(label: str, asset: str, taken: Mapping[str, SpotSource]) -> str:
    """Names of sources are unique in a book: "cold wallet (BTC)", "cold wallet (BTC) 2"."""
    name = f"{label} ({asset})"
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(n for n in numbered if n not in taken)
