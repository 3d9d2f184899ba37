"""Tells systemd how the service is: ready, what it does, alive, stopping.

The protocol is one datagram of `KEY=value` lines to the socket that $NOTIFY_SOCKET names, which
takes fewer lines than a library for it. Outside of systemd every call does nothing, and a
datagram that cannot be sent is dropped: the service manager never gets in the way of trading.

The watchdog is fed by the cycles, at the end of each read and of each cycle, never by a timer of
its own: a loop that is blocked, or a cycle that hangs, starves it and systemd restarts the process,
which reconciles before it trades. A cycle that found something missing feeds it all the same: a
restart would not bring it back.
"""

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

MICROSECONDS: Final = 1_000_000
HANGS_S: Final = 180.0  # a cycle that takes longer will not end any more
LONGEST_STATUS: Final = 400  # characters; `systemctl status` shows one line


class Notifier:
    """The service's side of sd_notify."""

    def __init__(self, env: Mapping[str, str], pid: int | None = None) -> None:
        self._address = _address(env.get("NOTIFY_SOCKET", ""))
        self.watchdog_s = _watchdog_s(env, os.getpid() if pid is None else pid)

    def ready(self, status: str, *, longest_wait_s: float = 0.0) -> None:
        """The service works from now on; it waits at most `longest_wait_s` between two cycles."""
        fields = {"READY": "1", "STATUS": status}
        if self.watchdog_s is not None and longest_wait_s > self.watchdog_s / 2:
            patience_s = longest_wait_s + self.watchdog_s
            fields["WATCHDOG_USEC"] = str(round(patience_s * MICROSECONDS))
        self._tell(fields)

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._tell({"STATUS": text})

    def alive(self) -> None:
        """Feed the watchdog."""
        if self.watchdog_s is not None:
            self._tell({"WATCHDOG": "1"})

    def stopping(self, status: str) -> None:
        """The service is about to end."""
        self._tell({"STOPPING": "1", "STATUS": status})

    def _tell(self, fields: Mapping[str, str]) -> None:
        if not self._address:
            return
        lines = (
            f"{key}={' '.join(value.split())[:LONGEST_STATUS]}" for key, value in fields.items()
        )
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.setblocking(False)
            to.sendto("\n".join(lines).encode(), self._address)


class Pulse:
    """Feeds the watchdog with what happens in the cycles, unless a book's cycle hangs."""

    def __init__(
        self, notifier: Notifier, waits_s: Mapping[str, float], now_s: Callable[[], float]
    ) -> None:
        """`waits_s`: the time between two cycles of each book; `now_s` is monotonic."""
        self._notifier = notifier
        self._now_s = now_s
        self._longest_s = {book: wait_s + HANGS_S for book, wait_s in waits_s.items()}
        self._ended_s = dict.fromkeys(waits_s, now_s())

    def read_ended(self) -> None:
        """A read ended, well or not: a slow venue is no reason for a restart."""
        now_s = self._now_s()
        if all(now_s - at_s <= self._longest_s[book] for book, at_s in self._ended_s.items()):
            self._notifier.alive()

    def cycle_ended(self, book: str) -> None:
        """A cycle of this book ended, well or not."""
        self._ended_s[book] = self._now_s()
        self.read_ended()


def _address(named: str) -> str:
    """The socket as the kernel names it; an @ stands for the zero byte of an abstract one."""
    return f"\0{named[1:]}" if named.startswith("@") else named


def _watchdog_s(env: Mapping[str, str], pid: int) -> float | None:
    """How often systemd wants to hear that this very process is alive; None: not at all."""
    if env.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    with suppress(ValueError):
        return int(env.get("WATCHDOG_USEC", "")) / MICROSECONDS or None
    return None
