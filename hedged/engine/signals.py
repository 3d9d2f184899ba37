"""The signals that end a process well: what runs until it is told to stop is told by them."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from hedged.ops.logging import when_lost

log = structlog.get_logger("hedged.signals")

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def stop_on_signals(
    stop: asyncio.Event,
    *,
    hang_up_stops: bool = False,
    on_hang_up: Callable[[], None] | None = None,
) -> None:
    """Set `stop` on SIGINT and SIGTERM; a second one, of either kind, ends the process at once.

    A log that cannot be written any more stops it too: nobody would see what it does. A hang-up
    (the terminal is closed) stops, does what it is told here, or changes nothing.
    """
    running = asyncio.get_running_loop()
    stopping = (*STOP_SIGNALS, signal.SIGHUP) if hang_up_stops else STOP_SIGNALS

    def on_signal(number: int) -> None:
        for other in stopping:
            running.remove_signal_handler(other)
            signal.signal(other, signal.SIG_DFL)
        log.info("stop.signal", signal=signal.Signals(number).name)
        stop.set()

    def ignore() -> None:
        log.info("signal.ignored", signal="SIGHUP", why="the daemon goes on; SIGTERM ends it")

    def on_lost_log() -> None:
        with suppress(RuntimeError):  # the loop has ended before its log
            running.call_soon_threadsafe(stop.set)

    if not hang_up_stops:
        running.add_signal_handler(signal.SIGHUP, on_hang_up or ignore)
    for number in stopping:
        running.add_signal_handler(number, on_signal, number)
    when_lost(on_lost_log)
