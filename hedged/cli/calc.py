"""`hedged calc`: the hedge for numbers given as options."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from hedged.cli.common import JsonOption
from hedged.cli.console import console
from hedged.cli.numbers import number, positive, ratio
from hedged.core.calc import Answer, Question, answer
from hedged.core.decimals import plain
from hedged.core.figures import hedge_ratio
from hedged.core.types import Accounting, Kind


def _option(
    help_text: str, parser: Callable[[str | Decimal], Decimal] = number
) -> typer.models.OptionInfo:
    info: typer.models.OptionInfo = typer.Option(help=help_text, parser=parser, metavar="NUMBER")
    return info


def calc(
    *,
    price: Annotated[Decimal, _option("Mark price, USD per coin.", positive)],
    kind: Annotated[Kind, typer.Option(help="Kind of contract.")] = Kind.INVERSE,
    coins: Annotated[Decimal, _option("Spot coins.")] = Decimal(0),
    wallet: Annotated[Decimal, _option("Futures wallet in coins, without PnL.")] = Decimal(0),
    entry: Annotated[Decimal | None, _option("Average entry of the position.", positive)] = None,
    position: Annotated[Decimal, _option("Position in contracts, short < 0.")] = Decimal(0),
    contract_size: Annotated[
        Decimal, _option("USD (inverse) or coins (linear) per contract.", positive)
    ] = Decimal(1),
    lot: Annotated[Decimal, _option("Lot in contracts.", positive)] = Decimal(1),
    share: Annotated[
        Decimal,
        typer.Option(
            "--ratio", help="Share of the exposure to hedge.", parser=ratio, metavar="0..1.5"
        ),
    ] = Decimal(1),
    accounting: Annotated[
        Accounting | None,
        typer.Option(help="What is hedged; default: equity for inverse, coins for linear."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the hedge for the numbers given; no configuration, no venue, no band.

    For example: hedged calc --coins 5 --price 65000

    Coins owed (a negative --coins or --wallet) can make the target long; it is shown as it is,
    with a note that a configuration follows it only with allow_long = true.
    """
    if position and entry is None:
        raise typer.BadParameter("a position needs its --entry", param_hint="--entry")
    done = answer(
        Question(
            kind=kind,
            coins=coins,
            wallet=wallet,
            mark=price,
            entry=entry,
            position_contracts=position,
            contract_size=contract_size,
            lot=lot,
            ratio=share,
            accounting=accounting,
        )
    )
    for note in _notes(done, entry=entry, position=position):
        typer.echo(f"hedged: {note}", err=True)
    shown = _figures(done)
    if as_json:
        typer.echo(json.dumps(shown))
        return
    table = Table(show_header=False)
    for key, value in shown.items():
        table.add_row(_LABELS[key], "none" if value is None else plain(Decimal(value), 10))
    console().print(table)


def _notes(done: Answer, *, entry: Decimal | None, position: Decimal) -> Iterator[str]:
    """What the figures do not say by themselves."""
    if entry is not None and not position:
        yield "--entry changes nothing without a --position"
    if done.target_usd > 0:
        yield "the target is long: a configuration needs allow_long = true for it, and else keeps 0"


_LABELS = {
    "equity": "equity, coins",
    "unrealised_pnl": "unrealised PnL, coins",
    "position_usd": "position, USD",
    "net_delta": "net delta, coins",
    "hedge_ratio": "hedge ratio",
    "target_usd": "target, USD",
    "target_contracts": "target, contracts",
    "order_contracts": "order, contracts (sell < 0)",
}


def _figures(done: Answer) -> dict[str, str | None]:
    ratio = hedge_ratio(done.exposure)
    return {
        "equity": plain(done.exposure.equity.value),
        "unrealised_pnl": plain(done.exposure.unrealised_pnl.value),
        "position_usd": plain(done.exposure.position_usd),
        "net_delta": plain(done.exposure.net_delta.value),
        "hedge_ratio": None if ratio is None else plain(ratio),
        "target_usd": plain(done.target_usd),
        "target_contracts": plain(done.target_contracts),
        "order_contracts": plain(done.order_contracts),
    }
