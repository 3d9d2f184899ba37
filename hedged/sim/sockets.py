"""The sockets of the websockets: frames in to the gate, messages out, whatever closes either."""

import asyncio
import contextlib
from collections.abc import Callable

from aiohttp import WSMsgType, web

from hedged.sim.faults.stream_gate import StreamGate, Wire

# How often market data is looked at: as Bybit sends it, not with every change.
_LOOK_S = 0.05
_LARGEST_FRAME = 64 * 1024
_FRAMES = (WSMsgType.TEXT, WSMsgType.BINARY)


class Sockets:
    """All open websockets of a server."""

    def __init__(self, gate: StreamGate, clock: Callable[[], int]) -> None:
        self._gate = gate
        self._clock = clock
        self._open: set[web.WebSocketResponse] = set()
        self._private: set[asyncio.Event] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until either side closes it."""
        wire = self._gate.open(request.path, self._clock(), request.query_string)
        if wire is None:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=_LARGEST_FRAME)
        woken = asyncio.Event()
        self._open.add(socket)
        if not wire.is_public:
            self._private.add(woken)
        writing = None
        try:
            await socket.prepare(request)
            writing = asyncio.create_task(self._write(request, socket, wire, woken))
            async for message in socket:
                if message.type in _FRAMES:
                    data = message.data
                    frame = data if isinstance(data, str) else data.decode(errors="replace")
                    wire.receive(frame, self._clock())
                    woken.set()
                    self.wake()
        finally:
            self._open.discard(socket)
            self._private.discard(woken)
            self._gate.close(wire)
            if writing is not None:
                writing.cancel()
                await _ended(writing)
        return socket

    async def _write(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        wire: Wire,
        woken: asyncio.Event,
    ) -> None:
        """Send what there is whenever something may have happened; ending ends the connection."""
        try:
            while True:
                for text in wire.collect(self._clock()):
                    await socket.send_str(text)
                if wire.is_cut:
                    return
                woken.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), _LOOK_S)
        finally:
            if not socket.closed:
                cut_off(request)

    def wake(self) -> None:
        """Let accounts hear at once of what has just happened to them."""
        for woken in self._private:
            woken.set()

    async def close(self) -> None:
        """Close all sockets."""
        await asyncio.gather(*(socket.close() for socket in tuple(self._open)))


async def _ended(writing: "asyncio.Task[None]") -> None:
    """Wait for a writer that was cancelled; a client that has gone is no failure of its."""
    with contextlib.suppress(asyncio.CancelledError, ConnectionError):
        await writing


def cut_off(request: web.Request) -> None:
    """Reset the connection of a request."""
    if request.transport is not None:
        request.transport.abort()
