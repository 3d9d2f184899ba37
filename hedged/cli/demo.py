"""`hedged demo`: the whole daemon against the embedded exchange, with a story.

A book of 5 BTC and 50 ETH, part of it collateral at the exchange and part in a cold wallet.
The daemon opens the hedge; then the owner deposits, withdraws and sells spot, each of which
needs an order, and the price moves, which needs none.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import structlog
import typer

from hedged.app import Daemon, build
from hedged.cli.common import Exit, JsonOption, duration_s, fail, load, run_async
from hedged.cli.stage import CREDENTIALS, Dialect, DialectOption, Stage
from hedged.cli.tables import print_summary
from hedged.clock import SystemClock
from hedged.config import Settings
from hedged.core.types import Execution
from hedged.core.view import book_object
from hedged.engine.signals import stop_on_signals
from hedged.onlookers import shown
from hedged.ops import logging
from hedged.packaged import packaged
from hedged.sim.prices import PriceFileError
from hedged.web.tokens import Scope, TokenFile

log = structlog.get_logger("hedged.demo")

SETTLING_CYCLES: Final = 3
DASHBOARD: Final = "127.0.0.1:8430"


def demo(
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Let the daemon trade on the embedded exchange.")
    ] = False,
    duration: Annotated[
        float, typer.Option(help='How long, e.g. "20s".', parser=duration_s, metavar="DURATION")
    ] = "20s",  # type: ignore[assignment] # typer passes the default through the parser
    seed: Annotated[int, typer.Option(help="Seed of the generated prices.")] = 1,
    prices: Annotated[
        Path | None,
        typer.Option(help="Replay this price file (CSV, CSV.gz) as BTC, fitted to the duration."),
    ] = None,
    web: Annotated[
        bool, typer.Option("--web", help=f"Serve the dashboard on http://{DASHBOARD}.")
    ] = False,
    dialect: DialectOption = Dialect.BYBIT,
    as_json: JsonOption = False,
) -> None:
    """Run the daemon against the embedded exchange: no account, no key, no real money."""
    logging.configure(
        style="json" if as_json else "console", level="info", secrets=CREDENTIALS.values()
    )
    mode = Execution.LIVE if live else Execution.DRY_RUN
    try:
        stage = Stage(seed, prices, duration, dialect, *CREDENTIALS.values())
    except PriceFileError as error:
        fail(str(error), Exit.ERROR)

    bind = DASHBOARD if web else None
    with TemporaryDirectory(prefix="hedged-demo-") as folder:
        tokens = TokenFile(Path(folder) / "tokens.json")
        if web:
            secret = tokens.new("demo", Scope.OPERATOR, SystemClock().now())
            typer.echo(f"dashboard: http://{DASHBOARD}/  its operator's token: {secret}", err=True)
        daemon = run_async(lambda: _perform(stage, mode, bind, tokens))
    if as_json:
        typer.echo(json.dumps(_outcome(daemon)))
    else:
        hedger = daemon.loops[0].hedger
        print_summary([hedger.last] if hedger.last else [], hedger.tally.proposed)


async def _perform(stage: Stage, mode: Execution, bind: str | None, tokens: TokenFile) -> Daemon:
    """Exchange, daemon and script side by side until the script ends or a signal comes."""
    await stage.server.start()
    log.info("demo.started", exchange=stage.server.url, execution=mode.value)
    settings = _settings(stage, bind)
    daemon = build(settings, mode, env=CREDENTIALS, base=Path())
    stop = asyncio.Event()
    stop_on_signals(stop)
    try:
        await daemon.open()
        async with shown(daemon, tokens), asyncio.TaskGroup() as group:
            running = group.create_task(daemon.run(stop))
            playing = group.create_task(stage.play())
            playing.add_done_callback(lambda _: stop.set())
            await running
            if playing.cancel():
                return daemon  # a signal ended it: nothing more is sent
        await _settle(daemon)
    finally:
        await daemon.close()
        await stage.server.stop()
    return daemon


async def _settle(daemon: Daemon) -> None:
    """Look once more, now that nothing moves: what the last order changed is then in the table."""
    for _ in range(SETTLING_CYCLES):
        decisions = await daemon.decide_once()
        if not any(asset.orders for decision in decisions for asset in decision.assets):
            return


def _settings(stage: Stage, bind: str | None) -> Settings:
    """The demo's configuration, with the addresses of exchange and dashboard put in."""
    settings = load(packaged(stage.config, checkout="config"))
    venues = {
        name: venue.model_copy(update={"url": stage.server.url})
        for name, venue in settings.venues.items()
    }
    return settings.model_copy(
        update={"venues": venues, "web": settings.web.model_copy(update={"bind": bind})}
    )


def _outcome(daemon: Daemon) -> dict[str, object]:
    """What `hedged demo --json` prints."""
    hedgers = [loop.hedger for loop in daemon.loops]
    reasons = sum((hedger.tally.idle_reasons for hedger in hedgers), Counter[str]())
    return {
        "books": [book_object(hedger.last) for hedger in hedgers if hedger.last],
        "proposed": sum(hedger.tally.proposed.total() for hedger in hedgers),
        "sent": sum(hedger.tally.sent for hedger in hedgers),
        "cycles": sum(hedger.tally.cycles for hedger in hedgers),
        "idle_reasons": dict(reasons),
    }
