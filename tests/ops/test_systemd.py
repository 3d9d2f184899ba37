"""What systemd is told, and what the watchdog lives on."""

import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hedged.ops.systemd import HANGS_S, Notifier, Pulse


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def notifier(manager: socket.socket, **env: str) -> Notifier:
    return Notifier({"NOTIFY_SOCKET": manager.getsockname(), **env})


def heard(manager: socket.socket) -> list[str]:
    """What the manager was told, one message each."""
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode())
        except BlockingIOError:
            return messages


def test_a_life_in_the_words_of_the_protocol(manager: socket.socket) -> None:
    service = notifier(manager, WATCHDOG_USEC="30000000")
    service.ready("up")
    service.status("BTC IN_BAND\nREADY=0")  # a text must not become a field
    service.alive()
    service.stopping("bye")
    assert heard(manager) == [
        "READY=1\nSTATUS=up",
        "STATUS=BTC IN_BAND READY=0",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=bye",
    ]


def test_an_abstract_socket() -> None:
    name = f"hedged-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        Notifier({"NOTIFY_SOCKET": f"@{name}"}).status("here")
        assert listening.recv(100) == b"STATUS=here"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "relative"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    service = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    service.ready("up")
    service.alive()


def test_a_manager_that_does_not_read_holds_nothing_up(manager: socket.socket) -> None:
    service = notifier(manager)
    for _ in range(5000):
        service.status("x" * 400)
    assert heard(manager)


@pytest.mark.parametrize(
    ("env", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),  # meant for another process
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_that_the_environment_names(
    env: dict[str, str], watchdog_s: float | None
) -> None:
    assert Notifier(env).watchdog_s == watchdog_s


def test_long_waits_between_cycles_stretch_the_watchdog(manager: socket.socket) -> None:
    service = notifier(manager, WATCHDOG_USEC="30000000")
    service.ready("up", longest_wait_s=15)
    service.ready("up", longest_wait_s=3600)
    assert [("WATCHDOG_USEC=3630000000" in text) for text in heard(manager)] == [False, True]


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_fault_30_the_watchdog_is_fed_until_a_cycle_hangs(manager: socket.socket) -> None:
    clock = Clock()
    service = notifier(manager, WATCHDOG_USEC="30000000")
    pulse = Pulse(service, {"quick": 10.0, "slow": 3600.0}, clock)
    pulse.cycle_ended("quick")
    pulse.read_ended()
    assert heard(manager) == ["WATCHDOG=1"] * 2
    clock.now_s += 10 + HANGS_S + 1
    pulse.cycle_ended("slow")  # within its own time; but the quick book hangs
    pulse.read_ended()
    assert heard(manager) == []
    pulse.cycle_ended("quick")
    assert heard(manager) == ["WATCHDOG=1"]
