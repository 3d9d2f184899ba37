"""`hedged plan`: one cycle, every line from holdings to order; sends nothing, ever."""

import json
import os
from pathlib import Path

import typer

from hedged.app import build
from hedged.cli.common import ConfigOption, JsonOption, load, run_async, set_up_logs, verdict_exit
from hedged.cli.tables import print_plan
from hedged.config import Settings
from hedged.core.types import Decision, Execution
from hedged.core.view import book_object


def plan(*, config: ConfigOption, as_json: JsonOption = False) -> None:
    """Show the exposure of each asset and the order it would need; sends nothing, ever."""

    async def decided() -> list[Decision]:
        settings = load(config)
        set_up_logs(settings, config.parent, level="warning")
        return await _decide_once(settings, config.parent)

    decisions = run_async(decided)
    if as_json:
        typer.echo(json.dumps({"books": [book_object(decision) for decision in decisions]}))
    else:
        print_plan(decisions)
    raise typer.Exit(verdict_exit(decisions))


async def _decide_once(settings: Settings, base: Path) -> list[Decision]:
    daemon = build(settings, Execution.DRY_RUN, env=os.environ, base=base, paper=False)
    try:
        await daemon.open()
        return await daemon.decide_once()
    finally:
        await daemon.close()
