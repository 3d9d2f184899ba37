"""The daemon as its service manager sees it, without one: only the protocol and the exit codes."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import Exchange, hedged, process, written

PATIENCE_S = 30.0


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", listening.getsockname())
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")
        yield listening


def until(manager: socket.socket, text: str) -> list[str]:
    """What the manager hears, up to the first message with this text."""
    messages = [manager.recv(4096).decode()]
    while text not in messages[-1]:
        messages.append(manager.recv(4096).decode())
    return messages


def test_ready_status_life_and_stop(
    exchange: Exchange, manager: socket.socket, tmp_path: Path
) -> None:
    with process("run", "-c", written(tmp_path, exchange.url)) as daemon:
        before = until(manager, "READY=1")
        assert set(before[:-1]) <= {"WATCHDOG=1"}  # systemd counts from ready on
        said = until(manager, "ETH ")
        assert "WATCHDOG=1" in said
        assert said[-1].startswith("STATUS=dry-run on sim; core: BTC ")
        daemon.popen.send_signal(signal.SIGTERM)
        until(manager, "STOPPING=1")
        assert daemon.popen.wait(PATIENCE_S) == 0


def test_a_degraded_cycle_feeds_the_watchdog(
    exchange: Exchange, manager: socket.socket, tmp_path: Path
) -> None:
    with process("run", "-c", written(tmp_path, exchange.url)):
        until(manager, "ETH ")
        fault = exchange.admin("fault", kind="maintenance")
        try:
            until(manager, "SOURCE_MISSING")
            for _ in range(3):
                until(manager, "WATCHDOG=1")
        finally:
            exchange.admin("lift", number=str(fault["number"]))


def test_a_read_slower_than_the_watchdog_allows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "http://127.0.0.1:9")
    path.write_text(path.read_text().replace("[log]", 'timeout = "20s"\n[log]', 1))
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    done = hedged("run", "-c", path)
    assert done.returncode == 78
    assert (
        "venues.main.timeout: is 20 s, but must be below half of the watchdog's 30 s"
        in " ".join(done.stderr.split())
    )
    assert "Traceback" not in done.stderr
    assert not os.environ.get("NOTIFY_SOCKET")
