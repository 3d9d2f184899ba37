"""The embedded exchange on a local port: Bybit's HTTP interface and the operator's.

It listens on 127.0.0.1 only. All requests of one server are handled one after the other in the
event loop, each at the time that the clock gives, so the exchange sees them in one order.
"""

import asyncio
import hmac
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiohttp import web

from hedged.sim import admin
from hedged.sim.bybit.dialect import BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.exchange import Exchange
from hedged.sim.feed import feed
from hedged.sim.prices import PricePath

HOST = "127.0.0.1"
_LOG_LENGTH = 10_000
_LARGEST_BODY = 64 * 1024


class Request(NamedTuple):
    """A line of the request log; `code` is the venue's return code (admin: the status)."""

    at_ms: int
    method: str
    path: str
    account: str
    code: int


def wall_clock_ms() -> int:
    """Return the machine's time."""
    return time.time_ns() // 1_000_000


class SimServer:
    """Serves one exchange; `requests` is the log of what arrived."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        port: int = 0,
        admin_token: str | None = None,
        latency_s: float = 0,
        clock: Callable[[], int] = wall_clock_ms,
        limits: RateLimits | None = None,
    ) -> None:
        self.exchange = exchange
        self.requests: deque[Request] = deque(maxlen=_LOG_LENGTH)
        self.latency_s = latency_s
        self._dialect = BybitDialect(exchange, limits=limits)
        self._port = port
        self._admin_token = admin_token
        self.clock = clock
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens; known once it has started."""
        return f"http://{HOST}:{self._port}"

    async def start(self) -> None:
        """Begin to listen."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/admin/{action}", self._answer_admin)
        application.router.add_route("*", "/{path:.*}", self._answer_client)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, HOST, self._port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all connections and the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer_client(self, request: web.Request) -> web.Response:
        """Answer a request to the venue's interface."""
        body = await request.read()
        await self._wait()
        now_ms = self.clock()
        path, _, query = request.raw_path.partition("?")
        reply = self._dialect.handle(request.method, path, query, request.headers, body, now_ms)
        self.requests.append(Request(now_ms, request.method, path, reply.account, reply.code))
        await self._wait()
        return web.Response(
            status=reply.status,
            headers=reply.headers,
            body=reply.body(),
            content_type="application/json",
        )

    async def _wait(self) -> None:
        """Spend half of the latency: on the way in, and on the way out."""
        if self.latency_s:
            await asyncio.sleep(self.latency_s / 2)

    async def _answer_admin(self, request: web.Request) -> web.Response:
        """Answer a request of the operator."""
        now_ms = self.clock()
        body = await request.read()
        if self._admin_token is not None and not hmac.compare_digest(
            request.headers.get("X-Admin-Token", "").encode("utf-8", "surrogateescape"),
            self._admin_token.encode(),
        ):
            status: int = 401
            payload: admin.Answer = {"error": "X-Admin-Token is missing or wrong"}
        else:
            self.exchange.advance(now_ms)
            action = request.match_info["action"]
            status, payload = admin.answer(self.exchange, request.method, action, body)
        self.requests.append(Request(now_ms, request.method, request.path, "", status))
        return web.json_response(payload, status=status)


async def run_server(
    server: SimServer,
    paths: Mapping[str, PricePath],
    *,
    stop: asyncio.Event,
    speed: float = 1.0,
    on_ready: Callable[[SimServer], None] = lambda _server: None,
) -> None:
    """Serve, with prices moving along their paths, until told to stop or a path fails."""
    await server.start()
    waiting = asyncio.create_task(stop.wait())
    feeds = [
        asyncio.create_task(feed(server.exchange, coin, path, clock=server.clock, speed=speed))
        for coin, path in paths.items()
    ]
    try:
        on_ready(server)
        watched = {waiting, *feeds}
        while not waiting.done():
            done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in (waiting, *feeds):
            task.cancel()
        await asyncio.gather(waiting, *feeds, return_exceptions=True)
        await server.stop()
