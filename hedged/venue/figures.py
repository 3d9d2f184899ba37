"""What an account pays and must keep back in each market: fee rates and margin rates.

They change with the account's tier, at most daily: read when the venue is opened, and anew every
hour beside the reads. Without them nothing is unsafe, only less is known: a venue that does not
tell them is open all the same, and they are None.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import inf
from typing import Final

import structlog

from hedged.core.types import Kind
from hedged.ports import Clock, VenueAuthError, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.fields import Row
from hedged.venue.profiles.profile import Fees, Profile
from hedged.venue.profiles.reads import Read

_RENEWED_S: Final = 3600.0
_AGAIN_S: Final = 300.0
_log = structlog.get_logger("hedged.venue")


class Figures:
    """Fees and margin rates by market id; a `Chore` of the connection."""

    def __init__(
        self,
        name: str,
        profile: Profile,
        connection: Connection,
        clock: Clock,
        symbols: tuple[str, ...],
    ) -> None:
        self._name = name
        self._profile = profile
        self._connection = connection
        self._clock = clock
        self._symbols = symbols
        self._due_at_s = inf  # until they were read for the first time
        self._fees: Mapping[str, Fees] = {}
        self._maintenance: Mapping[str, Decimal] = {}

    def fees(self, market_id: str) -> Fees | None:
        """What this account pays in a market; None: not known."""
        return self._fees.get(market_id)

    def maintenance(self, market_id: str) -> Decimal | None:
        """The margin rate that keeps a position alive, for sizes of the first tier."""
        return self._maintenance.get(market_id)

    async def open(self) -> None:
        """Read them for the first time; whatever goes wrong, the venue opens."""
        try:
            await self._connection.read(self.renew)
        except (VenueUnavailable, VenueAuthError) as error:
            _log.warning("venue.figures_unknown", venue=self._name, error=str(error))

    def is_due(self, now_s: float) -> bool:
        """Whether it is time to read them anew."""
        return now_s >= self._due_at_s

    async def renew(self) -> None:
        """Read them anew."""
        self._due_at_s = self._clock.monotonic() + _AGAIN_S
        tell_fees, tell_rate = self._profile.fees, self._profile.maintenance
        if self._profile.fee_rates is not None and tell_fees is not None:
            fees = await self._by_market("fee rates", self._profile.fee_rates)
            self._fees = {market: tell_fees(rows[0]) for market, rows in fees.items()}
        if self._profile.risk_limits is not None and tell_rate is not None:
            tiers = await self._by_market("risk limits", self._profile.risk_limits)
            self._maintenance = {market: tell_rate(rows) for market, rows in tiers.items()}
        self._due_at_s = self._clock.monotonic() + _RENEWED_S

    async def _by_market(self, what: str, read: Read) -> dict[str, list[Row]]:
        """The rows of each market that is to be traded."""
        found: dict[str, list[Row]] = {}
        markets = {symbol: self._connection.market(symbol) for symbol in self._symbols}
        ids = {market["id"] for market in markets.values()}
        for kind in dict.fromkeys(map(_kind, markets.values())):
            contracts, key = self._profile.contracts[kind], self._profile.market_key
            ours = [symbol for symbol, market in markets.items() if _kind(market) is kind]
            each = contracts.by_market or read.market is not None
            for symbol in ours if each else [""]:
                only = self._connection.naming(read, symbol) if symbol else {}
                for row in await self._connection.rows(what, read, **contracts.only, **only):
                    # A reply about one market need not name it as requests do.
                    its_own = read.market is not None and symbol
                    market_id = markets[symbol]["id"] if its_own else row.text(key)
                    if market_id in ids:
                        named = Row(f"{what} of {market_id}", {**row.values, key: market_id})
                        found.setdefault(market_id, []).append(named)
        return found


def _kind(market: Mapping[str, object]) -> Kind:
    return Kind.INVERSE if market["inverse"] else Kind.LINEAR
