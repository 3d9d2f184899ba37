"""What `hedged run` tells the service manager that started it, if one did."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from hedged.app import Daemon
from hedged.config import ConfigError, Problem, Settings
from hedged.core.types import TradingState
from hedged.engine.cycle import Cycle
from hedged.ops.systemd import Notifier, Pulse
from hedged.ports import Clock


class Service:
    """A run of the daemon, as `systemctl status` and the watchdog see it."""

    def __init__(self, settings: Settings, env: Mapping[str, str], clock: Clock) -> None:
        """Outside of a service manager it tells nobody.

        Raises:
            ConfigError: a read may take so long that the watchdog would end a healthy daemon.
        """
        waits_s = {name: float(book.poll_s) for name, book in settings.books.items()}
        self._notifier = Notifier(env)
        self._longest_wait_s = max(waits_s.values())
        self._verdicts = dict.fromkeys(waits_s, "not looked at yet")
        self.pulse = Pulse(self._notifier, waits_s, clock.monotonic)
        _refuse_slow_reads(settings, self._notifier.watchdog_s)

    @asynccontextmanager
    async def told(self, daemon: Daemon, stop: asyncio.Event) -> AsyncIterator[None]:
        """Tell how the daemon is, from ready until it stops, as long as the block runs."""
        mode = f"{daemon.execution.value} on {daemon.settings.environment.value}"

        def watch(cycle: Cycle) -> None:
            book = cycle.snapshot.book
            self.pulse.cycle_ended(book)
            self._verdicts[book] = _verdict(cycle)
            said = "; ".join(f"{name}: {verdict}" for name, verdict in self._verdicts.items())
            self._notifier.status(f"{mode}; {said}")

        async def stopping() -> None:
            await stop.wait()
            self._notifier.stopping("stopping; the hedge stays as it is")

        for loop in daemon.loops:
            loop.hedger.watchers.append(watch)
        self._notifier.ready(f"{mode}; looking", longest_wait_s=self._longest_wait_s)
        waiting = asyncio.create_task(stopping())
        try:
            yield
        finally:
            waiting.cancel()


def _verdict(cycle: Cycle) -> str:
    """One book in a few words: `BTC IN_BAND, ETH STALE_DATA`."""
    verdicts = (f"{asset.asset} {asset.reason.value}" for asset in cycle.decision.assets)
    state = cycle.snapshot.state
    return ("" if state is TradingState.ACTIVE else f"{state.value}, ") + ", ".join(verdicts)


def _refuse_slow_reads(settings: Settings, watchdog_s: float | None) -> None:
    """Two reads in a row may pass between two signs of life."""
    if watchdog_s is None:
        return
    problems = [
        Problem(
            "",
            None,
            f"venues.{name}.timeout",
            f"is {venue.timeout_s:f} s, but must be below half of the watchdog's {watchdog_s:g} s"
            " (WatchdogSec= of the service)",
        )
        for name, venue in settings.venues.items()
        if float(venue.timeout_s) >= watchdog_s / 2
    ]
    if problems:
        raise ConfigError(problems)
