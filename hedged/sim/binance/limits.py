"""Rate limits: so much weight a minute from one address, counted for spot, COIN-M and the rest.

Whoever goes on after being told to stop (429) is banned for a while (418).
"""

from collections.abc import Mapping
from http import HTTPStatus

from hedged.sim.binance.errors import BinanceError

PER_MINUTE: Mapping[str, int] = {"dapi": 2400, "api": 6000, "sapi": 12_000}
_MINUTE_MS = 60_000
_PATIENCE = 50  # refusals, after which comes the ban
_BAN_MS = 2 * _MINUTE_MS


class Weights:
    """Counts the weight of requests; `scale` multiplies all limits (0 switches them off)."""

    def __init__(self, scale: int = 1) -> None:
        self.scale = scale
        self._minutes: dict[str, tuple[int, int]] = {}
        self._refused = 0
        self._banned_until_ms = 0

    def count(self, path: str, weight: int, now_ms: int) -> Mapping[str, str]:
        """Count a request and return the headers that tell how much has been used.

        Raises:
            BinanceError: it is one too many.
        """
        if not self.scale:
            return {}
        if now_ms < self._banned_until_ms:
            raise self._banned()
        family = path.split("/")[1]
        limit = PER_MINUTE.get(family, PER_MINUTE["api"]) * self.scale
        minute = now_ms // _MINUTE_MS
        begun, used = self._minutes.get(family, (minute, 0))
        used = used + weight if begun == minute else weight
        self._minutes[family] = (minute, used)
        if used <= limit:
            return {"X-MBX-USED-WEIGHT-1M": str(used)}
        self._refused += 1
        if self._refused > _PATIENCE:
            self._refused, self._banned_until_ms = 0, now_ms + _BAN_MS
            raise self._banned()
        raise BinanceError(
            -1003,
            f"Too many requests; current limit of IP is {limit} requests per minute.",
            HTTPStatus.TOO_MANY_REQUESTS,
        )

    def _banned(self) -> BinanceError:
        return BinanceError(
            -1003,
            f"Way too many requests; IP banned until {self._banned_until_ms}. Please use the "
            "websocket for live updates to avoid bans.",
            HTTPStatus.IM_A_TEAPOT,
        )
