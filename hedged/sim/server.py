"""The embedded exchange on a local port: a venue's interfaces, the operator's, and a page to see.

It listens on 127.0.0.1 only. All requests of one server are handled one after the other in the
event loop, each at the time that the clock gives, so the exchange sees them in one order. What goes
wrong on the way there and back is decided by `faults`, and carried out here.
"""

import asyncio
import hmac
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from aiohttp import web

from hedged.sim import admin
from hedged.sim.exchange import Exchange
from hedged.sim.faults import FaultPlan
from hedged.sim.faults.answers import Answer, Ending
from hedged.sim.faults.gate import Gate
from hedged.sim.faults.stream_gate import StreamGate
from hedged.sim.feed import feed
from hedged.sim.page import page
from hedged.sim.prices import PricePath
from hedged.sim.script import Step, play
from hedged.sim.sockets import Sockets, cut_off
from hedged.sim.state import Request
from hedged.sim.tongues import BYBIT, Tongue

HOST = "127.0.0.1"
_LOG_LENGTH = 10_000
_LARGEST_BODY = 64 * 1024


def wall_clock_ms() -> int:
    """Return the machine's time."""
    return time.time_ns() // 1_000_000


class SimServer:
    """Serves one exchange.

    `requests` is the log of what arrived, `faults` what goes wrong with it, by the given seed.
    `limits` is a factor of all rate limits; 0 switches them off.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        tongue: Tongue = BYBIT,
        port: int = 0,
        admin_token: str | None = None,
        latency_s: float = 0,
        clock: Callable[[], int] = wall_clock_ms,
        limits: int = 1,
        seed: int = 0,
    ) -> None:
        self.exchange = exchange
        self.requests: deque[Request] = deque(maxlen=_LOG_LENGTH)
        self.faults = FaultPlan(seed)
        self.latency_s = latency_s
        self.clock = clock
        self.dialect, self.streams = tongue.spoken(exchange, limits)
        self._gate = Gate(self.dialect, self.faults)
        streams = StreamGate(self.streams, self.faults, self._gate.mishaps, self._note_order)
        self._sockets = Sockets(streams, self._now_ms)
        self._operator = admin.Operator(exchange, self.faults, self.requests)
        self._port = port
        self._admin_token = admin_token
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens; known once it has started."""
        return f"http://{HOST}:{self._port}"

    def _note_order(self, now_ms: int, path: str, account: str, code: int) -> None:
        """Log an order that came over a websocket."""
        self.requests.append(Request(now_ms, "WS", path, account, code))

    def _now_ms(self) -> int:
        """Return the time by the clock of the moment: tests change it."""
        return self.clock()

    async def start(self) -> None:
        """Begin to listen."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/admin/{action}", self._answer_admin)
        application.router.add_get("/", self._show_page)
        application.router.add_route("*", "/{path:.*}", self._answer_client)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, HOST, self._port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._stopping.clear()
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all connections and the port."""
        if self._runner is not None:
            self._stopping.set()
            await self._sockets.close()
            await self._runner.cleanup()
            self._runner = None

    async def _show_page(self, _request: web.Request) -> web.Response:
        """Answer a browser."""
        shown = page()
        return web.Response(
            body=shown.body, content_type="text/html", charset="utf-8", headers=shown.headers
        )

    async def _answer_client(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to the venue's interface."""
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._sockets.serve(request)
        body = await request.read()
        path, _, query = request.raw_path.partition("?")
        passage = self._gate.enter(request.method, path, query, request.headers, body, self.clock())
        await self._wait(passage.delay_ms)
        now_ms = self.clock()
        answer = passage.finish(now_ms)
        self.requests.append(Request(now_ms, request.method, path, answer.account, answer.code))
        self._sockets.wake()
        await self._wait(answer.delay_ms)
        return await self._send(request, answer)

    async def _wait(self, delay_ms: int = 0) -> None:
        """Spend half of the latency, and a delay: on the way in, and on the way out."""
        delay_s = self.latency_s / 2 + delay_ms / 1000
        if delay_s:
            await asyncio.sleep(delay_s)

    async def _send(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """Send an answer as far as it gets."""
        if answer.ending is Ending.NEVER:
            await self._stopping.wait()
        if answer.ending is Ending.CUT:
            await self._send_half(request, answer)
        if answer.ending is not Ending.COMPLETE:
            cut_off(request)
        return web.Response(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            content_type=answer.content_type,
        )

    @staticmethod
    async def _send_half(request: web.Request, answer: Answer) -> None:
        """Send the head and the first half of the body."""
        partial = web.StreamResponse(status=answer.status, headers=answer.headers)
        partial.content_type = answer.content_type
        partial.content_length = len(answer.body)
        await partial.prepare(request)
        await partial.write(answer.body[: len(answer.body) // 2])

    async def _answer_admin(self, request: web.Request) -> web.Response:
        """Answer a request of the operator."""
        now_ms = self.clock()
        body = await request.read()
        status, payload = 403, admin.Answer({"error": "this comes from another site's page"})
        if not self._is_own(request):
            pass
        elif not self._has_token(request):
            status, payload = 401, {"error": "X-Admin-Token is missing or wrong"}
        else:
            self.exchange.advance(now_ms)
            action = request.match_info["action"]
            status, payload = admin.answer(self._operator, request.method, action, body)
            self._sockets.wake()
        if request.method != "GET":
            self.requests.append(Request(now_ms, request.method, request.path, "", status))
        return web.json_response(payload, status=status)

    def _is_own(self, request: web.Request) -> bool:
        """Refuse what a page of another site makes a browser send here."""
        origin = request.headers.get("Origin")
        hosts = {f"{HOST}:{self._port}", f"localhost:{self._port}"}
        return request.host in hosts and (origin is None or urlsplit(origin).netloc in hosts)

    def _has_token(self, request: web.Request) -> bool:
        if self._admin_token is None:
            return True
        sent = request.headers.get("X-Admin-Token", "")
        return hmac.compare_digest(
            sent.encode("utf-8", "surrogateescape"), self._admin_token.encode()
        )

    def has_topic(self, topic: str) -> bool:
        """Say whether a websocket is subscribed to a topic, so that tests need not guess."""
        return self.streams.has_topic(topic)

    def act(self, action: str, fields: Mapping[str, object]) -> str:
        """Do what a POST to /admin/`action` does; return what was wrong, nothing if all is well."""
        self.exchange.advance(self.clock())
        _, payload = admin.perform(self._operator, action, fields)
        self._sockets.wake()
        return str(payload.get("error", ""))


async def run_server(
    server: SimServer,
    paths: Mapping[str, PricePath],
    *,
    stop: asyncio.Event,
    speed: float = 1.0,
    script: Sequence[Step] = (),
    on_ready: Callable[[SimServer], None] = lambda _server: None,
    on_refusal: Callable[[str], None] = lambda _text: None,
) -> None:
    """Serve, with prices along their paths and acts by the script, until told to stop.

    A path or a script that fails ends it too; an act that is refused does not.
    """
    await server.start()
    waiting = asyncio.create_task(stop.wait())
    jobs = [
        asyncio.create_task(feed(server.exchange, coin, path, clock=server.clock, speed=speed))
        for coin, path in paths.items()
    ]
    jobs.append(
        asyncio.create_task(
            play(script, server.act, clock=server.clock, speed=speed, on_refusal=on_refusal)
        )
    )
    try:
        on_ready(server)
        watched = {waiting, *jobs}
        while not waiting.done():
            done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in (waiting, *jobs):
            task.cancel()
        await asyncio.gather(waiting, *jobs, return_exceptions=True)
        await server.stop()
