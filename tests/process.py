"""Whole processes: the embedded exchange and the daemon, started as their users start them."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryFile
from typing import Any

from tests.forked import Fork
from tests.houses import House, house

KEYS = {"HEDGED_DEMO_KEY": "demo-key", "HEDGED_DEMO_SECRET": "demo-secret"}
PATIENCE_S = 30.0

CONFIG = """
environment = "sim"
execution = "{execution}"
{extra}
[venues.main]
exchange = "{house}"
api_key = "env:HEDGED_DEMO_KEY"
secret = "env:HEDGED_DEMO_SECRET"
url = "{url}"

[log]
format = "json"

[books.core]
poll = "{poll}"

[[books.core.hedges]]
asset = "BTC"
spot = ["main"]
venue = "main"
instrument = "BTC/USD:BTC"

[[books.core.hedges]]
asset = "ETH"
spot = ["main"]
venue = "main"
instrument = "ETH/USD:ETH"
"""


def written(
    folder: Path, url: str, *, execution: str = "dry-run", poll: str = "0.2s", extra: str = ""
) -> Path:
    """A configuration of BTC and ETH at one embedded exchange."""
    path = folder / "hedged.toml"
    home = house().name
    path.write_text(CONFIG.format(house=home, url=url, execution=execution, poll=poll, extra=extra))
    return path


def _environment(arguments: tuple[object, ...]) -> dict[str, str]:
    """Keys of the embedded exchange, and state kept beside the configuration."""
    environment = {**os.environ, **KEYS}
    for argument in arguments:
        if isinstance(argument, Path) and argument.suffix == ".toml":
            environment["STATE_DIRECTORY"] = str(argument.parent / "state")
    return environment


def hedged(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    words = [str(argument) for argument in arguments]
    environment = {**_environment(arguments), "COLUMNS": "200"}
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        fork = Fork(words, environment, out.fileno(), err.fileno())
        try:
            code = fork.wait(2 * PATIENCE_S)
        finally:
            fork.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


class EndedError(AssertionError):
    """A command that should go on has come to its end."""


class Process:
    """A running command whose output is read line by line, never missing one."""

    def __init__(self, *arguments: object, is_fresh: bool = False, **environment: str) -> None:
        """`is_fresh`: in an interpreter of its own, which takes a second to start."""
        words = [str(argument) for argument in arguments]
        environment = {**_environment(arguments), **environment}
        receiver, sink = os.pipe()
        self.popen: Fork | subprocess.Popen[bytes]
        if is_fresh:
            command = [sys.executable, "-m", "hedged", *words]
            self.popen = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)  # noqa: S603 - our own command
        else:
            self.popen = Fork(words, environment, sink, sink)
        os.close(sink)
        self._output = os.fdopen(receiver)
        self.lines: list[str] = []
        self._queue: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._output:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next_line(self) -> str:
        """The next line of output, waited for."""
        try:
            line = self._queue.get(timeout=PATIENCE_S)
        except Empty:
            raise AssertionError(f"silent for {PATIENCE_S} s after {self.lines[-3:]}") from None
        if line is None:
            self._queue.put(None)  # for whoever asks next
            raise EndedError(f"ended; it said {self.lines[-10:]}")
        self.lines.append(line)
        return line

    def event(self, name: str, **fields: object) -> dict[str, Any]:
        """The next log event of this name with these fields, waited for."""
        while True:
            line = self.next_line()
            if not line.startswith("{"):
                continue
            event: dict[str, Any] = json.loads(line)
            if event["event"] == name and fields.items() <= event.items():
                return event

    def events(self) -> list[dict[str, Any]]:
        """Everything that was logged and read so far."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it, wait, and return the exit code; the rest of its output is in `lines`."""
        self.popen.send_signal(number)
        code = self.popen.wait(PATIENCE_S)
        self._reader.join()
        while (line := self._queue.get()) is not None:
            self.lines.append(line)
        return code

    def close(self) -> None:
        """Make sure that it is gone."""
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait(PATIENCE_S)
        self._reader.join()
        self._output.close()


@contextmanager
def process(*arguments: object, is_fresh: bool = False, **environment: str) -> Iterator[Process]:
    """A command that runs as long as the block."""
    running = Process(*arguments, is_fresh=is_fresh, **environment)
    try:
        yield running
    finally:
        running.close()


class Exchange:
    """The operator's side of a running `hedged sim`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def admin(self, action: str, **fields: object) -> dict[str, Any]:
        """Call the admin interface."""
        body = json.dumps(fields).encode() if fields else None
        request = urllib.request.Request(f"{self.url}/admin/{action}", body)  # noqa: S310 - http on loopback
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - as above
            answer: dict[str, Any] = json.load(reply)
        return answer


class Exchanges(ExitStack):
    """Embedded exchanges, one of each house that was asked for, with as long a life as this."""

    def __init__(self) -> None:
        super().__init__()
        self._running: dict[str, Exchange] = {}

    def of(self, home: House) -> Exchange:
        """The one of the house that the test stands in."""
        if home.name not in self._running:
            self._running[home.name] = self.enter_context(embedded_exchange())
        return self._running[home.name]


@contextmanager
def embedded_exchange(*options: object) -> Iterator[Exchange]:
    """`hedged sim` on a free port, with still prices unless told otherwise.

    It bears with commands that follow each other faster than a hand could type them.
    """
    usual = ("--port", "0", "--limits", "100", "--dialect", house().name)
    with process("sim", *usual, *options) as running:
        url = running.next_line().split("listens on ")[1].split(";")[0]
        yield Exchange(url)
