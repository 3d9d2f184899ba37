"""Listen keys: what opens an account's stream, for an hour from when it was last asked for."""

from typing import NamedTuple

from hedged.sim.accounts import Account
from hedged.sim.binance.errors import BinanceError
from hedged.sim.binance.rows import Row

_LIFE_MS = 3_600_000


class _Open(NamedTuple):
    key: str
    ends_ms: int


class ListenKeys:
    """The keys of all accounts; an account has one at a time."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._made = 0

    def start(self, account: Account, now_ms: int) -> Row:
        """POST /dapi/v1/listenKey: a new key, or the one that there is for another hour."""
        key = self.key_of(account, now_ms)
        if not key:
            self._made += 1
            key = f"{account.user_id}{self._made:06}".rjust(64, "k")
        self._open[account.name] = _Open(key, now_ms + _LIFE_MS)
        return {"listenKey": key}

    def keep(self, account: Account, now_ms: int) -> Row:
        """PUT /dapi/v1/listenKey."""
        if not self.key_of(account, now_ms):
            raise BinanceError(-1125, "This listenKey does not exist.")
        return self.start(account, now_ms)

    def end(self, account: Account) -> Row:
        """DELETE /dapi/v1/listenKey."""
        self._open.pop(account.name, None)
        return {}

    def key_of(self, account: Account, now_ms: int) -> str:
        """Return the key of an account's stream, empty when there is none any more."""
        found = self._open.get(account.name)
        return found.key if found is not None and now_ms < found.ends_ms else ""

    def owner(self, key: str) -> str:
        """Return the name of the account that a key was made for, empty when nobody's."""
        return next((name for name, found in self._open.items() if found.key == key), "")
