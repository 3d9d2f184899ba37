"""The last gate before the wire: what this process cannot send, whatever is called.

Every request of a venue's client is made by the one aiohttp session that is built here, and
every connection of that session is handed out by `GuardedConnector`: redirects, websockets and
re-sends too. It compares the request with two closed lists, origins and (method, path) pairs,
before a socket is touched. A client for dry-run is given the profile's reads alone, so no call
into ccxt, now or in its next version, can place an order; a client for live execution is given
the few writes beside them, so withdrawals stay out of reach there too, and transfers unless the
configuration allows them.

A refusal is a bug in hedged, never an outage. `WriteRefused` is no aiohttp error, hence ccxt
does not translate it and nothing in the gateway catches it.
"""

import logging
import re
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Final

import aiohttp
from aiohttp.client_reqrep import ClientRequest, ClientResponse
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

# Method and path, e.g. ("GET", "/v5/market/time"); a `*` is one part of a path, such as a market.
Route = tuple[str, str]

# ccxt writes keys and signatures at DEBUG: this logger, given to it, cannot speak there.
WIRE_LOG: Final = logging.getLogger("hedged.venue.wire")
WIRE_LOG.addFilter(lambda record: record.levelno > logging.DEBUG)


def is_listed(routes: Collection[Route], method: str, path: str) -> bool:
    """Whether this request is among the routes."""
    if (method, path) in routes:
        return True
    return any(its == method and "*" in p and _pattern(p).fullmatch(path) for its, p in routes)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, path.split("*"))))


@dataclass(frozen=True, slots=True)
class Mark:
    """A header that tells requests to a test environment from real ones on one host."""

    name: str
    value: str
    wanted: bool  # every request must carry it, or none may


class WriteRefused(RuntimeError):  # noqa: N818 - reads as the event it is
    """A request that must not leave this process was about to."""


class GuardedConnector(aiohttp.TCPConnector):
    """Hands out connections for the listed origins and routes only, and counts the rest."""

    def __init__(
        self,
        origins: frozenset[str],
        routes: Collection[Route],
        context: ssl.SSLContext | None = None,
        mark: Mark | None = None,
    ) -> None:
        # No bound on connections: a cancel must not wait until one of the reads' is free.
        super().__init__(limit=0, ssl=True if context is None else context)
        self._origins = frozenset(URL(origin).origin() for origin in origins)
        self._routes = routes
        self._mark = mark
        self.refusals = 0

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> Connection:
        """A connection for `req`.

        Raises:
            WriteRefused: its origin or its route is not listed.
        """
        fault = self._fault(req)
        if fault is not None:
            self.refusals += 1
            raise WriteRefused(f"{req.method} {req.url.origin()}{req.url.raw_path}: {fault}")
        return await super().connect(req, traces, timeout)

    def _fault(self, req: ClientRequest) -> str | None:
        if req.url.origin() not in self._origins or req.proxy is not None:
            return "not a host of the configured environment"
        if not is_listed(self._routes, req.method, req.url.raw_path):
            return "not a request that this venue's client may send"
        mark = self._mark
        if mark is not None and (req.headers.get(mark.name) == mark.value) is not mark.wanted:
            return f"{mark.name} says that it is for another environment"
        return None


async def unredirected(
    request: ClientRequest, handler: aiohttp.ClientHandlerType
) -> ClientResponse:
    """Refuse redirects: following one sends the request, perhaps an order, a second time."""
    response = await handler(request)
    if 300 <= response.status < 400:  # noqa: PLR2004 - the class of redirects
        response.close()
        raise aiohttp.ClientError(f"redirected with status {response.status}")
    return response


def guarded_session(connector: GuardedConnector) -> aiohttp.ClientSession:
    """The session for a venue's client: sends each request once, through `connector`."""
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(unredirected,),
    )
    # aiohttp sends idempotent requests again after a dropped connection, and some venues take
    # orders by GET: one order would become two.
    session._retry_connection = False  # noqa: SLF001 - aiohttp has no public switch for it
    return session
