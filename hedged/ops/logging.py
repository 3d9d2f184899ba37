"""Structured logs on stderr: JSON for machines, one readable line for people.

Events have stable names (`cycle.done`, `order.proposed`) and stable keys. Records of libraries
go the same way, and so does the traceback of a crash. Secrets are cut out of everything before
it is rendered: venue clients put keys and signed URLs into their errors.

A daemon whose log cannot be written any more is not left to act in the dark: `when_lost` lets
the supervisor end it.
"""

import errno
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final, TextIO

import structlog
from stamina.instrumentation import set_on_retry_hooks
from structlog.typing import EventDict, Processor, WrappedLogger

from hedged.ops.journald import JournalSocket
from hedged.ops.redaction import Redaction

# Said by `why` already, or of no use to a person who reads along.
_MACHINES_ONLY: Final = ("logger", "drift_usd", "band_usd", "cycle")
_PRIORITIES: Final = {  # the least level → syslog's number for it, the gravest first
    logging.CRITICAL: 2,
    logging.ERROR: 3,
    logging.WARNING: 4,
    logging.INFO: 6,
    logging.NOTSET: 7,
}
_QUIET: Final = ("apscheduler", "aiohttp", "asyncio", "ccxt", "urllib3")


class _JournalFormatter(structlog.stdlib.ProcessorFormatter):
    """Begins each line with its priority, as systemd's journal reads and removes it."""

    def format(self, record: logging.LogRecord) -> str:
        """Render a record."""
        return f"<{_priority(record)}>{super().format(record)}"


class _Nowhere(io.TextIOBase):
    """Stands for the stderr of a process that was started without one."""

    def write(self, _text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class LogStream(logging.StreamHandler[TextIO | _Nowhere]):
    """Writes records to a stream until it cannot; says so once, and is silent from then on."""

    def __init__(self, stream: TextIO | _Nowhere) -> None:
        super().__init__(stream)
        self.is_lost = False
        self.on_loss: list[Callable[[], None]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        if not self.is_lost:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Note that the stream is broken, or that a record is, without repeating what is in it."""
        error = sys.exception()
        if isinstance(error, BlockingIOError):
            return  # the reader is slow: this record is gone, but the next may pass
        if isinstance(error, OSError) or record.name == __name__:
            self.is_lost = True
            for tell in self.on_loss:
                tell()
        else:
            self.emit(_unshowable(record, error))


class _JournalStream(LogStream):
    """Tells systemd's journal natively; what it does not take goes to stderr, a journal too."""

    def __init__(self, stream: TextIO | _Nowhere) -> None:
        super().__init__(stream)
        self._journal = JournalSocket()

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record, its fields as the JSON renderer has them."""
        try:
            _, _, text = self.format(record).partition(">")
            self._journal.send(json.loads(text), _priority(record))
        except Exception:  # noqa: BLE001 - no socket, too long, a record that cannot be shown
            super().emit(record)

    def close(self) -> None:
        """Give the socket back."""
        self._journal.close()
        super().close()


def _priority(record: logging.LogRecord) -> int:
    return _PRIORITIES[next(least for least in _PRIORITIES if record.levelno >= least)]


def _unshowable(record: logging.LogRecord, error: BaseException | None) -> logging.LogRecord:
    text = f"a record of {record.name} cannot be shown: {type(error).__name__}"
    return logging.makeLogRecord(
        {"name": __name__, "levelno": record.levelno, "levelname": record.levelname, "msg": text}
    )


def configure(
    *, style: str, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Set up all logging; `style` is json, console, or auto.

    Auto is console on a terminal, native under systemd, and else json.
    """
    target = stream or sys.stderr or _Nowhere()
    is_terminal = target.isatty()
    machine = style == "json" or (style == "auto" and not is_terminal)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if machine else "%H:%M:%S", utc=True),
        structlog.processors.format_exc_info,
        Redaction(secrets),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if machine
        else structlog.dev.ConsoleRenderer(
            colors=is_terminal,
            pad_event_to=14,
            sort_keys=False,
            exception_formatter=structlog.dev.plain_traceback,  # the other shows local variables
        )
    )
    is_journal = _is_journal(target)
    handler = _JournalStream(target) if is_journal and style == "auto" else LogStream(target)
    formatter = _JournalFormatter if is_journal else structlog.stdlib.ProcessorFormatter
    handler.setFormatter(
        formatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if machine else [_for_people]),
                renderer,
            ],
        )
    )
    handler.on_loss = [tell for before in _streams() for tell in before.on_loss]
    root = logging.getLogger()
    for before in _streams():
        before.close()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    set_on_retry_hooks([])  # the gateway says itself what it could not read
    for name in _QUIET:  # at DEBUG some of these print credentials
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_crash


def _is_journal(target: TextIO | _Nowhere) -> bool:
    """Whether it leads to systemd's journal, which is told by device and inode."""
    try:
        place = os.fstat(target.fileno())
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{place.st_dev}:{place.st_ino}"


def when_lost(tell: Callable[[], None]) -> None:
    """Call `tell` when the log cannot be written any more; at once, if that is so already."""
    for handler in _streams():
        handler.on_loss.append(tell)
    if is_lost():
        tell()


def is_lost() -> bool:
    """Whether something could not be logged."""
    return any(handler.is_lost for handler in _streams())


def end_reliance() -> bool:
    """Forget all that `when_lost` was told; say whether one of them had to be called."""
    was_missed = False
    for handler in _streams():
        was_missed |= handler.is_lost and bool(handler.on_loss)
        handler.on_loss.clear()
    return was_missed


def _streams() -> list[LogStream]:
    return [h for h in logging.getLogger().handlers if isinstance(h, LogStream)]


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log what ends the process: Python itself would print the traceback with its secrets."""
    logging.getLogger("hedged").critical("process.crashed", exc_info=(kind, error, trace))


def _for_people(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key not in _MACHINES_ONLY}
