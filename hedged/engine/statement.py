"""The account's own statement as a witness against a wallet of before.

A venue's cache may serve a balance of some time ago as if it were of now, look after look: to the
eye coins have come or gone. So where a wallet shows other coins than it did, its statement is read,
whose lines tell the balance after each. A wallet that shows what was there before the last of them
is old, and nothing is concluded until both agree.

A statement that lags behind, that tells no balances or cannot be read is no witness: what changed
is then believed at the second look, as the core has it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import plain
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
        self._is_mute = False  # it has lines, and none tells a balance

    async def objection(self, account: MarginAccount) -> Missing | None:
        """What the statement says against the wallet of a read, where that shows other coins."""
        shown = {
            balance.wallet.unit: balance.wallet.value
            for balance in account.balances
            if balance.wallet.unit in self._coins
        }
        if shown == self._believed or self._is_mute:
            return None
        since = self._clock.now() - LOOK_BACK
        told = await read_or_missing(self._venue.name, "statement", self._venue.flows(since))
        lines = () if isinstance(told, Missing) else told
        self._is_mute = bool(lines) and all(line.balance is None for line in lines)
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
        return None


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
