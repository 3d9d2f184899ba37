"""The verbs of the command line, and what stands before them.

A verb's module is imported when the verb is typed: all of them together load SQLAlchemy, aiohttp
and the embedded exchange, which is most of a second that `halt` does not have and that
`--version`, the list of verbs and the completion of a verb's name do not need.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from hedged import __version__


class Verb(NamedTuple):
    """A verb: its module in `hedged.cli`, where it has its name there, and what it does."""

    name: str
    module: str
    help: str
    function: str = ""

    def load(self) -> Any:
        """The command, or the group of commands, with its options."""
        found: Callable[..., object] | typer.Typer
        found = getattr(import_module(f"hedged.cli.{self.module}"), self.function or self.name)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = self.name
            return group
        alone = typer.Typer(
            add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
        )
        alone.command(self.name)(found)
        return typer.main.get_command(alone)


VERBS: Final = (
    Verb("demo", "demo", "Run the daemon against the embedded exchange, for a look."),
    Verb("init", "init", "Write a commented configuration."),
    Verb("run", "run", "Run the daemon until a signal; the hedge stays as it is."),
    Verb("plan", "plan", "Show each exposure and the order it would need; sends nothing."),
    Verb("status", "status", "Show what the daemon holds, wants and did last."),
    Verb("doctor", "doctor", "Look at everything around the daemon, with remedies."),
    Verb("check", "check", "Validate the configuration; --online: its venues too."),
    Verb("certify", "certify", "Try a venue with a few small orders, and keep a certificate."),
    Verb("calc", "calc", "Print the hedge for numbers given as options."),
    Verb("halt", "control", "Stop trading and cancel our working orders, until `resume`."),
    Verb("pause", "control", "Let only reduce-only orders pass, until `resume`."),
    Verb("resume", "control", "Trade again."),
    Verb("cancel", "control", "Cancel all our working orders; trading goes on."),
    Verb("flatten", "control", "Close the hedge, and keep it closed."),
    Verb("reconcile", "control", "Hold the journal against the venues now."),
    Verb("ack", "control", "Acknowledge a position that somebody else changed."),
    Verb("release", "control", "Free the slot of an order that its venue has forgotten."),
    Verb("arm", "control", "Let a book on mainnet trade real money."),
    Verb("disarm", "control", "Take the arming of a book back."),
    Verb("replay", "replay", "Replay a price path: what a configuration would have done."),
    Verb("report", "report", "Report what the hedge did, what it cost, whether it worked."),
    Verb("sim", "sim", "Serve the embedded exchange on 127.0.0.1."),
    Verb("bugreport", "bugreport", "Write versions, settings and journal to a file, no secrets."),
    Verb("venues", "venues", "List the exchanges, and what hedged does at each.", "list_venues"),
    Verb("config", "config", "About the configuration file."),
    Verb("journal", "journal", "Show or export the journal."),
    Verb("notify", "notify", "Alerts to the owner."),
    Verb("token", "token", "Tokens for the dashboard and the API."),
)


class Later(TyperCommand):
    """Stands for a verb until it is typed."""

    def __init__(self, verb: Verb) -> None:
        super().__init__(verb.name, callback=None, help=verb.help)
        self.verb = verb

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Load the verb, and begin with what was typed after it."""
        return self.verb.load().make_context(*args, **extra)


class Verbs(TyperGroup):
    """All verbs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": [Later(verb) for verb in VERBS]})


app = typer.Typer(
    name="hedged",
    cls=Verbs,
    help="Keeps a spot crypto portfolio hedged with inverse perpetual futures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def options(
    *,
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Handle what stands before the verb."""
    if version:
        typer.echo(f"hedged {__version__}")
        raise typer.Exit
