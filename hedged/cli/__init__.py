"""The command line. Exit codes: 0 ok, 1 error, 2 usage, 3 degraded, 4 halted, 78 configuration."""

import typer

from hedged import __version__
from hedged.cli.calc import calc

app = typer.Typer(
    name="hedged",
    help="Keeps a spot crypto portfolio hedged with inverse perpetual futures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(calc)


@app.callback(invoke_without_command=True)
def options(
    *,
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Handle what stands before the verb."""
    if version:
        typer.echo(f"hedged {__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point of the `hedged` command."""
    app()
