"""Structured logs on stderr: JSON for machines, one readable line for people.

Events have stable names (`cycle.done`, `order.proposed`) and stable keys. Records of libraries
go the same way. Secrets are cut out of every record and traceback before it is rendered:
venue clients put keys and signed URLs into both.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Final, TextIO

import structlog
from stamina.instrumentation import set_on_retry_hooks
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "[redacted]"
_SIGNED: Final = re.compile(
    r"(?i)((?:signature|sign|api[-_]?key|secret|passphrase|token|x-bapi-[a-z-]+)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"'&,}]+"
)
# Said by `why` already, or of no use to a person who reads along.
_MACHINES_ONLY: Final = ("logger", "drift_usd", "band_usd", "cycle")
_QUIET: Final = ("apscheduler", "aiohttp", "asyncio", "ccxt", "urllib3")


class Redaction:
    """Cuts known secrets, and whatever looks like a signed request, out of a record."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted((s for s in secrets if s), key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Redact every string in the record, at any depth."""
        return {key: self._clean(value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _SIGNED.sub(rf"\g<1>{HIDDEN}", text)

    def _clean(self, value: object) -> object:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self._clean(item) for key, item in value.items()}
            case list() | tuple():
                return [self._clean(item) for item in value]
            case _:
                return value


def configure(
    *, style: str, level: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Set up all logging; `style` is json, console, or auto (console on a terminal)."""
    stream = stream or sys.stderr
    machine = style == "json" or (style == "auto" and not stream.isatty())
    colors = not machine and stream.isatty()
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
        else structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=14, sort_keys=False)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if machine else [_for_people]),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    set_on_retry_hooks([])  # the gateway says itself what it could not read
    for name in _QUIET:  # at DEBUG some of these print credentials
        logging.getLogger(name).setLevel(logging.WARNING)


def _for_people(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key not in _MACHINES_ONLY}
