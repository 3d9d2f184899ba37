"""Wires those who look on beside the trading: API and dashboard, alerts, heartbeat.

They see what the cycles found and did, and can reach nothing that trades.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from hedged.alerts.conditions import Facts
from hedged.alerts.digest import digest
from hedged.alerts.reports import of_the_day, regular
from hedged.alerts.watchman import Recipient, Told, Watchman
from hedged.app import Daemon
from hedged.clock import SystemClock
from hedged.config import ConfigError, Problem, SecretRef, Settings, resolve
from hedged.core.events import Fill, StateChanged
from hedged.core.ledger import Ledger
from hedged.core.types import Finding
from hedged.engine.cycle import Cycle
from hedged.engine.readiness import is_good, silence_of
from hedged.ops.heartbeat import Heartbeat
from hedged.ops.notify import AddressError, Alert, Deliver, Level, Outbox, apprise_at
from hedged.ops.schedule import Schedule
from hedged.ports import Clock, Selection, StoreError
from hedged.report.scheduled import Reporter
from hedged.store import state_folder
from hedged.web.history import CAPACITY
from hedged.web.recall import recall
from hedged.web.recorder import Recorder
from hedged.web.server import served
from hedged.web.subject import Subject
from hedged.web.tokens import TokenFile
from hedged.web.view import View

log = structlog.get_logger("hedged.alerts")


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who is told: where the address is kept, and how to deliver there."""

    name: str
    deliver: Deliver
    least: Level


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who is told, and the monitor that wants to hear that all is well."""

    listeners: tuple[Listener, ...] = ()
    heartbeat_url: str | None = None


def audience_of(settings: Settings, env: Mapping[str, str], base: Path) -> Audience:
    """Everybody whom the settings name.

    Raises:
        ConfigError: an address cannot be read, or is none.
    """
    alerts = settings.alerts
    listeners = [_listener(ref, Level(alerts.level), env, base) for ref in alerts.to]
    listeners += [_listener(ref, Level.CRITICAL, env, base) for ref in alerts.urgent]
    beat = settings.heartbeat.url
    return Audience(tuple(listeners), None if beat is None else _http(beat, env, base))


def _listener(ref: SecretRef, least: Level, env: Mapping[str, str], base: Path) -> Listener:
    url = resolve(ref, env, base).get_secret_value()
    try:
        return Listener(str(ref), apprise_at(url), least)
    except AddressError as error:
        message = f"what {ref} holds {error}"
    raise ConfigError([Problem(ref.file, ref.line, ref.key, message)])


def _http(ref: SecretRef, env: Mapping[str, str], base: Path) -> str:
    url = resolve(ref, env, base).get_secret_value()
    if not url.startswith(("http://", "https://")):
        message = f"what {ref} holds does not begin with http:// or https://"
        raise ConfigError([Problem(ref.file, ref.line, ref.key, message)])
    return url


def unrecorded_halt(daemon: Daemon) -> StateChanged | None:
    """A halt that is in force, and not on record yet."""
    return None if daemon.executor is None else daemon.executor.brake.unrecorded


def sender(daemon: Daemon) -> str:
    """Who an alert is from."""
    return f"hedged {daemon.settings.environment.value} {daemon.execution.value}"


def tokens_of(settings: Settings, env: Mapping[str, str]) -> TokenFile:
    """Where the tokens of the API are kept."""
    return TokenFile(state_folder(env) / f"tokens-{settings.environment.value}.json")


@asynccontextmanager
async def shown(
    daemon: Daemon, tokens: TokenFile, telling: Told | None = None, before: View | None = None
) -> AsyncIterator[View]:
    """Watch every cycle, and serve the API and the dashboard where the settings say so.

    `telling` is what `alerted` is given: what becomes of the alerts is counted. `before` is what
    was shown until a reload: charts and lists go on with it.
    """
    clock = SystemClock()
    subject = Subject(
        settings=daemon.settings,
        execution=daemon.execution,
        journal=daemon.journal,
        venues=daemon.venues,
        perform=daemon.perform,
        wake=daemon.wake,
        clock=clock,
        started_at=clock.now(),
        outboxes=tuple if telling is None else lambda: telling.outboxes,
        unrecorded=lambda: unrecorded_halt(daemon),
    )
    hedgers = [loop.hedger for loop in daemon.loops]
    recorder = await _recorder(daemon, before)
    for hedger in hedgers:
        hedger.watchers.append(recorder.watch)
    async with served(subject, recorder, hedgers, tokens):
        yield View(subject, recorder)


async def _recorder(daemon: Daemon, before: View | None) -> Recorder:
    """What remembers the cycles: with what is known of the past, where somebody may look."""
    points = CAPACITY if daemon.settings.web.bind else 1
    if before is not None and before.recorder.points == points:
        before.recorder.cycles.clear()  # of another configuration
        return before.recorder
    recorder = Recorder(points)
    if daemon.journal is not None and daemon.settings.web.bind:
        await recall(recorder, daemon.journal, daemon.settings.books)
    return recorder


@asynccontextmanager
async def alerted(
    daemon: Daemon,
    audience: Audience,
    told: Told,
    stop: asyncio.Event,
    clock: Clock,
    reporter: Reporter | None = None,
) -> AsyncIterator[None]:
    """Tell the audience what it should know, as long as the block runs.

    `reporter` makes the reports that the settings want; without one there are none. `stop` is set
    where the process ends; without it a successor goes on, which says nothing.
    """
    outboxes = [Outbox(one.name, one.deliver, sender(daemon)) for one in audience.listeners]
    recipients = [
        Recipient(outbox, one.least)
        for outbox, one in zip(outboxes, audience.listeners, strict=True)
    ]
    watchman = Watchman(daemon.settings.alerts, recipients, clock, told)
    watching = _Watching(daemon, watchman, clock, None if daemon.journal is None else reporter)
    tasks = [asyncio.create_task(work) for work in watching.works(audience)]
    if told.facts is None:
        watchman.tell(Alert(Level.INFO, "the daemon starts", _assets(daemon.settings)))
    schedule = Schedule()
    if daemon.settings.alerts.digest is not None:
        schedule.cron(daemon.settings.alerts.digest, watching.digest_due.set)
    for report in watching.regular:
        schedule.cron(report.line, report.due.set)
    schedule.start()
    try:
        yield
    except Exception as error:
        text = f"{error!r}. The hedge stays as it is, and nobody adjusts it until a restart."
        watchman.tell(Alert(Level.CRITICAL, "the daemon failed", text))
        raise
    finally:
        schedule.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if stop.is_set():
            text = "The hedge stays as it is, and nobody adjusts it meanwhile."
            watchman.tell(Alert(Level.INFO, "the daemon stops", text))
        await asyncio.gather(*(asyncio.to_thread(outbox.close) for outbox in outboxes))


def _assets(settings: Settings) -> str:
    books = settings.books.items()
    return "\n".join(f"{name}: {', '.join(h.asset for h in book.hedges)}" for name, book in books)


class _Watching:
    """One daemon, as those who are told see it."""

    def __init__(
        self, daemon: Daemon, watchman: Watchman, clock: Clock, reporter: Reporter | None
    ) -> None:
        self.digest_due = asyncio.Event()
        self._reporter = reporter
        self.regular = (
            () if reporter is None else regular(daemon.settings.reports, reporter, watchman, clock)
        )
        self._daemon = daemon
        self._watchman = watchman
        self._clock = clock
        self._cycles: dict[str, Cycle] = {}
        self._since_s = clock.monotonic()
        for loop in daemon.loops:
            loop.hedger.watchers.append(self._note)

    def works(self, audience: Audience) -> Iterator[Coroutine[Any, Any, None]]:
        """What runs beside the daemon."""
        if audience.listeners:
            yield self._watchman.watch(self.facts)
            yield self._digests()
        yield from (report.go_on() for report in self.regular)
        if audience.heartbeat_url is not None:
            settings = self._daemon.settings
            heartbeat = Heartbeat(
                audience.heartbeat_url,
                settings.heartbeat.method,
                float(settings.heartbeat.every_s),
                settings.books,
                self._clock,
            )

            def note(cycle: Cycle) -> None:
                heartbeat.cycle_ended(cycle.decision.book, is_good=is_good(cycle))

            for loop in self._daemon.loops:
                loop.hedger.watchers.append(note)
            yield heartbeat.beat()

    def facts(self) -> Facts:
        """How things stand."""
        ledger, executor = self._ledger, self._daemon.executor
        unrecorded = unrecorded_halt(self._daemon)
        return Facts(
            state=ledger.state if executor is None else executor.state,
            why=ledger.why if unrecorded is None else unrecorded.why,
            is_recorded=unrecorded is None,
            cycles=self._cycles,
            silences=tuple(self._silences()),
            flattened={book: act.told for book, act in ledger.flattened.items()},
            deleveraged=ledger.deleveraged,
            checks=tuple(self._daemon.inspection.checks),
        )

    @property
    def _ledger(self) -> Ledger:
        return Ledger() if self._daemon.journal is None else self._daemon.journal.ledger

    def _note(self, cycle: Cycle) -> None:
        self._cycles = {**self._cycles, cycle.decision.book: cycle}

    def _silences(self) -> Iterator[Finding]:
        now_s = self._clock.monotonic()
        for name, book in self._daemon.settings.books.items():
            cycle = self._cycles.get(name)
            seen_s = self._since_s if cycle is None else cycle.seen_s
            if silence := silence_of(name, book.poll_s, seen_s, now_s):
                yield silence

    async def _digests(self) -> None:
        while True:
            await self.digest_due.wait()
            self.digest_due.clear()
            try:
                self._watchman.send(await self._digest())
            except Exception:
                log.exception("digest.failed", effect="none on trading")

    async def _digest(self) -> Alert:
        state, fills = self.facts().state, await self._fills_of_the_day()
        now = self._clock.now()
        report = await of_the_day(self._reporter, now) if self._reporter else ()
        return digest(state, self._cycles, fills, self._watchman.told.standing, report)

    async def _fills_of_the_day(self) -> list[Fill] | None:
        """The trades of the last day; None: they cannot be read."""
        if self._daemon.journal is None:
            return []
        since = self._clock.now() - timedelta(days=1)
        try:
            entries = await self._daemon.journal.entries(Selection(kinds=(Fill.kind,), since=since))
        except StoreError:
            return None
        return [entry.event for entry in entries if isinstance(entry.event, Fill)]
