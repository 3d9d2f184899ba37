"""The account's own statement as a witness against a wallet of before.

A venue's cache may serve a balance of some time ago as if it were of now, look after look: to the
eye coins have come or gone. So where a wallet shows other coins than it did, its statement is read,
whose lines tell the balance after each. A wallet that shows what was there before the last of them
is old, and nothing is concluded until both agree.

Where lines tell no balances they are reckoned: what the wallet came to at the first look, and what
each line has changed since. That look is taken on trust, as it is after a restart.

A statement that lags behind or cannot be read is no witness: what changed is then believed at the
second look, as the core has it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import Flow, MarginAccount, Missing, Reason
from hedged.engine.reading import read_or_missing
from hedged.ports import Clock, Venue

LOOK_BACK: Final = timedelta(hours=2)
_DUST: Final = Decimal("0.00000005")


class Statement:
    """Of one account."""

    def __init__(self, venue: Venue, coins: Collection[str], clock: Clock) -> None:
        self._venue = venue
        self._coins = frozenset(coins)
        self._clock = clock
        self._believed: dict[str, Decimal] = {}
        self._reckoned = _Reckoned()

    async def objection(self, account: MarginAccount) -> Missing | None:
        """What the statement says against the wallet of a read, where that shows other coins."""
        shown = {
            balance.wallet.unit: balance.wallet.value
            for balance in account.balances
            if balance.wallet.unit in self._coins
        }
        if shown == self._believed:
            return None
        since = self._clock.now() - LOOK_BACK
        told = await read_or_missing(self._venue.name, "statement", self._venue.flows(since))
        lines: Sequence[Flow] = () if isinstance(told, Missing) else told
        is_mute = not isinstance(told, Missing) and all(line.balance is None for line in lines)
        if is_mute:
            lines = self._reckoned.lines(lines, since, shown)
        changed = [(c, value) for c, value in shown.items() if value != self._believed.get(c)]
        for coin, value in changed:
            ends_with = _later_balance(value, [line for line in lines if line.change.unit == coin])
            if ends_with is not None:
                return Missing(
                    self._venue.name,
                    "account",
                    f"it shows {plain(value)} {coin}, which is what was there before: its "
                    f"statement ends with {plain(ends_with)}",
                    Reason.EPOCH_TORN,
                )
        self._believed = shown
        if is_mute:
            self._reckoned.believe(shown)
        return None


class _Reckoned:
    """The balances of a wallet after lines that tell none."""

    def __init__(self) -> None:
        self._lines: dict[str, Flow] = {}
        self._before: dict[str, Decimal] = {}  # all these lines, by coin
        self._apart: dict[str, Decimal] = {}  # by how much a believed wallet differed

    def lines(
        self, told: Iterable[Flow], since: datetime, shown: Mapping[str, Decimal]
    ) -> list[Flow]:
        """All lines since then, with their balances; a coin that is new begins as it is shown.

        Those of a coin are left out after a wallet that they did not explain: some may be missing.
        """
        for line in told:
            self._lines.setdefault(line.flow_id, line)
        for line in [line for line in self._lines.values() if line.at < since]:
            del self._lines[line.flow_id]
            if line.change.unit in self._before:
                self._before[line.change.unit] += line.change.value
        for coin in shown.keys() - self._before.keys():
            self._before[coin] = shown[coin] - self._changes(coin)
        balances = dict(self._before)
        complete = []
        for line in sorted(self._lines.values(), key=lambda line: line.at):
            coin = line.change.unit
            if coin in balances and abs(self._apart.get(coin, ZERO)) <= _DUST:
                balances[coin] += line.change.value
                complete.append(replace(line, balance=balances[coin]))
        return complete

    def believe(self, shown: Mapping[str, Decimal]) -> None:
        """Note how far the lines are off; who is off by the same twice is right from then on."""
        for coin, value in shown.items():
            apart = value - self._before[coin] - self._changes(coin)
            if abs(apart - self._apart.get(coin, ZERO)) <= _DUST:
                self._before[coin] += apart
                apart = ZERO
            self._apart[coin] = apart

    def _changes(self, coin: str) -> Decimal:
        own = (line.change for line in self._lines.values() if line.change.unit == coin)
        return sum((change.value for change in own), ZERO)


def _later_balance(shown: Decimal, flows: Sequence[Flow]) -> Decimal | None:
    """What a statement ends with, where what is shown was there before; else None."""
    told = [(flow.at, flow.balance) for flow in flows if flow.balance is not None]
    if not told:
        return None
    end, last = told[-1]
    if _is_among(shown, (balance for at, balance in told if at == end)):  # in any order
        return None
    begun_with = flows[0].balance
    before = [balance for _, balance in told]
    if begun_with is not None:
        before.append(begun_with - flows[0].change.value)
    return last if _is_among(shown, before) else None


def _is_among(shown: Decimal, balances: Iterable[Decimal]) -> bool:
    return any(abs(shown - balance) <= _DUST for balance in balances)
