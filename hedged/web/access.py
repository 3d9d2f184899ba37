"""Who may ask for what: hosts and origins, tokens, and how often.

A page on the internet can make a browser send requests here. Two checks keep it out: the Host
must be an IP address, localhost or a name of the configuration, so that a foreign name that
resolves to this machine (DNS rebinding) is refused; and an Origin, where there is one, must be
the host itself. Whoever operates needs a token of that scope, on loopback too. Reading takes a
token wherever others than this machine can reach the address.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from hedged.config import ConfigError, Problem, WebSettings
from hedged.web.tokens import Scope, TokenFile

_REMEMBERED: Final = 1000  # remote addresses


def is_exposed(settings: WebSettings) -> bool:
    """Whether others than this machine's users can reach it."""
    host = (settings.bind or "localhost:0").rpartition(":")[0].strip("[]")
    return bool(settings.hosts) or not (host == "localhost" or ip_address(host).is_loopback)


def refuse_open_door(settings: WebSettings, tokens: TokenFile) -> None:
    """An address that others can reach takes a token before anything is served there.

    Raises:
        ConfigError: there is none.
        StoreError: the tokens cannot be read.
    """
    if settings.bind is not None and is_exposed(settings) and not tokens.tokens():
        key = "web.hosts" if settings.hosts else "web.bind"
        message = (
            "others than this machine can reach it, and there is no token yet; make one:"
            " hedged token new NAME -c FILE"
        )
        raise ConfigError([Problem("", None, key, message)])


def is_host_known(host: str, settings: WebSettings) -> bool:
    """Whether a request's Host is one of ours."""
    name = urlsplit(f"//{host}").hostname
    if name is None:
        return False
    if name == "localhost" or name in settings.hosts:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_same_origin(origin: str | None, host: str) -> bool:
    """Whether a request comes from our own pages, or from no page at all."""
    return origin is None or urlsplit(origin).netloc == host


def bearer(authorization: str | None) -> str | None:
    """The token of an Authorization header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def opens(scope: Scope | None, needed: Scope) -> bool:
    """Whether a token of this scope is enough."""
    return scope is Scope.OPERATOR or scope is needed


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a second."""

    burst: float
    per_s: float


READS: Final = Rate(burst=400, per_s=200)
COMMANDS: Final = Rate(burst=10, per_s=1)
GUESSES: Final = Rate(burst=10, per_s=0.1)  # wrong tokens


@dataclass(slots=True)
class Limiter:
    """Token buckets by remote address; the longest unseen are forgotten."""

    rate: Rate
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)  # left, at (monotonic)

    def wait_s(self, remote: str, now_s: float) -> float:
        """Take one; 0 when it may pass, else after how many seconds the next may."""
        left, at_s = self._buckets.pop(remote, (self.rate.burst, now_s))
        left = min(self.rate.burst, left + (now_s - at_s) * self.rate.per_s)
        passes = left >= 1
        self._buckets[remote] = (left - 1 if passes else left, now_s)
        if len(self._buckets) > _REMEMBERED:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if passes else (1 - left) / self.rate.per_s

    def is_spent(self, remote: str, now_s: float) -> bool:
        """Whether nothing is left, without taking anything."""
        left, at_s = self._buckets.get(remote, (self.rate.burst, now_s))
        return left + (now_s - at_s) * self.rate.per_s < 1
