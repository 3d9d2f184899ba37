"""The log: secrets never show, whatever carries them; a log that cannot be written is noticed."""

import io
import json
import logging as stdlib
import os
import sys
from collections import UserDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from hedged.ops import logging
from hedged.ops.redaction import HIDDEN

CANARY = r"can'ary-7f3a\9c/+"
TEXT = f"said {CANARY}"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Give the process back its own logging."""
    root, hook = stdlib.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook = hook
    structlog.reset_defaults()


@dataclass
class Carrier:
    name: str
    load: object


class Shy:
    def __repr__(self) -> str:
        raise RuntimeError(CANARY)


class Loud:
    def __repr__(self) -> str:
        return f"<Loud {CANARY}>"

    __structlog__ = __repr__


class Count(int):
    def __repr__(self) -> str:
        return CANARY


def logged(style: str, write: Callable[[structlog.stdlib.BoundLogger], object]) -> str:
    stream = io.StringIO()
    logging.configure(style=style, level="debug", secrets=[CANARY], stream=stream)
    write(structlog.get_logger("test"))
    return stream.getvalue()


LEAVES: list[Callable[[], object]] = [
    lambda: CANARY,
    CANARY.encode,
    lambda: bytearray(CANARY.encode()),
    lambda: ValueError(CANARY),
    lambda: {CANARY},
    lambda: frozenset({repr(CANARY)}),
    lambda: Path(f"/run/{CANARY}"),
    lambda: f"GET https://example.org/?q={quote(CANARY)}",
    lambda: json.dumps({"j": json.dumps(CANARY)}),
    Loud,
    Shy,
    lambda: Count(7),
]
WRAPS: list[Callable[[object], object]] = [
    lambda x: [x],
    lambda x: (x, 1),
    lambda x: {"inner": x},
    lambda x: {CANARY: x},
    lambda x: KeyError("k", x),
    lambda x: ExceptionGroup("several", [ValueError(x)]),
    lambda x: Carrier("c", x),
    lambda x: deque([x]),
    lambda x: UserDict({"u": x}),
    lambda x: MappingProxyType({"m": x}),
]
leaves = st.sampled_from(range(len(LEAVES))).map(lambda number: LEAVES[number]())
nested = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda number, x: WRAPS[number](x), st.sampled_from(range(len(WRAPS))), inner
    ),
    max_leaves=12,
)


def forms(text: str) -> list[str]:
    """The canary as it stands, and its tail, which no escaping alters."""
    return [form for form in (CANARY, "ary-7f3a") if form in text]


@settings(max_examples=300, deadline=None)
@given(value=nested, style=st.sampled_from(["json", "console"]))
def test_no_secret_shows_at_any_depth_of_anything(value: object, style: str) -> None:
    said = logged(style, lambda log: log.info("e", value=value, more=[value, {"deep": {1: value}}]))
    assert forms(said) == []
    assert "e" in said
    if style == "json":
        assert json.loads(said)["event"] == "e"


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize(
    "write",
    [
        lambda log: log.info(TEXT),
        lambda log: log.info(ValueError(CANARY)),
        lambda log: log.info("e", **{CANARY: 1}),
        lambda log: log.info("e %s", CANARY),
        lambda log: log.bind(secretly=CANARY).info("e"),
        lambda _: stdlib.getLogger("library").warning("said %s", ValueError(CANARY)),
        lambda _: stdlib.getLogger("library").warning("%d", CANARY),
        lambda _: stdlib.getLogger("library").error("e", exc_info=ValueError(CANARY)),
        lambda _: stdlib.getLogger("library").error("e", stack_info=True, extra={"x": CANARY}),
    ],
)
def test_no_way_of_logging_shows_a_secret(
    write: Callable[[Any], object], style: str, capfd: pytest.CaptureFixture[str]
) -> None:
    said = logged(style, write)
    assert said.count("\n") == 1 or "Traceback" in said or "Error" in said or "Stack" in said
    assert forms(said + capfd.readouterr().err) == []


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_traceback_is_logged_without_its_secret(style: str) -> None:
    def failing(log: structlog.stdlib.BoundLogger) -> None:
        try:
            int(CANARY)
        except ValueError:
            log.exception("failed", why="a test")

    said = logged(style, failing)
    assert "Traceback" in said
    assert "ValueError" in said
    assert HIDDEN in said
    assert forms(said) == []


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_process_that_crashes_says_so_in_its_log(style: str) -> None:
    error = RuntimeError(CANARY)
    said = logged(style, lambda _: sys.excepthook(RuntimeError, error, None))
    assert "process.crashed" in said
    assert "RuntimeError" in said
    assert forms(said) == []


def test_numbers_and_the_like_stay_what_they_are() -> None:
    values = {"i": 3, "f": 1.5, "yes": True, "none": None, "list": [1, "a"], "map": {"k": 2}}
    said = json.loads(logged("json", lambda log: log.info("e", **values, amount=Decimal("1.50"))))
    assert {key: said[key] for key in values} == values
    assert said["amount"] == "1.50"


def test_a_field_named_as_a_secret_is_hidden_though_its_value_is_unknown() -> None:
    headers = {"X-BAPI-SIGN": "0123abcd", "api_key": "other", "Accept": "json"}
    said = json.loads(logged("json", lambda log: log.info("e", headers=headers, signal="SIGINT")))
    assert said["headers"] == {"X-BAPI-SIGN": HIDDEN, "api_key": HIDDEN, "Accept": "json"}
    assert said["signal"] == "SIGINT"


def test_a_value_that_contains_itself_is_logged_all_the_same() -> None:
    loop: dict[str, object] = {"secret place": CANARY}
    loop["again"] = loop
    said = logged("json", lambda log: log.info("e", loop=loop))
    assert forms(said) == []


def test_a_short_secret_does_not_unmake_the_record() -> None:
    stream = io.StringIO()
    logging.configure(style="json", level="info", secrets=["event"], stream=stream)
    structlog.get_logger("test").info("the event", event_name=1)
    said = json.loads(stream.getvalue())
    assert said["event"] == f"the {HIDDEN}"


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    writes = 0

    def write(self, _text: str) -> int:
        self.writes += 1
        raise BrokenPipeError(32, "Broken pipe")


def test_a_log_that_cannot_be_written_is_told_once_and_not_tried_again() -> None:
    told: list[str] = []
    stream = Broken()
    logging.configure(style="json", level="info", stream=stream)
    logging.when_lost(lambda: told.append("lost"))
    assert not logging.is_lost()
    for _ in range(3):
        structlog.get_logger("test").info("e")
    assert (told, stream.writes, logging.is_lost()) == (["lost"], 1, True)
    logging.when_lost(lambda: told.append("late"))
    assert told == ["lost", "late"]
    assert logging.end_reliance()
    assert not logging.end_reliance()


def test_a_process_without_stderr_has_lost_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    logging.configure(style="auto", level="info")
    assert not logging.is_lost()
    structlog.get_logger("test").info("e")
    assert logging.is_lost()
    assert not logging.end_reliance()


def test_the_log_is_not_lost_by_a_full_record_of_a_library(tmp_path: Path) -> None:
    with os.fdopen(os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY), "w") as stream:
        logging.configure(style="console", level="info", stream=stream)
        stdlib.getLogger("library").warning("%d", "text")
        assert not logging.is_lost()
    assert "cannot be shown" in (tmp_path / "log").read_text()


def test_a_closed_stream_is_a_lost_log(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        logging.configure(style="json", level="info", stream=stream)
    structlog.get_logger("test").info("e")
    assert logging.is_lost()


def test_a_reader_that_is_slow_is_not_a_lost_log() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise BlockingIOError

    logging.configure(style="json", level="info", stream=Full())
    structlog.get_logger("test").info("e")
    assert not logging.is_lost()


@pytest.mark.parametrize("other", [0, 1])
def test_lines_for_the_journal_of_systemd_begin_with_their_priority(
    other: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "log").open("w+") as stream:
        place = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{place.st_dev}:{place.st_ino + other}")
        logging.configure(style="json", level="debug", stream=stream)
        log = structlog.get_logger("test")
        for tell in (log.debug, log.info, log.warning, log.error, log.critical):
            tell("said")
        stream.seek(0)
        begins = [line.partition("{")[0] for line in stream]
    assert begins == (["<7>", "<6>", "<4>", "<3>", "<2>"] if not other else [""] * 5)
