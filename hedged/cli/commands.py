"""The verbs of the command line, and what stands before them."""

import typer

from hedged import __version__
from hedged.cli.bugreport import bugreport
from hedged.cli.calc import calc
from hedged.cli.certify import certify
from hedged.cli.check import check
from hedged.cli.config import config
from hedged.cli.control import (
    ack,
    arm,
    cancel,
    disarm,
    flatten,
    halt,
    pause,
    reconcile,
    release,
    resume,
)
from hedged.cli.demo import demo
from hedged.cli.doctor import doctor
from hedged.cli.init import init
from hedged.cli.journal import journal
from hedged.cli.notify import notify
from hedged.cli.plan import plan
from hedged.cli.replay import replay
from hedged.cli.report import report
from hedged.cli.run import run
from hedged.cli.sim import sim
from hedged.cli.status import status
from hedged.cli.token import token
from hedged.cli.venues import list_venues

app = typer.Typer(
    name="hedged",
    help="Keeps a spot crypto portfolio hedged with inverse perpetual futures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    demo,
    init,
    run,
    plan,
    status,
    doctor,
    check,
    certify,
    calc,
    halt,
    pause,
    resume,
    cancel,
    flatten,
    reconcile,
    ack,
    release,
    arm,
    disarm,
    replay,
    report,
    sim,
    bugreport,
):
    app.command()(command)
app.command("venues")(list_venues)
app.add_typer(config, name="config")
app.add_typer(journal, name="journal")
app.add_typer(notify, name="notify")
app.add_typer(token, name="token")


@app.callback(invoke_without_command=True)
def options(
    *,
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Handle what stands before the verb."""
    if version:
        typer.echo(f"hedged {__version__}")
        raise typer.Exit
