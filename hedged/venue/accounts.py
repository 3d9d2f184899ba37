"""The owner's other accounts at a venue: funding, earn, sub-accounts; and what moves between them.

A coin that is asked for by name counts as 0 only where the venue says so. Lists of what there is,
as of earnings, say so by leaving it out: whoever reads them compares two looks.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Final

from hedged.core.decimals import ZERO
from hedged.core.types import Amount, Holding, Transfer
from hedged.ports import Clock, VenueRefused, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.fields import EPOCH, Row
from hedged.venue.lazy import errors
from hedged.venue.profiles.profile import Chains, Members, Profile
from hedged.venue.profiles.reads import Read, Store

SUB: Final = "sub:"
TRANSFERS: Final = "transfers"  # what an environment lacks where it does not tell of them
CHAINS: Final = "chains"  # likewise of withdrawals and deposits
_MINUTE_S: Final = 60
_MILLISECOND: Final = timedelta(milliseconds=1)


class OtherAccounts:
    """Reads them; each method is an attempt of `Connection.read`."""

    def __init__(
        self,
        name: str,
        profile: Profile,
        connection: Connection,
        clock: Clock,
        world: str,
        coins: Sequence[str] = (),
    ) -> None:
        """`world` is the environment's name in the profile, `coins` those that hedges settle in."""
        self._lacks = profile.lacks(world)
        self._name = name
        self._profile = profile
        self._connection = connection
        self._clock = clock
        self._coins = coins
        self._members: dict[str, str] = {}  # sub-accounts by name, once asked for
        self._asked_s: dict[str, deque[float]] = {}  # the last requests, by method
        self._turn = asyncio.Lock()

    async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
        """What one account holds of these coins, one holding each.

        Raises:
            VenueRefused: there is no such account, or the key may not read it.
        """
        started_s = self._clock.monotonic()
        try:
            held = await self._held(account, coins)
        except errors().AuthenticationError:
            raise VenueRefused(
                f"the key may not read {account}: {self._profile.accounts_advice}"
            ) from None
        age_s = Decimal(str(round(self._clock.monotonic() - started_s, 6)))
        source = f"{self._name}:{account}"
        return tuple(Holding(source, Amount(held[coin], coin), age_s) for coin in held)

    async def transfers(self, since: datetime) -> tuple[Transfer, ...]:
        """Moves between the owner's accounts that began since then, arrived or not."""
        names = {member: f"{self._name}:{SUB}{name}" for name, member in self._members.items()}
        moves = self._profile.moves
        if moves is None or TRANSFERS in self._lacks:
            return ()
        asked = [(read, dict[str, str]()) for read in moves.reads]
        if names:
            own = [{}, *({moves.member_param: number} for number in names if moves.member_param)]
            asked += product(moves.member_reads, own)
        found: dict[str, Transfer] = {}
        for read, only in asked:
            begin = self._from(since, read)
            rows = await self._connection.rows("transfers", read, **begin, **only)
            self._check_whole("transfers", read, rows)
            for row in rows:
                move = moves.transfer(row, self._name, names)
                if move is not None:
                    found[move.transfer_id] = move
        return tuple(found.values())

    async def withdrawals(self, since: datetime) -> tuple[Transfer, ...]:
        """See `ports.Venue`."""
        chains = self._profile.chains
        if chains is None or CHAINS in self._lacks:
            return ()
        if chains.a_minute is not None:
            asked_s = self._asked_s.setdefault(CHAINS, deque(maxlen=chains.a_minute))
            now_s = self._clock.monotonic()
            if len(asked_s) == asked_s.maxlen and now_s - asked_s[0] < _MINUTE_S:
                raise VenueUnavailable(f"withdrawals: asked {len(asked_s)} times in a minute")
            asked_s.append(now_s)
        rows = await self._listed("withdrawals", chains, chains.withdrawals, since)
        sent = tuple(chains.withdrawal(row, self._name) for row in rows)
        is_all = not self._from(since, chains.withdrawals)  # ever sent
        return tuple(s for s in sent if not is_all or s.started_at >= since)

    async def credited(self, since: datetime) -> frozenset[str]:
        """See `ports.Venue`."""
        chains = self._profile.chains
        if chains is None or CHAINS in self._lacks:
            raise VenueRefused(f"{self._profile.exchange} does not tell its deposits to hedged")
        rows = await self._listed("deposits", chains, chains.deposits, since)
        return frozenset(tx_id for row in rows if (tx_id := chains.credited(row)))

    async def _listed(self, what: str, chains: Chains, read: Read, since: datetime) -> list[Row]:
        """What moved over chains; coin by coin, where it is told so."""
        param = chains.coin_param
        coins = [{param: coin} for coin in self._coins] if param else [{}]
        found: list[Row] = []
        for only in coins:
            rows = await self._connection.rows(what, read, **only, **self._from(since, read))
            self._check_whole(what, read, rows)
            found += rows
        return found

    def _check_whole(self, what: str, read: Read, rows: Sequence[Row]) -> None:
        """Refuse a full page, after which nothing else is told."""
        if read.page and not read.last and len(rows) >= read.page:
            raise VenueUnavailable(f"{what}: more than {len(rows)} rows, not all of them told")

    def _from(self, since: datetime, read: Read) -> dict[str, str]:
        """From when on; nothing where all there ever was is told."""
        begin = read.span[0] if read.span else self._profile.from_param
        return {begin: str((since - EPOCH) // _MILLISECOND)} if begin else {}

    async def _held(self, account: str, coins: Sequence[str]) -> dict[str, Decimal]:
        kind, _, name = account.partition(":")
        stores = None if kind in self._lacks else self._profile.accounts.get(kind)
        if stores is None:
            known = ", ".join(sorted(self._profile.accounts.keys() - self._lacks)) or "none"
            raise VenueRefused(
                f"{self._profile.exchange} has no {kind} account here that hedged can read; it"
                f" reads these beside the trading account: {known}"
            )
        members = self._profile.members
        only = {members.param: await self._member(members, name)} if members and name else {}
        held = dict.fromkeys(coins, ZERO)
        for store in stores:
            for coin, amount in (await self._stored(account, store, held, only)).items():
                held[coin] += amount
        return held

    async def _stored(
        self, account: str, store: Store, coins: dict[str, Decimal], only: dict[str, str]
    ) -> dict[str, Decimal]:
        asked = {store.coins_param: ",".join(coins)} if store.coins_param else {}
        found: dict[str, Decimal] = {}
        await self._paced(store.read.method)
        rows = await self._connection.rows(account, store.read, **asked, **only)
        self._check_whole(account, store.read, rows)
        if store.by_coin:
            rows = [
                Row(account, {store.coin: name, "amount": amount})
                for row in rows
                for name, amount in row.values.items()
            ]
        for row in rows:
            coin = store.own_name(row.text(store.coin))
            if coin in coins:
                named = Row(f"{account} {coin}", row.values)
                parts = (store.amount,) if isinstance(store.amount, str) else store.amount
                told = [p for p in parts if not store.blank_is_zero or named.values.get(p) != ""]
                amount = sum((named.number(part) for part in told), ZERO)
                found[coin] = found.get(coin, ZERO) + amount
        if store.coins_param and found.keys() != coins.keys():
            left_out = ", ".join(coins.keys() - found.keys())
            raise VenueUnavailable(f"{account}: it lists no {left_out}, even when asked for it")
        return found

    async def _paced(self, method: str) -> None:
        """Wait until the venue's limit for such a request has room; it is low for balances."""
        async with self._turn:
            asked_s = self._asked_s.setdefault(
                method, deque(maxlen=self._profile.accounts_a_second)
            )
            if len(asked_s) == asked_s.maxlen:
                wait_s = asked_s[0] + 1 - self._clock.monotonic()
                if wait_s > 0:
                    await self._clock.sleep(wait_s)
            asked_s.append(self._clock.monotonic())

    async def _member(self, accounts: Members, name: str) -> str:
        """The venue's own number of a sub-account."""
        if name not in self._members:
            rows = await self._connection.rows("sub-accounts", accounts.read)
            members = dict(map(accounts.member, rows))
            number = members.get(name, name if name in members.values() else None)
            if number is None:
                known = ", ".join(sorted(members)) or "none"
                raise VenueRefused(f"there is no sub-account {name}; there are: {known}")
            self._members[name] = number
        return self._members[name]
