"""One run of `hedged run`: a daemon, and after each reload the next one, on the same journal.

SIGHUP reads the configuration and the keys of files and credentials anew. Whatever is wrong
with them keeps what is in force, with one line in the log. Otherwise nothing new is sent until
every order's end is known; then the next daemon takes over, and reconciles before it trades.
The environment and the execution take a restart: changing them is no reload.
"""

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import structlog

from hedged.alerts.watchman import Told
from hedged.app import Daemon, account_locks, build
from hedged.cli.common import Exit, load, secrets_of
from hedged.cli.service import Service
from hedged.config import ConfigError, Problem, Settings, execution
from hedged.core.types import Execution, TradingState
from hedged.engine.control import Answer, Command, CommandError
from hedged.engine.halting import Halting
from hedged.engine.signals import stop_on_signals
from hedged.engine.supervisor import until
from hedged.onlookers import Audience, alerted, audience_of, shown, tokens_of
from hedged.ops import logging
from hedged.ports import Clock, Journal, StoreError, VenueAuthError, VenueRefused
from hedged.report.scheduled import Reporter
from hedged.store import held
from hedged.web.access import refuse_open_door
from hedged.web.overview import overview
from hedged.web.view import View

log = structlog.get_logger("hedged.session")

IDLE_S: Final = 0.1  # between two looks whether an order is still on its way
UNUSABLE: Final = (ConfigError, StoreError, VenueAuthError, VenueRefused)


Served = tuple[Daemon, Service, Audience]


class Session:
    """From start to stop; `perform` is for the daemon that is in force."""

    def __init__(
        self,
        settings: Settings,
        mode: Execution,
        config: Path,
        clock: Clock,
        journal: Journal | None,
    ) -> None:
        """`journal` is that of live execution; the caller holds the locks of these settings.

        Raises:
            ConfigError: a secret cannot be read, or the settings cannot be served.
        """
        self._mode = mode
        self._config = config
        self._clock = clock
        self._journal = journal
        self._secrets = secrets_of(settings, os.environ, config.parent)
        self._locks = set(account_locks(settings, os.environ, config.parent))
        self._more_locks = ExitStack()
        self._hang_up = asyncio.Event()
        self._told = Told()
        self._reporter = Reporter(config, os.environ)
        self._view: View | None = None
        self._daemon, self._service, self._audience = self._built(settings)

    async def perform(self, command: Command) -> Answer:
        """Do what an operator says, on the daemon that is in force; tell how it is."""
        if command.get("verb") == "status":
            if self._view is None:
                raise CommandError("the daemon is starting")
            return Answer((), await overview(self._view))
        return await self._daemon.perform(command)

    async def run(self) -> Exit:
        """Run until a signal comes; degraded when it ends with an order unresolved."""
        stop = asyncio.Event()
        stop_on_signals(stop, on_hang_up=self._hang_up.set)
        halting = Halting(self.perform, self._state, self._kill_file)
        try:
            async with halting.watched():
                await halting.look()
                if not await until(stop, self._daemon.open()):
                    return Exit.OK
                while (successor := await self._served(stop)) is not None:
                    before = self._daemon
                    self._daemon, self._service, self._audience = successor
                    await before.close()
                    log.info("reload.done", books=list(self._daemon.settings.books))
            return Exit.DEGRADED if self._daemon.unresolved() else Exit.OK
        finally:
            await self._daemon.close()
            self._more_locks.close()

    async def _served(self, stop: asyncio.Event) -> Served | None:
        """Run the daemon in force until `stop`, or until its successor is ready."""
        daemon, ending = self._daemon, asyncio.Event()
        succeeding = asyncio.create_task(self._successor(daemon))
        succeeding.add_done_callback(lambda _: ending.set())

        async def stopped() -> None:
            await stop.wait()
            _hold(daemon)
            succeeding.cancel()

        stopping = asyncio.create_task(stopped())
        try:
            tokens = tokens_of(daemon.settings, os.environ)
            async with (
                self._service.told(daemon, stop),
                shown(daemon, tokens, self._told, self._view) as self._view,
                alerted(daemon, self._audience, self._told, stop, self._clock, self._reporter),
            ):
                await daemon.run(ending)
        finally:
            stopping.cancel()
            succeeding.cancel()
            await asyncio.wait({stopping, succeeding})
        return None if succeeding.cancelled() else succeeding.result()

    async def _successor(self, daemon: Daemon) -> Served:
        """The next daemon, once it was asked for and is open, and no order is on its way."""
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            log.info("reload.began", config=str(self._config))
            made = await self._made(daemon.settings)
            if made is not None:
                break
        fresh = made[0]
        try:
            _hold(daemon)
            if orders := daemon.unresolved():
                log.info("reload.waiting", orders=orders)
            while daemon.unresolved() or not _is_recorded(daemon):
                await self._clock.sleep(IDLE_S)
        except asyncio.CancelledError:
            await fresh.close()
            raise
        return made

    async def _made(self, before: Settings) -> Served | None:
        """A daemon of what the file says now; None, and a line in the log, where it cannot be."""
        fresh: Daemon | None = None
        try:
            settings = load(self._config)
            self._refuse_restart(before, settings)
            refuse_open_door(settings.web, tokens_of(settings, os.environ))
            self._secrets += secrets_of(settings, os.environ, self._config.parent)
            logging.configure(
                style=settings.log.format, level=settings.log.level, secrets=self._secrets
            )
            if self._mode is Execution.LIVE:
                self._lock(settings)
            made = self._built(settings)
            fresh = made[0]
            await fresh.open()
        except UNUSABLE as error:
            if fresh is not None:
                await fresh.close()
            log.error("reload.refused", why=str(error), effect="what was in force stays")  # noqa: TRY400 - the operator's mistake, no crash
            return None
        return made

    def _built(self, settings: Settings) -> Served:
        audience = audience_of(settings, os.environ, self._config.parent)
        service = Service(settings, os.environ, self._clock)
        daemon = build(
            settings,
            self._mode,
            env=os.environ,
            base=self._config.parent,
            clock=self._clock,
            journal=self._journal,
            on_read=service.pulse.read_ended,
        )
        return daemon, service, audience

    def _refuse_restart(self, before: Settings, now: Settings) -> None:
        """What the locks before a live order hang on does not change under a running daemon."""
        problems = [
            Problem(str(self._config), None, key, f"is now {new}, was {old}: that takes a restart")
            for key, old, new in (
                ("environment", before.environment.value, now.environment.value),
                ("execution", before.execution.value, now.execution.value),
            )
            if old != new
        ]
        if problems:
            raise ConfigError(problems)
        execution(now.execution, live=self._mode is Execution.LIVE)

    def _lock(self, settings: Settings) -> None:
        """Take the locks of accounts that are new; those of before are kept until the end."""
        for lock, name in account_locks(settings, os.environ, self._config.parent).items():
            if lock not in self._locks:
                what = f"the account of venue {name}"
                self._more_locks.enter_context(held(lock, what, self._clock.now()))
                self._locks.add(lock)

    def _state(self) -> TradingState | None:
        executor = self._daemon.executor
        return None if executor is None else executor.state

    def _kill_file(self) -> Path | None:
        named = self._daemon.settings.kill_file
        return None if named is None else self._config.parent / named


def _hold(daemon: Daemon) -> None:
    if daemon.executor is not None:
        daemon.executor.brake.hold()


def _is_recorded(daemon: Daemon) -> bool:
    """Whether nothing of the operator's would be lost with the daemon."""
    return daemon.executor is None or daemon.executor.brake.unrecorded is None
