"""systemd's journal, told natively: every field of an event is one to filter by.

    journalctl -u hedged@main HEDGED_EVENT=order.sent HEDGED_ASSET=BTC
    journalctl -u hedged@main HEDGED_REASON=STALE_DATA --since today

Protocol: one datagram a record, a line `NAME=value` for each field; a value of several lines is
its name, a newline, its length as 64 bits little-endian, and itself
(systemd.io/JOURNAL_NATIVE_PROTOCOL).
"""

import json
import os
import re
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

SOCKET: Final = Path("/run/systemd/journal/socket")
PATIENCE_S: Final = 1.0  # for a journal that is slow
PREFIX: Final = "HEDGED_"
_LONGEST_NAME: Final = 64
_NO_NAME: Final = re.compile("[^A-Z0-9_]")
_JOURNALS_OWN: Final = ("timestamp", "level")  # it has fields of its own for these
_AT_THE_END: Final = ("exception",)


class JournalSocket:
    """Where records go; one that cannot be sent raises OSError."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE_S)
        self._path = str(path)

    def send(self, event: Mapping[str, Any], priority: int) -> None:
        """Tell the journal an event, as it would be shown in JSON."""
        self._socket.sendto(datagram(event, priority, _identifier()), self._path)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


def datagram(event: Mapping[str, Any], priority: int, identifier: str) -> bytes:
    """An event in the journal's protocol."""
    told = {
        "MESSAGE": message(event),
        "PRIORITY": str(priority),
        "SYSLOG_IDENTIFIER": identifier,
        **dict(_fields(event)),
    }
    return b"".join(_line(name.encode(), value.encode()) for name, value in told.items())


def message(event: Mapping[str, Any]) -> str:
    """An event as a line for people; a traceback follows it."""
    rest = [
        f"{key}={_words(value)}"
        for key, value in event.items()
        if key not in {"event", "logger", *_JOURNALS_OWN, *_AT_THE_END}
    ]
    below = [_text(event[key]) for key in _AT_THE_END if event.get(key)]
    return "\n".join([" ".join([_text(event.get("event", "")), *rest]), *below])


def _fields(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in event.items():
        if value is not None and key not in _JOURNALS_OWN:
            yield (PREFIX + _NO_NAME.sub("_", key.upper()))[:_LONGEST_NAME], _text(value)


def _line(name: bytes, value: bytes) -> bytes:
    if b"\n" in value:
        return name + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return name + b"=" + value + b"\n"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _words(value: object) -> str:
    """Quoted where it would not be one word."""
    text = _text(value)
    one = text and not re.search(r'[\s"=]', text)
    return text if one or not isinstance(value, str) else json.dumps(text, ensure_ascii=False)


def _identifier() -> str:
    """What the unit calls itself: systemd sets it for what is written to stderr only."""
    return os.environ.get("SYSLOG_IDENTIFIER") or "hedged"
