"""`hedged run`: the daemon."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
import typer

from hedged.app import recorded
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async, set_up_logs
from hedged.cli.session import Session
from hedged.clock import SystemClock
from hedged.config import execution
from hedged.core.types import Execution
from hedged.engine.control import Perform, control
from hedged.onlookers import tokens_of
from hedged.ports import StoreError
from hedged.store import control_path, failpoints, held, rehearsal_path
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
            session = Session(settings, mode, config, clock, None)
            async with _seen(config, session.perform):
                return await session.run()
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


@asynccontextmanager
async def _seen(config: Path, perform: Perform) -> AsyncIterator[None]:
    """Let `hedged status` ask a dry-run; where that cannot be had it goes on all the same."""
    path = rehearsal_path(config, os.environ)
    async with AsyncExitStack() as stack:
        try:
            what = f"the dry-run of {config}"
            stack.enter_context(held(path.with_suffix(".lock"), what, SystemClock().now()))
            await stack.enter_async_context(control(path, perform))
        except StoreError as error:
            log.warning("status.unheard", why=str(error), effect="`hedged status` cannot ask here")
        yield
