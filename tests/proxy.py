"""A TCP proxy that can lose connections the way that networks do: silently."""

import asyncio
from typing import Final

HOST: Final = "127.0.0.1"


class Proxy:
    """Passes bytes on to a port of this machine, until it is told not to.

    Once `dead`, nothing passes either way and nothing is closed: the connections are half-open,
    and so are new ones for as long as `takes_new` is false.
    """

    def __init__(self) -> None:
        self._target = 0
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._lines: list[asyncio.Event] = []  # one of each connection: set while it is alive
        self.takes_new = True

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return f"http://{HOST}:{port}"

    @property
    def connections(self) -> int:
        """How many there have been."""
        return len(self._lines)

    async def start(self, target: int) -> None:
        """Begin to listen, for the port `target`."""
        self._target = target
        self._server = await asyncio.start_server(self._serve, HOST, 0)

    async def stop(self) -> None:
        """Close everything."""
        assert self._server is not None
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        await self._server.wait_closed()

    def cut_silently(self, *, takes_new: bool) -> None:
        """Leave every connection half-open; whether those that come now live."""
        self.takes_new = takes_new
        for line in self._lines:
            line.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.Event()
        self._lines.append(line)
        if self.takes_new:
            line.set()
        inner, outer = await asyncio.open_connection(HOST, self._target)
        for source, sink in ((reader, outer), (inner, writer)):
            pump = asyncio.create_task(self._pump(source, sink, line))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    @staticmethod
    async def _pump(
        source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: asyncio.Event
    ) -> None:
        try:
            while data := await source.read(65_536):
                await line.wait()
                sink.write(data)
                await sink.drain()
            await line.wait()
        except ConnectionError:
            pass  # the other side has gone, and so does this one
        finally:
            sink.close()
