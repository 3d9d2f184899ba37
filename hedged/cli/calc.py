"""`hedged calc`: the hedge for numbers given as options."""

import json
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hedged.core.calc import Answer, Question, answer
from hedged.core.decimals import plain
from hedged.core.types import Accounting, Kind
from hedged.core.view import hedge_ratio


def number(text: str) -> Decimal:
    """A finite decimal in plain or exponent notation, for an option."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise typer.BadParameter(f"{text!r} is not a number")
    return value


def positive(text: str) -> Decimal:
    """A decimal > 0, for an option."""
    value = number(text)
    if value <= 0:
        raise typer.BadParameter(f"{text!r} must be greater than 0")
    return value


def _option(help_text: str, *, above_zero: bool = False) -> typer.models.OptionInfo:
    parser = positive if above_zero else number
    info: typer.models.OptionInfo = typer.Option(help=help_text, parser=parser, metavar="NUMBER")
    return info


def calc(
    *,
    price: Annotated[Decimal, _option("Mark price, USD per coin.", above_zero=True)],
    kind: Annotated[Kind, typer.Option(help="Kind of contract.")] = Kind.INVERSE,
    coins: Annotated[Decimal, _option("Spot coins.")] = Decimal(0),
    wallet: Annotated[Decimal, _option("Futures wallet in coins, without PnL.")] = Decimal(0),
    entry: Annotated[
        Decimal | None, _option("Average entry of the position.", above_zero=True)
    ] = None,
    position: Annotated[Decimal, _option("Position in contracts, short < 0.")] = Decimal(0),
    contract_size: Annotated[
        Decimal, _option("USD (inverse) or coins (linear) per contract.", above_zero=True)
    ] = Decimal(1),
    lot: Annotated[Decimal, _option("Lot in contracts.", above_zero=True)] = Decimal(1),
    ratio: Annotated[Decimal, _option("Share of the exposure to hedge.")] = Decimal(1),
    accounting: Annotated[
        Accounting | None,
        typer.Option(help="What is hedged; default: equity for inverse, coins for linear."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the hedge for the numbers given; no configuration, no venue, no band.

    For example: hedged calc --coins 5 --price 65000
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
            ratio=ratio,
            accounting=accounting,
        )
    )
    shown = _figures(done)
    if as_json:
        typer.echo(json.dumps(shown))
        return
    table = Table(show_header=False)
    for key, value in shown.items():
        table.add_row(_LABELS[key], "none" if value is None else plain(Decimal(value), 10))
    Console().print(table)


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
