"""The journal is told natively, field by field; what it does not take is on stderr all the same."""

import json
import logging as stdlib
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hedged.ops import journald, logging
from hedged.ops.journald import datagram, message

Fields = dict[str, str]


def parsed(sent: bytes) -> Fields:
    """A datagram as the journal reads it."""
    found, at = {}, 0
    while at < len(sent):
        end = sent.index(b"\n", at)
        name, equals, value = sent[at:end].partition(b"=")
        at = end + 1
        if not equals:
            (length,) = struct.unpack_from("<Q", sent, at)
            value = sent[at + 8 : at + 8 + length]
            at += 8 + length + 1
        found[name.decode()] = value.decode()
    return found


NAMES = st.text(st.characters(codec="utf-8"), max_size=80)
VALUES = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"))


@given(st.dictionaries(NAMES, VALUES | st.lists(VALUES, max_size=2)), st.integers(0, 7))
def test_whatever_is_logged_is_read_back(event: dict[str, object], priority: int) -> None:
    found = parsed(datagram(event, priority, "hedged@main"))
    assert (found["PRIORITY"], found["SYSLOG_IDENTIFIER"]) == (str(priority), "hedged@main")
    assert found["MESSAGE"] == message(event)
    own = found.keys() - {"PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE"}
    assert all(name.startswith("HEDGED_") and len(name) <= 64 for name in own)
    assert all(name.replace("_", "").isalnum() or name == "HEDGED_" for name in own)
    if isinstance(event.get("why"), str):
        assert found["HEDGED_WHY"] == event["why"] or len(own) < len(event)


def test_the_line_is_for_people() -> None:
    event = {
        "event": "order.sent",
        "side": "sell",
        "why": "drift +3 USD",
        "n": 3,
        "none": None,
        "logger": "hedged.hedger",
        "level": "info",
        "timestamp": "now",
        "exception": "Trace\nback",
    }
    assert message(event) == 'order.sent side=sell why="drift +3 USD" n=3 none=null\nTrace\nback'


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What stands for systemd's journal; the log goes there as it does under systemd."""
    root, hook = stdlib.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(f"{folder}/socket")
        end.settimeout(5)
        monkeypatch.setattr(
            journald.JournalSocket.__init__, "__defaults__", (Path(f"{folder}/socket"),)
        )
        monkeypatch.setenv("SYSLOG_IDENTIFIER", "hedged@main")
        yield end
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = handlers, level
    sys.excepthook = hook
    structlog.reset_defaults()


def test_fields_go_to_the_journal_and_what_it_does_not_take_to_stderr(
    journal: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "stderr").open("w+") as stderr:
        place = os.fstat(stderr.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{place.st_dev}:{place.st_ino}")
        logging.configure(style="auto", level="info", secrets=["demo-secret"], stream=stderr)
        log = structlog.get_logger("hedged.test")
        log.warning("alert", book="core", reason="STALE_DATA", why="two\nlines of demo-secret")
        found = parsed(journal.recv(65536))
        assert (found["HEDGED_BOOK"], found["HEDGED_REASON"]) == ("core", "STALE_DATA")
        assert (found["PRIORITY"], found["SYSLOG_IDENTIFIER"]) == ("4", "hedged@main")
        assert "demo-secret" not in str(found)
        assert Path(stderr.name).read_text() == ""
        log.info("large", text="x" * 10_000_000)  # no datagram is that long
        (line,) = Path(stderr.name).read_text().splitlines()
        assert line.startswith("<6>")
        assert json.loads(line[3:])["event"] == "large"
        journal.close()
        log.info("gone")
        assert Path(stderr.name).read_text().count("\n") == 2
        logging.configure(style="json", level="info", stream=stderr)
        log.info("as.asked")
        assert json.loads(Path(stderr.name).read_text().splitlines()[-1][3:])["event"] == "as.asked"
