"""`hedged config`: what the configuration file may contain."""

import json

import typer

from hedged.config import schema as file_schema

config = typer.Typer(help="About the configuration file.", no_args_is_help=True)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors and other tools."""
    typer.echo(json.dumps(file_schema(), indent=2))


@config.callback()
def group() -> None:
    """Keep `schema` a verb of its own: with one command typer would drop its name."""
