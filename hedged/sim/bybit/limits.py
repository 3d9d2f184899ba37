"""Rate limits: so many requests a second for each account and endpoint."""

from collections.abc import Mapping
from typing import NamedTuple

_SECOND_MS = 1000


class Allowance(NamedTuple):
    """Whether a request may pass, and the headers that tell the client how much is left."""

    is_within: bool
    headers: Mapping[str, str]


class RateLimits:
    """Counts requests; `scale` multiplies all limits (0 switches them off)."""

    def __init__(self, scale: int = 1) -> None:
        self.scale = scale
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def count(self, account: str, path: str, per_second: int, now_ms: int) -> Allowance:
        """Count a request of this second."""
        if not self.scale:
            return Allowance(is_within=True, headers={})
        limit = per_second * self.scale
        second = now_ms // _SECOND_MS
        started, count = self._counts.get((account, path), (second, 0))
        count = count + 1 if started == second else 1
        self._counts[account, path] = (second, count)
        headers = {
            "X-Bapi-Limit": str(limit),
            "X-Bapi-Limit-Status": str(max(0, limit - count)),
            "X-Bapi-Limit-Reset-Timestamp": str((second + 1) * _SECOND_MS),
        }
        return Allowance(count <= limit, headers)
