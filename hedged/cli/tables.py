"""Decisions as tables for people: every line from holdings to order."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.table import Table

from hedged.cli.console import console
from hedged.core.decimals import plain
from hedged.core.explain import steps
from hedged.core.figures import hedge_ratio
from hedged.core.types import AssetDecision, Decision, Standing


def print_plan(decisions: Iterable[Decision]) -> None:
    """Per asset: the exposure lines, target, drift and band, and the proposed orders."""
    out = console()
    for decision in decisions:
        for asset in decision.assets:
            out.print(_plan_table(decision.book, asset))
            out.print(f"  {asset.reason.value}: {asset.why}", soft_wrap=True)
            for intent in asset.orders:
                out.print(
                    f"  order: {intent.side.value} {plain(intent.contracts)} contracts "
                    f"({_usd(intent.notional_usd)}) of {intent.instrument.symbol} at "
                    f"{plain(intent.limit_price)} or better"
                    f"{', reduce-only' if intent.reduce_only else ''}",
                    soft_wrap=True,
                )
            for finding in asset.alerts:
                out.print(f"  alert: {finding.reason.value}: {finding.detail}", soft_wrap=True)
            for finding in asset.blocked:
                out.print(f"  blocked: {finding.reason.value}: {finding.detail}", soft_wrap=True)
            out.print()


def print_summary(decisions: Iterable[Decision], orders: Mapping[str, int]) -> None:
    """One row per asset with its count of orders; a paper position stands below, as assumed."""
    out = console()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("asset", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    verdicts = []
    for decision in decisions:
        for asset in decision.assets:
            table.add_row(asset.asset, *_cells(asset.standing), str(orders.get(asset.asset, 0)))
            if asset.paper is not None:
                table.add_row(" assumed", *_cells(asset.paper), "")
            verdicts.append(f"{asset.asset}: {asset.reason.value}: {asset.why}")
    out.print(table)
    for verdict in verdicts:
        out.print(verdict, soft_wrap=True)


_HEADINGS = (
    "spot",
    "collateral",
    "position USD",
    "net delta",
    "hedge ratio",
    "drift USD",
    "band USD",
    "orders",
)


def _plan_table(book: str, asset: AssetDecision) -> Table:
    table = Table(title=f"{book}: {asset.asset}", title_justify="left", min_width=72)
    table.add_column("line")
    table.add_column("source")
    table.add_column("figure", justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("how")
    for step in steps(asset):
        table.add_row(step.label, step.source, step.text, step.unit, step.how)
    return table


def _cells(standing: Standing | None) -> list[str]:
    if standing is None:
        return ["missing"] * (len(_HEADINGS) - 1)
    exposure = standing.exposure
    ratio = hedge_ratio(exposure)
    return [
        plain(exposure.spot.value, 4),
        plain(exposure.collateral.value, 4),
        f"{exposure.position_usd:,.0f}",
        plain(exposure.net_delta.value, 4),
        "none" if ratio is None else plain(ratio, 3),
        f"{standing.drift_usd:,.0f}",
        f"±{standing.target.band_usd:,.0f}",
    ]


def _usd(value: Decimal) -> str:
    return f"{value:,.2f}"
