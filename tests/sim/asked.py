"""One HTTP request to the embedded exchange, by whoever is no venue client."""

from typing import Any

import aiohttp

from hedged.sim.server import SimServer


async def call(server: SimServer, method: str, path: str, **options: Any) -> tuple[int, Any]:
    """The status and the JSON that come back."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, server.url + path, **options) as reply,
    ):
        return reply.status, await reply.json()
