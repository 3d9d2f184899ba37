"""The accounts that one owner has at one venue, as they stand at one moment.

Coins move between them at once, and each is read by a request of its own: a transfer between two
requests shows a coin twice or not at all. So what changed since the last look is believed only when
a second look, a moment later, shows the same; and transfers that have left one account and not
reached the other count while they are under way.

What was sent over a chain to an address of the owner's counts likewise, from the moment that it has
left. The list of what was sent is asked for once a minute, and at every look for a minute after any
coin has become less.

The others change rarely. They are read anew when what was read grows old, and whenever the trading
account's coins have changed.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from hedged.core.decimals import ZERO
from hedged.core.types import Holding, MarginAccount, Missing, Reason, Transfer
from hedged.engine.reading import read_or_missing
from hedged.ports import Clock, Venue
from hedged.sources import Place, address_key

KEPT: Final = Decimal("0.8")  # of the age at which what was read would be too old to trade on
LOOK_BACK: Final = timedelta(hours=3)  # an older transfer is either known or forgotten
SENT_S: Final = 60.0  # between two looks at what was sent over chains, while no coin becomes less


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at all accounts showed, and what could not be seen."""

    account: MarginAccount
    holdings: tuple[Holding, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def coins(self) -> dict[tuple[str, str], Decimal]:
        """How many coins are where."""
        held = {(h.source, h.quantity.unit): h.quantity.value for h in self.holdings}
        venue = self.account.venue
        return held | {(venue, b.wallet.unit): b.wallet.value for b in self.account.balances}

    @property
    def under_way(self) -> bool:
        """Whether coins have left one account and not reached another."""
        return any(not transfer.arrived for transfer in self.transfers)


class Accounts:
    """Reads the trading account of a venue together with the others that count."""

    def __init__(
        self,
        venue: Venue,
        others: Sequence[str],
        coins: Sequence[str],
        max_age_s: Decimal,
        clock: Clock,
        places: Mapping[str, Place] = MappingProxyType({}),
        look_back: timedelta = LOOK_BACK,
    ) -> None:
        """`places` are the owner's by their addresses; `look_back`: as long as transfers count."""
        self._venue = venue
        self._others = tuple(others)
        self._coins = tuple(coins)
        self._kept_s = KEPT * max_age_s
        self._clock = clock
        self._believed: Look | None = None
        self._read_at_s = 0.0
        self._places = places
        self._look_back = look_back
        self._held: Mapping[tuple[str, str], Decimal] = {}  # coins of each account
        self._fell_at_s: float | None = None  # when one of them became less
        self._asked_at_s: float | None = None  # what was sent
        self._sent: tuple[Transfer, ...] = ()

    async def read(self, *, anew: bool = False) -> Look:
        """All accounts, `anew` also those that are believed to be as they were.

        Raises what reading the trading account raises.
        """
        look = await self._accounts(anew=anew)
        if not self._places:
            return look
        known = self._sent
        sent = await self._sent_away(look)
        if isinstance(sent, Missing):
            return replace(look, missing=(*look.missing, sent))
        if self._others and sent != known:  # what left may be in a figure that was kept
            look = await self._accounts(anew=True)
        return replace(look, transfers=(*look.transfers, *sent))

    async def _sent_away(self, look: Look) -> tuple[Transfer, ...] | Missing:
        """What is on its way to a place of the owner's, as told after the accounts were read."""
        now_s = self._clock.monotonic()
        held = look.coins
        was = self._held.items()
        fell = any(held.get(place, ZERO) < amount for place, amount in was)
        # What comes back to where it left from is no longer on its way.
        rose = any(held.get(place, ZERO) > amount for place, amount in was)
        if fell or (rose and any(not transfer.arrived for transfer in self._sent)):
            self._fell_at_s = now_s
        self._held = held
        has_fallen = self._fell_at_s is not None and now_s - self._fell_at_s <= SENT_S
        if not has_fallen and self._asked_at_s is not None and now_s - self._asked_at_s < SENT_S:
            return self._sent
        since = self._clock.now() - self._look_back
        told = await read_or_missing(
            self._venue.name, "withdrawals", self._venue.withdrawals(since)
        )
        if isinstance(told, Missing):
            return told
        self._asked_at_s = now_s
        self._sent = tuple(self._recognised(told))
        return self._sent

    def _recognised(self, told: Iterable[Transfer]) -> Iterator[Transfer]:
        """Those that went to an address of the owner's, and are not in its source's figure."""
        for sent in told:
            place = self._places.get(address_key(sent.destination))
            if place is not None and (place.as_of is None or sent.started_at > place.as_of):
                yield replace(sent, destination=place.source)

    async def _accounts(self, *, anew: bool) -> Look:
        """The trading account with the others."""
        if not self._others:
            return Look(await self._venue.account(self._coins))
        rested = None if anew else await self._rested()
        if rested is not None:
            return rested
        look = await self._look()
        believed = self._believed
        if believed is not None and look.coins == believed.coins and not believed.under_way:
            return self._believe(look)
        second = await self._look()
        gaps = tuple(dict.fromkeys((*look.missing, *second.missing)))
        if not gaps and look.coins != second.coins:
            gaps = (self._moving(),)
        since = self._clock.now() - self._look_back
        moved = (
            ()
            if gaps
            else await read_or_missing(self._venue.name, "transfers", self._venue.transfers(since))
        )
        if isinstance(moved, Missing):
            gaps, moved = (moved,), ()
        return self._believe(replace(second, transfers=moved, missing=gaps))

    async def _rested(self) -> Look | None:
        """The last look with the trading account as it is now; None: it takes a new look."""
        believed, age_s = self._believed, self._age_s()
        if believed is None or believed.under_way or age_s >= self._kept_s:
            return None
        now = replace(believed, account=await self._venue.account(self._coins))
        if now.coins != believed.coins:
            return None
        return replace(now, holdings=tuple(replace(h, age_s=age_s) for h in now.holdings))

    async def _look(self) -> Look:
        self._read_at_s = self._clock.monotonic()
        account, others = await asyncio.gather(
            self._venue.account(self._coins), asyncio.gather(*map(self._other, self._others))
        )
        held = [holdings for holdings in others if isinstance(holdings, tuple)]
        return Look(
            account,
            tuple(holding for holdings in held for holding in holdings),
            missing=tuple(gap for gap in others if isinstance(gap, Missing)),
        )

    async def _other(self, account: str) -> tuple[Holding, ...] | Missing:
        source = f"{self._venue.name}:{account}"
        return await read_or_missing(source, "holdings", self._venue.holdings(account, self._coins))

    def _believe(self, look: Look) -> Look:
        self._believed = None if look.missing else look
        return look

    def _moving(self) -> Missing:
        return Missing(
            self._venue.name,
            "accounts",
            "coins are moving between its accounts; believed when two looks agree",
            Reason.EPOCH_TORN,
        )

    def _age_s(self) -> Decimal:
        return Decimal(str(round(self._clock.monotonic() - self._read_at_s, 6)))
