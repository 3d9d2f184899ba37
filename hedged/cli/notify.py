"""`hedged notify`: does an alert arrive?"""

import json
import os
import time
from typing import Annotated

import typer

from hedged.cli.common import ConfigOption, Exit, JsonOption, fail, load, run_async, set_up_logs
from hedged.onlookers import Audience, Listener, audience_of
from hedged.ops.notify import Alert, Level, message

notify = typer.Typer(help="Alerts to the owner.", no_args_is_help=True)


@notify.command("test")
def tried(
    *,
    config: ConfigOption,
    level: Annotated[Level, typer.Option(help="How grave the test pretends to be.")] = Level.INFO,
    as_json: JsonOption = False,
) -> None:
    """Send a test to every address of [alerts], whatever level it asks for."""

    async def found() -> Audience:
        settings = load(config)
        set_up_logs(settings, config.parent, level="error")
        return audience_of(settings, os.environ, config.parent)

    audience = run_async(found)
    if not audience.listeners:
        fail('nobody is told: set `to = ["env:ALERT_URL"]` in [alerts]', Exit.CONFIG)
    alert = Alert(level, "a test", f"This is what an alert of {config} looks like.")
    rows = [_row(listener, alert) for listener in audience.listeners]
    if as_json:
        typer.echo(json.dumps({"addresses": rows}))
    else:
        for row in rows:
            mark = "✓" if row["delivered"] else "✗"
            said = "delivered" if row["delivered"] else f"not delivered: {row['why']}"
            typer.echo(f"{mark} {row['address']}: {said} ({row['took_s']} s)")
    raise typer.Exit(Exit.OK if all(row["delivered"] for row in rows) else Exit.DEGRADED)


def _row(listener: Listener, alert: Alert) -> dict[str, object]:
    """What became of a delivery; no text of the library's is shown, for it may tell the address."""
    began_s = time.monotonic()
    why = "the service did not take it; check the address, and whether this machine reaches it"
    try:
        delivered = listener.deliver(message([alert], "hedged"))
    except Exception as error:  # noqa: BLE001 - whatever a foreign library may raise
        delivered, why = False, type(error).__name__
    took_s = round(time.monotonic() - began_s, 2)
    return {
        "address": listener.name,
        "delivered": delivered,
        "why": None if delivered else why,
        "took_s": took_s,
    }


@notify.callback()
def group() -> None:
    """Keep `test` a verb of its own: with one command typer would drop its name."""
