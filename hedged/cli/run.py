"""`hedged run`: the daemon."""

import asyncio
import os

import structlog
import typer

from hedged.app import build
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async, set_up_logs
from hedged.config import execution
from hedged.engine.supervisor import stop_on_signals

log = structlog.get_logger("hedged.run")


def run(
    *,
    config: ConfigOption,
    live: bool = typer.Option(
        False, "--live", help='Send orders; needs execution = "live" in the file too.'
    ),
) -> None:
    """Run the daemon until SIGTERM or SIGINT; the hedge is never closed on exit."""

    async def running() -> None:
        settings = load(config)
        mode, notice = execution(settings.execution, live=live)
        set_up_logs(settings, config.parent)
        if notice:
            log.warning("execution.notice", why=notice)
        daemon = build(settings, mode, env=os.environ, base=config.parent)
        stop = asyncio.Event()
        stop_on_signals(stop)
        try:
            await daemon.open()
            await daemon.run(stop)
        finally:
            await daemon.close()

    try:
        run_async(running)
    except ExceptionGroup as failures:
        log.exception("daemon.failed", errors=[repr(error) for error in failures.exceptions])
        fail("a loop failed, see the log; restart to reconcile", Exit.ERROR)
