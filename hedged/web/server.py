"""Serves the API and the dashboard beside the trading, and never in its way.

The rule: whatever happens to the server is logged and tried again, ever less often, and ends
nothing: an unhedged book is worse than one that nobody sees. That includes an address that is
in use. Only an address that others could reach without a token is refused, before anything
starts.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from hedged import __version__
from hedged.engine.cycle import Cycle
from hedged.engine.hedger import Hedger
from hedged.ops.metrics import Metrics
from hedged.web.endpoints import ENDPOINTS
from hedged.web.guard import Guard, Handler, add_headers
from hedged.web.handlers import Handlers
from hedged.web.recorder import Recorder
from hedged.web.static import PLOTLY, File, pages, plotly
from hedged.web.subject import Subject
from hedged.web.tokens import TokenFile
from hedged.web.view import View

log = structlog.get_logger("hedged.web")

LARGEST_BODY: Final = 16 * 1024
GOODBYE_S: Final = 0.5  # for requests under way when the daemon ends
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0


def application(
    subject: Subject, recorder: Recorder, metrics: Metrics, tokens: TokenFile
) -> web.Application:
    """All routes, behind their guard."""
    guard = Guard(subject.settings.web, tokens, subject.clock)
    handlers = Handlers(subject, recorder, metrics, View(subject, recorder))
    app = web.Application(middlewares=[guard.middleware], client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(add_headers)
    for endpoint in ENDPOINTS:
        handler = guard.protected(handlers.of(endpoint), endpoint.scope)
        if endpoint.method == "GET":
            app.router.add_get(endpoint.path, handler, allow_head=False)
        else:
            app.router.add_post(endpoint.path, handler)
    for address, file in pages().items():
        app.router.add_get(address, guard.protected(_sender(file), None))
    app.router.add_get(PLOTLY, guard.protected(_send_plotly, None))
    return app


@asynccontextmanager
async def served(
    subject: Subject, recorder: Recorder, hedgers: Iterable[Hedger], tokens: TokenFile
) -> AsyncIterator[None]:
    """Measure every cycle and serve what is remembered, as long as the block runs."""
    if subject.settings.web.bind is None:
        yield
        return
    metrics = Metrics(__version__, subject.settings.environment.value, subject.execution.value)
    if subject.journal is not None:
        metrics.adopt(subject.journal.ledger.orders.values())

    def measure(cycle: Cycle) -> None:
        metrics.cycle(cycle.snapshot, cycle.decision, cycle.seen_s, cycle.took_s)

    for hedger in hedgers:
        hedger.watchers.append(measure)
    made = partial(application, subject, recorder, metrics, tokens)
    serving = asyncio.create_task(_serve(made, subject), name="web")
    try:
        yield
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def _serve(made: Callable[[], web.Application], subject: Subject) -> None:
    """Listen for ever; whatever ends it is logged, and tried again."""
    pause_s = FIRST_PAUSE_S
    host, _, port = (subject.settings.web.bind or "").rpartition(":")
    while True:
        # Whoever is slow to close must not hold up the end of the daemon.
        runner = web.AppRunner(made(), access_log=None, shutdown_timeout=GOODBYE_S)
        try:
            await runner.setup()
            site = web.TCPSite(runner, host.strip("[]"), int(port))
            await site.start()
            log.info("web.started", url=_url(runner, host))
            await asyncio.Event().wait()
        except Exception as error:  # noqa: BLE001 - nothing that happens here may touch trading
            log.error(  # noqa: TRY400 - an address in use needs no traceback
                "web.failed", why=repr(error), again_in_s=pause_s, effect="none on trading"
            )
        finally:
            await runner.cleanup()
        await subject.clock.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _url(runner: web.AppRunner, host: str) -> str:
    """Where it really listens: port 0 is any that is free."""
    return f"http://{host}:{runner.addresses[0][1]}"


def _sender(file: File) -> Handler:
    async def send(request: web.Request) -> web.Response:
        return file.response(request)

    return send


async def _send_plotly(request: web.Request) -> web.Response:
    """Packed on a thread the first time, because that takes a while."""
    return (await asyncio.to_thread(plotly)).response(request)
