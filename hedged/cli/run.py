"""`hedged run`: the daemon."""

import os

import structlog
import typer

from hedged.app import recorded
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async, set_up_logs
from hedged.cli.session import Session
from hedged.clock import SystemClock
from hedged.config import execution
from hedged.core.types import Execution
from hedged.engine.control import control
from hedged.onlookers import tokens_of
from hedged.store import control_path, failpoints
from hedged.web.access import refuse_open_door

log = structlog.get_logger("hedged.run")


def run(
    *,
    config: ConfigOption,
    live: bool = typer.Option(
        False, "--live", help='Send orders; needs execution = "live" in the file too.'
    ),
) -> None:
    """Run the daemon until SIGTERM or SIGINT; the hedge is never closed on exit.

    SIGHUP reads configuration and keys anew, SIGUSR1 halts.
    """

    async def running() -> Exit:
        settings = load(config)
        mode, notice = execution(settings.execution, live=live)
        set_up_logs(settings, config.parent)
        if notice:
            log.warning("execution.notice", why=notice)
        refuse_open_door(settings.web, tokens_of(settings, os.environ))
        clock = SystemClock()
        if mode is Execution.DRY_RUN:
            return await Session(settings, mode, config, clock, None).run()
        failpoints.arm(settings.environment, os.environ)
        async with recorded(settings, os.environ, config.parent, clock) as journal:
            session = Session(settings, mode, config, clock, journal)
            async with control(control_path(settings, os.environ), session.perform):
                return await session.run()

    try:
        code = run_async(running)
    except ExceptionGroup as failures:
        log.exception("daemon.failed", errors=[repr(error) for error in failures.exceptions])
        fail("a loop failed, see the log; restart to reconcile", Exit.ERROR)
    raise typer.Exit(code)
