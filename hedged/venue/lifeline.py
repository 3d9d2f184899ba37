"""The private websocket whose loss makes a venue cancel this account's orders.

It counts as held only while the venue has confirmed all of it: that the switch is enabled with the
window that was asked for, that the socket was authenticated and subscribed, and, at every refresh,
that it still answers. ccxt cannot tell whether such a subscription was taken, so its few frames are
sent here, through the client's own guarded session.
"""

import asyncio
import json
from contextlib import suppress
from typing import Any, Final

import aiohttp

from hedged.ports import VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.profiles.switch import Frame, Switch
from hedged.venue.spec import VenueSpec

ANSWER_S: Final = 5.0  # for the answer to a frame
# What a socket that closes, falls silent or talks nonsense comes to.
_BROKEN: Final = (aiohttp.ClientError, OSError, TimeoutError, TypeError, ValueError)


class Lifeline:
    """Of one account; opened when it is first held."""

    def __init__(self, switch: Switch, spec: VenueSpec, connection: Connection) -> None:
        self._switch = switch
        self._spec = spec
        self._connection = connection
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def hold(self, window_s: int) -> bool:
        """Open it, or see that it still answers; whether the venue confirms all of it.

        Raises:
            VenueUnavailable: whether it is held is not known.
            VenueAuthError: the key is wrong.
        """
        client = self._connection.client
        if not await self._connection.read(lambda: self._switch.has_window(client, window_s)):
            await self.let_go()
            return False
        try:
            return await self._answers() or await self._greet()
        except _BROKEN as error:
            await self._drop()
            raise VenueUnavailable(f"dead-man switch: {error!r}") from None

    async def let_go(self) -> None:
        """Close it so that its loss means nothing; never raises for what the venue does."""
        if self._socket is not None:
            with suppress(*_BROKEN):  # its loss was noticed already, or will be
                await self._say(self._switch.farewell)
        await self._drop()

    async def _answers(self) -> bool:
        """Whether the socket that there is still works; one that does not is given up."""
        if self._socket is None:
            return False
        with suppress(*_BROKEN):
            if await self._say(self._switch.ping):
                return True
        await self._drop()
        return False

    async def _greet(self) -> bool:
        session: aiohttp.ClientSession = self._connection.client.session
        url = self._connection.stream_origin + self._switch.path
        self._socket = await session.ws_connect(url)
        venue_ms = int(self._connection.venue_time.timestamp() * 1000)
        for frame in self._switch.greeting(self._spec.api_key, self._spec.secret, venue_ms):
            if not await self._say(frame):
                await self._drop()
                return False
        return True

    async def _say(self, frame: Frame) -> bool:
        """Send a frame; whether the venue did what it asks. What else it tells is passed over."""
        assert self._socket is not None  # noqa: S101 - for the type checker: callers have one
        async with asyncio.timeout(ANSWER_S):
            await self._socket.send_str(json.dumps(frame))
            while True:
                reply: Any = await self._socket.receive_json()
                taken = self._switch.is_taken(frame, reply)
                if taken is not None:
                    return taken

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
