"""Whole processes: the embedded exchange and the daemon, started as their users start them."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

KEYS = {"HEDGED_DEMO_KEY": "demo-key", "HEDGED_DEMO_SECRET": "demo-secret"}
PATIENCE_S = 30.0

CONFIG = """
environment = "sim"
execution = "{execution}"
{extra}
[venues.main]
exchange = "bybit"
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
    path.write_text(CONFIG.format(url=url, execution=execution, poll=poll, extra=extra))
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
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "hedged", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**_environment(arguments), "COLUMNS": "200"},
    )


class Process:
    """A running command whose output is read line by line, never missing one."""

    def __init__(self, *arguments: object) -> None:
        self.popen = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "hedged", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_environment(arguments),
        )
        self.lines: list[str] = []
        self._queue: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next_line(self) -> str:
        """The next line of output, waited for."""
        try:
            line = self._queue.get(timeout=PATIENCE_S)
        except Empty:
            raise AssertionError(f"silent for {PATIENCE_S} s after {self.lines[-3:]}") from None
        if line is None:
            raise AssertionError(f"ended; it said {self.lines[-10:]}")
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
            self.popen.wait()
        self._reader.join()
        if self.popen.stdout is not None:
            self.popen.stdout.close()


@contextmanager
def process(*arguments: object) -> Iterator[Process]:
    """A command that runs as long as the block."""
    running = Process(*arguments)
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


@contextmanager
def embedded_exchange(*options: object) -> Iterator[Exchange]:
    """`hedged sim` on a free port, with still prices unless told otherwise."""
    with process("sim", "--port", "0", *options) as running:
        url = running.next_line().split("listens on ")[1].split(";")[0]
        yield Exchange(url)
