"""`hedged run`: the daemon."""

import asyncio
import os

import structlog
import typer

from hedged.app import Daemon, build, control_path, recorded, shown, tokens_of
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async, set_up_logs
from hedged.cli.service import Service
from hedged.clock import SystemClock
from hedged.config import execution
from hedged.core.types import Execution
from hedged.engine.control import control
from hedged.engine.supervisor import stop_on_signals, until
from hedged.store import failpoints
from hedged.web.access import refuse_open_door

log = structlog.get_logger("hedged.run")


def run(
    *,
    config: ConfigOption,
    live: bool = typer.Option(
        False, "--live", help='Send orders; needs execution = "live" in the file too.'
    ),
) -> None:
    """Run the daemon until SIGTERM or SIGINT; the hedge is never closed on exit."""

    async def running() -> Exit:
        settings = load(config)
        mode, notice = execution(settings.execution, live=live)
        set_up_logs(settings, config.parent)
        if notice:
            log.warning("execution.notice", why=notice)
        refuse_open_door(settings.web, tokens_of(settings, os.environ))
        clock = SystemClock()
        service = Service(settings, os.environ, clock)
        on_read = service.pulse.read_ended
        if mode is Execution.DRY_RUN:
            daemon = build(settings, mode, env=os.environ, base=config.parent, on_read=on_read)
            return await _run(daemon, service)
        failpoints.arm(settings.environment, os.environ)
        async with recorded(settings, os.environ, config.parent, clock) as journal:
            daemon = build(
                settings,
                mode,
                env=os.environ,
                base=config.parent,
                clock=clock,
                journal=journal,
                on_read=on_read,
            )
            async with control(control_path(settings, os.environ), daemon.perform):
                return await _run(daemon, service)

    try:
        code = run_async(running)
    except ExceptionGroup as failures:
        log.exception("daemon.failed", errors=[repr(error) for error in failures.exceptions])
        fail("a loop failed, see the log; restart to reconcile", Exit.ERROR)
    raise typer.Exit(code)


async def _run(daemon: Daemon, service: Service) -> Exit:
    """Run until a signal comes; degraded when it ends with an order unresolved."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    try:
        if not await until(stop, daemon.open()):
            return Exit.OK
        tokens = tokens_of(daemon.settings, os.environ)
        async with service.told(daemon, stop), shown(daemon, tokens):
            await daemon.run(stop)
        return Exit.DEGRADED if daemon.unresolved() else Exit.OK
    finally:
        await daemon.close()
