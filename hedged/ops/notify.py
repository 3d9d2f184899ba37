"""Takes alerts to people, through apprise, and never gets in the way of trading.

Each address has an outbox with a thread of its own: one that hangs or is down holds up neither
the others nor the event loop. `put` never waits. Whatever has gathered meanwhile goes as one
message, so an address that comes back is not flooded. An outbox is bounded: the oldest alert that
is not critical makes room. What was dropped, or could not be delivered after some tries, is
counted, logged, and said in the next message.

Addresses are secrets: many carry a token. No text of apprise's is logged, because it may show one.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import structlog

log = structlog.get_logger("hedged.notify")

CAPACITY: Final = 200  # alerts that wait at one address
LISTED: Final = 20  # in one message
PAUSES_S: Final = (1.0, 5.0, 30.0, 120.0)  # between the tries of one message
GOODBYE_S: Final = 3.0  # for what waits when the daemon ends
_TELLING: Final = 6  # characters from which a part of an address may be a secret


class Level(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell; `title` is a line, `text` has the figures and what to do."""

    level: Level
    title: str
    text: str
    is_over: bool = False  # it was told, and has ended


@dataclass(frozen=True, slots=True)
class Message:
    """What one address gets at once."""

    level: Level
    title: str
    body: str


Deliver = Callable[[Message], bool]  # may block; False, or whatever it raises: not delivered


class AddressError(Exception):
    """An address that apprise does not know; the text does not show it."""


def message(alerts: Sequence[Alert], sender: str, lost: int = 0) -> Message:
    """These alerts as one message, the gravest first; `lost` is how many never arrived."""
    ordered = sorted(alerts, key=lambda alert: (alert.is_over, -alert.level.rank))
    worst = max(
        (alert.level for alert in alerts if not alert.is_over),
        key=lambda one: one.rank,
        default=Level.INFO,
    )
    first = ordered[0].title
    title = first if len(ordered) == 1 else f"{first}, and {len(ordered) - 1} more"
    blocks = [f"{_mark(alert)} {alert.title}\n{alert.text}" for alert in ordered[:LISTED]]
    if len(ordered) > LISTED:
        blocks.append(f"... and {len(ordered) - LISTED} more, see the log")
    if lost:
        blocks.append(f"{lost} earlier alerts did not get through, see the log")
    return Message(worst, f"[{sender}] {title}", "\n\n".join(blocks))


def _mark(alert: Alert) -> str:
    return "OVER:" if alert.is_over else f"{alert.level.value.upper()}:"


def apprise_at(url: str) -> Deliver:
    """What delivers to an address of apprise's, such as json://, mailto:// or tgram://.

    Raises:
        AddressError: it is none.
    """
    import apprise  # noqa: PLC0415 - takes half a second, which only those pay who use it

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="hedged", app_desc="hedged", async_mode=False, secure_logging=True
    )
    target = apprise.Apprise(asset=asset)
    if not target.add(url):
        raise AddressError(
            "is not an address that apprise knows; it begins like json://, mailto:// or tgram://"
        )
    kinds = {
        Level.INFO: apprise.NotifyType.INFO,
        Level.WARNING: apprise.NotifyType.WARNING,
        Level.CRITICAL: apprise.NotifyType.FAILURE,
    }

    def deliver(text: Message) -> bool:
        return bool(
            target.notify(
                title=text.title,
                body=text.body,
                notify_type=kinds[text.level],
                body_format=apprise.NotifyFormat.TEXT,
            )
        )

    return deliver


def secret_parts(url: str) -> list[str]:
    """An address and all in it that may be a secret, for the log's redaction."""
    try:
        parts = urlsplit(url)
        values = [parts.username or "", parts.password or "", *parts.path.split("/")]
        values += [value for _, value in parse_qsl(parts.query)]
        hosts = [] if parts.scheme.endswith(("http", "https", "json", "jsons")) else [parts.netloc]
    except ValueError:
        return [url]
    return [url, *(part for part in (*values, *hosts) if len(part) >= _TELLING)]


class Outbox:
    """The alerts that wait for one address, and the thread that takes them there."""

    def __init__(
        self,
        name: str,
        deliver: Deliver,
        sender: str,
        *,
        capacity: int = CAPACITY,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        """`name` is where the address is kept, never the address."""
        self.name = name
        self.sent = 0
        self.dropped = 0  # no room, or not delivered after all tries
        self._deliver = deliver
        self._sender = sender
        self._capacity = capacity
        self._pauses_s = tuple(pauses_s)
        self._waiting: deque[Alert] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._unsaid = 0  # dropped since the last message that said so
        self._thread = threading.Thread(target=self._work, name=f"notify {name}", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, alerts: Sequence[Alert]) -> None:
        """Have these delivered; never waits for it."""
        with self._changed:
            self._waiting.extend(alerts)
            while len(self._waiting) > self._capacity:
                self._drop()
            self._changed.notify()

    def close(self, patience_s: float = GOODBYE_S) -> None:
        """Deliver what waits, for as long as that; then leave it."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(patience_s)
        if self._thread.is_alive():
            log.warning("alerts.left", to=self.name, waiting=len(self._waiting))

    def _drop(self) -> None:
        """Make room: the oldest that is not critical goes, or else the oldest."""
        minor = (alert for alert in self._waiting if alert.level is not Level.CRITICAL)
        self._waiting.remove(next(minor, self._waiting[0]))
        self._count(1)
        if self._unsaid == 1:
            log.warning("alerts.dropped", to=self.name, why="too many wait", limit=self._capacity)

    def _count(self, lost: int) -> None:
        self.dropped += lost
        self._unsaid += lost

    def _work(self) -> None:
        while batch := self._batch():
            lost = self._unsaid
            if self._try(message(batch, self._sender, lost)):
                self.sent += len(batch)
                with self._changed:
                    self._unsaid -= lost
            else:
                with self._changed:
                    self._count(len(batch))
                log.error("alerts.undelivered", to=self.name, titles=[one.title for one in batch])

    def _batch(self) -> list[Alert]:
        """All that waits, once something does; nothing when it is to end."""
        with self._changed:
            while not self._waiting and not self._is_closing:
                self._changed.wait()
            batch = list(self._waiting)
            self._waiting.clear()
            return batch

    def _try(self, text: Message) -> bool:
        for pause_s in (*self._pauses_s, None):
            why = "the address did not take it"
            try:
                if self._deliver(text):
                    return True
            except Exception as error:  # noqa: BLE001 - whatever a foreign library may raise
                why = type(error).__name__
            with self._changed:
                if pause_s is None or self._is_closing:
                    return False
                log.warning("alerts.not_delivered", to=self.name, why=why, again_in_s=pause_s)
                self._changed.wait_for(lambda: self._is_closing, pause_s)
        return False
