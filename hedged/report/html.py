"""A report as one HTML file with its figures and their script in it; it prints as it looks."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from html import escape
from itertools import accumulate

import plotly.graph_objects as go
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from hedged.core.types import Side
from hedged.report.causes import Causes
from hedged.report.made import Report
from hedged.report.samples import Trade
from hedged.report.summary import Summary
from hedged.report.text import cause_name, facts, titled
from hedged.report.written import lines

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; color: #222 }
table { border-collapse: collapse } td { padding: .15rem 1rem .15rem 0 }
td + td { text-align: right }
@media print { body { margin: 0 } .plotly-graph-div { break-inside: avoid } }
"""


def html_report(found: Report) -> str:
    """The whole page."""
    sections = "".join(_section(one) for one in found.summaries)
    notes = "".join(f"<p>{escape(line)}</p>" for line in lines(found))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>hedged: report</title>"
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script>"
        f"<h1>What the hedge did</h1>{sections}{notes}</html>"
    )


def _section(found: Summary) -> str:
    rows = "".join(f"<tr><td>{escape(name)}<td>{escape(value)}" for name, value in facts(found))
    return f"<h2>{escape(titled(found))}</h2><table>{rows}</table>{''.join(_figures(found))}"


def _figures(found: Summary) -> Iterable[str]:
    times = [step.end.at for step in found.steps]
    causes = [step.causes for step in found.steps]
    start = found.value_before
    quote = accumulate(step.quote for step in found.steps)
    with_hedge = [s.end.value + paid for s, paid in zip(found.steps, quote, strict=True)]
    hedge = accumulate(cause.hedge for cause in causes)
    without = [value - made for value, made in zip(with_hedge, hedge, strict=True)]
    yield _lines("Value, USD", times, {"with the hedge": with_hedge, "without it": without})
    band = [step.end.band_usd for step in found.steps]
    drift = [step.end.drift_usd for step in found.steps]
    limits = {"drift": drift, "band": band, "-band": [-edge for edge in band]}
    yield _lines("Drift in its band, USD", times, limits)
    named = [(cause_name(f.name), getattr(found.causes, f.name)) for f in fields(Causes)]
    yield _drawn(
        go.Figure(
            go.Waterfall(
                x=["before", *(name for name, _ in named), "after"],
                y=[float(start), *(float(value) for _, value in named), float(found.value_after)],
                measure=["absolute", *("relative" for _ in named), "total"],
            )
        ),
        "Value by cause, USD",
    )
    yield _lines(
        "Funding so far, USD", times, {"funding": list(accumulate(c.funding for c in causes))}
    )
    yield _orders(found, times)


def _orders(found: Summary, times: Sequence[datetime]) -> str:
    trades = found.records.trades
    figure = go.Figure(
        [
            go.Scatter(x=times, y=[float(s.end.mark) for s in found.steps], name="mark"),
            *(
                go.Scatter(
                    x=[t.at for t in trades if _side(t) is side],
                    y=[float(t.price) for t in trades if _side(t) is side],
                    mode="markers",
                    marker_symbol=symbol,
                    marker_size=10,
                    name=name,
                )
                for side, symbol, name in (
                    (Side.BUY, "triangle-up", "bought"),
                    (Side.SELL, "triangle-down", "sold"),
                )
            ),
        ]
    )
    return _drawn(figure, "Orders on the price")


def _side(trade: Trade) -> Side:
    return Side.BUY if trade.quantity > 0 else Side.SELL


def _lines(title: str, times: Sequence[datetime], series: dict[str, list[Decimal]]) -> str:
    figure = go.Figure(
        [
            go.Scatter(x=times, y=[float(value) for value in values], name=name)
            for name, values in series.items()
        ]
    )
    return _drawn(figure, title)


def _drawn(figure: go.Figure, title: str) -> str:
    figure.update_layout(title=title, template="simple_white", height=360)
    drawn: str = to_html(figure, include_plotlyjs=False, full_html=False)
    return drawn
