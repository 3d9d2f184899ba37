"""A web server on this machine that gets what would go to people, or to a monitor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Receiver:
    """What came, and how it is answered."""

    url: str = ""  # host and port
    status: int = 200
    hangs: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(f"{request.method} {request.path}")
        if self.hangs:
            await self.released.wait()
        if self.status == 200 and request.content_type == "application/json":
            self.messages.append(await request.json())
        return web.Response(status=self.status)

    async def until(self, is_done: Any, patience_s: float = 20.0) -> None:
        async with asyncio.timeout(patience_s):
            while not is_done():  # noqa: ASYNC110 - a condition in another thread
                await asyncio.sleep(0.01)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        receiver.released.set()
        await runner.cleanup()
