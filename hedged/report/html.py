"""A report as one HTML file with its figures and their script in it; it prints as it looks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from itertools import accumulate

import plotly.graph_objects as go
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from hedged.report.summary import Summary
from hedged.report.text import facts, titled

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; color: #222 }
table { border-collapse: collapse } td { padding: .15rem 1rem .15rem 0 }
td + td { text-align: right }
@media print { body { margin: 0 } .plotly-graph-div { break-inside: avoid } }
"""


def html_report(summaries: Sequence[Summary], note: str) -> str:
    """The whole page."""
    sections = "".join(_section(found) for found in summaries)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>hedged: report</title>"
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script>"
        f"<h1>What the hedge did</h1><p>{escape(note)}</p>{sections}</html>"
    )


def _section(found: Summary) -> str:
    rows = "".join(f"<tr><td>{escape(name)}<td>{escape(value)}" for name, value in facts(found))
    return f"<h2>{escape(titled(found))}</h2><table>{rows}</table>{''.join(_figures(found))}"


def _figures(found: Summary) -> Iterable[str]:
    times = [step.end.at for step in found.steps]
    causes = [step.causes for step in found.steps]
    start = found.value_before
    with_hedge = [step.end.value for step in found.steps]
    hedge = accumulate(
        cause.perp + cause.slippage + cause.fees + cause.funding + cause.external
        for cause in causes
    )
    without = [value - made for value, made in zip(with_hedge, hedge, strict=True)]
    yield _lines("Value, USD", times, {"with the hedge": with_hedge, "without it": without})
    band = [step.end.band_usd for step in found.steps]
    drift = [step.end.drift_usd for step in found.steps]
    limits = {"drift": drift, "band": band, "-band": [-edge for edge in band]}
    yield _lines("Drift in its band, USD", times, limits)
    named = [(name, value) for name, value in facts(found, only_causes=True)]
    yield _drawn(
        go.Figure(
            go.Waterfall(
                x=["before", *(name for name, _ in named), "after"],
                y=[
                    float(start),
                    *(float(value.replace(",", "")) for _, value in named),
                    float(found.value_after),
                ],
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
                    x=[t.at for t in trades if (t.q_usd > 0) is bought],
                    y=[float(t.price) for t in trades if (t.q_usd > 0) is bought],
                    mode="markers",
                    marker_symbol=symbol,
                    marker_size=10,
                    name=name,
                )
                for bought, symbol, name in (
                    (True, "triangle-up", "bought"),
                    (False, "triangle-down", "sold"),
                )
            ),
        ]
    )
    return _drawn(figure, "Orders on the price")


def _lines(title: str, times: Sequence[datetime], lines: dict[str, list[Decimal]]) -> str:
    figure = go.Figure(
        [
            go.Scatter(x=times, y=[float(value) for value in values], name=name)
            for name, values in lines.items()
        ]
    )
    return _drawn(figure, title)


def _drawn(figure: go.Figure, title: str) -> str:
    figure.update_layout(title=title, template="simple_white", height=360)
    drawn: str = to_html(figure, include_plotlyjs=False, full_html=False)
    return drawn
