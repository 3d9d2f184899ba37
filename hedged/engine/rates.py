"""What coins are worth in each other: wrapped and staked ones, and assets without a contract.

A rate that the owner has not fixed is observed: the coin's price over the asset's, both by the
spot markets of the first venue where the asset's coins are. What cannot be read is left out, and
the core says that it is not known.
"""

from collections.abc import Collection, Mapping, Sequence

import structlog

from hedged.core.decimals import exact
from hedged.core.types import USD, HedgePolicy, Missing, Rate
from hedged.engine.reading import read_or_missing
from hedged.engine.together import together
from hedged.ports import Venue

_log = structlog.get_logger("hedged.observer")


class Rates:
    """Reads the rates that some hedges need."""

    def __init__(self, hedges: Sequence[HedgePolicy], venues: Mapping[str, Venue]) -> None:
        self._venues = venues
        self._needs = [(hedge, need) for hedge in hedges if (need := _observed(hedge))]

    @property
    def needed(self) -> bool:
        """Whether any hedge needs one."""
        return bool(self._needs)

    async def read(self, opened: Collection[str]) -> tuple[Rate, ...]:
        """All that could be read at the venues that are open."""
        found = await together(self._rates(*need, opened) for need in self._needs)
        return tuple(rate for rates in found for rate in rates)

    async def _rates(
        self, hedge: HedgePolicy, coins: Sequence[str], opened: Collection[str]
    ) -> tuple[Rate, ...]:
        places = (name.partition(":")[0] for name in (*hedge.venues, *hedge.spot))
        venue = next((self._venues[name] for name in places if name in opened), None)
        if venue is None:
            return ()
        prices = await read_or_missing(venue.name, "prices", venue.prices(coins))
        if isinstance(prices, Missing):
            _log.warning("rates.unknown", asset=hedge.asset, why=prices.detail)
            return ()
        by_coin = {rate.coin: rate for rate in prices}
        aliases = [a.coin for a in hedge.aliases if a.rate is None]
        own = [by_coin[hedge.asset]] if hedge.cross is not None else []
        return (*own, *(_in_asset(by_coin[a], by_coin[hedge.asset]) for a in aliases))


def _observed(hedge: HedgePolicy) -> tuple[str, ...]:
    """The coins whose prices a hedge needs."""
    aliases = [alias.coin for alias in hedge.aliases if alias.rate is None]
    return (hedge.asset, *aliases) if aliases or hedge.cross is not None else ()


@exact
def _in_asset(coin: Rate, asset: Rate) -> Rate:
    """The rate of a coin in an asset, from what both are worth in USD."""
    assert coin.into == asset.into == USD  # noqa: S101 - what `Venue.prices` promises
    return Rate(coin.coin, asset.coin, coin.value / asset.value, max(coin.age_s, asset.age_s))
