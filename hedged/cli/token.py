"""`hedged token`: who may read and operate over HTTP. A running daemon heeds changes at once."""

import json
import os
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hedged.cli.common import ConfigOption, Exit, JsonOption, fail, load, run_async
from hedged.cli.console import console
from hedged.clock import SystemClock
from hedged.onlookers import tokens_of
from hedged.ports import StoreError
from hedged.web.tokens import Scope, Token, TokenFile

token = typer.Typer(help="Tokens for the dashboard and the API.", no_args_is_help=True)

LONGEST_NAME = 40
NameArgument = Annotated[str, typer.Argument(help="Whose token it is; halts are recorded by it.")]


@token.command()
def new(
    name: NameArgument,
    *,
    config: ConfigOption,
    scope: Annotated[
        Scope, typer.Option(help="read: look; operator: pause, resume, halt, acknowledge, too.")
    ] = Scope.READ,
    as_json: JsonOption = False,
) -> None:
    """Make a token and print it, once: only its hash is kept."""
    if not name.isprintable() or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise typer.BadParameter(f"a name is 1 to {LONGEST_NAME} printable characters")
    tokens = _file(config)
    try:
        secret = tokens.new(name, scope, SystemClock().now())
    except StoreError as error:
        fail(str(error), Exit.ERROR)
    typer.echo(json.dumps({"name": name, "scope": scope, "token": secret}) if as_json else secret)


@token.command("list")
def list_tokens(*, config: ConfigOption, as_json: JsonOption = False) -> None:
    """List whose tokens there are; the tokens themselves are not kept."""
    found = _read(_file(config))
    if as_json:
        rows = [{"name": t.name, "scope": t.scope, "created_at": t.created_at} for t in found]
        typer.echo(json.dumps({"tokens": rows}))
        return
    table = Table("name", "scope", "made", box=SIMPLE_HEAD)
    for one in found:
        table.add_row(one.name, one.scope.value, one.created_at)
    console().print(table if found else "no tokens yet: hedged token new NAME -c FILE")


@token.command()
def revoke(name: NameArgument, *, config: ConfigOption) -> None:
    """Take a token away."""
    try:
        _file(config).revoke(name)
    except StoreError as error:
        fail(str(error), Exit.ERROR)
    typer.echo(f"the token {name} opens nothing any more")


def _file(config: ConfigOption) -> TokenFile:
    async def found() -> TokenFile:
        return tokens_of(load(config), os.environ)

    return run_async(found)


def _read(tokens: TokenFile) -> tuple[Token, ...]:
    try:
        return tokens.tokens()
    except StoreError as error:
        fail(str(error), Exit.ERROR)
