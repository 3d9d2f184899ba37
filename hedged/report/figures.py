"""The figures of a report, as plotly's own; colours of text and grid are the page's.

What differs is told by line and marker as well as by colour. Money and coins become floats here:
for the eye, and for nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from textwrap import wrap
from typing import Any, Final

import plotly.graph_objects as go

from hedged.core.contracts import basis_bps
from hedged.core.decimals import ZERO, exact
from hedged.core.types import Side
from hedged.report.causes import Causes
from hedged.report.effectiveness import Effectiveness
from hedged.report.samples import Place, Trade
from hedged.report.summary import Summary
from hedged.report.text import cause_name
from hedged.report.thinning import telling

BLUE, RUST, GREY, GREEN = "#2f7fc1", "#c8622a", "#8a929c", "#2e9a6a"
SHOWN_USD: Final = Decimal("0.005")  # less is not worth a bar
_PARTS: Final = 1500  # of a line: more than there are pixels
_MANY: Final = 200  # orders: their marks hide the price
_LABEL: Final = 22  # characters in a line
_TEXT_ROOM: Final = 0.18  # of the bars' span, to either side
Figure = tuple[str, Any]  # its title, and plotly's figure


def figures_of(found: Summary, windows: Sequence[Effectiveness]) -> Iterator[Figure]:
    """All that can be drawn."""
    times = [found.steps[0].start.at, *(step.end.at for step in found.steps)]
    yield "Value, USD", _value(found, times)
    yield "Net delta less its target, in its band, coins", _delta(found)
    yield "Where the change in value comes from, USD", _waterfall(found)
    if any(step.causes.funding for step in found.steps):
        yield "Funding so far, USD", _funding(found, times)
    none = "" if found.fills else ": none"
    yield f"Orders on the price, USD{none}", _orders(found, times)
    if found.basis:
        yield "Basis, bps of the index", _basis(found)
    if windows:
        yield "Slope of the hedge on the coins, window by window", _slopes(windows)


@exact
def _value(found: Summary, times: Sequence[datetime]) -> go.Figure:
    values = [found.value_before, *(step.end.value for step in found.steps)]
    paid = accumulate((step.quote for step in found.steps), initial=ZERO)
    kept = [value + quote for value, quote in zip(values, paid, strict=True)]
    made = accumulate((step.causes.hedge for step in found.steps), initial=ZERO)
    bare = [value - hedge for value, hedge in zip(kept, made, strict=True)]
    return go.Figure(
        [
            _line("with the hedge", times, kept, BLUE),
            _line("without it", times, bare, RUST, dash="dash"),
        ]
    )


@exact
def _delta(found: Summary) -> go.Figure:
    """At the samples, and from each to the next as it was."""
    samples = found.records.samples
    times = [sample.at for sample in samples]
    drift = [sample.drift_usd / sample.mark for sample in samples]
    band = [sample.band_usd / sample.mark for sample in samples]
    upper = _line("band", times, band, GREY, shape="hv", dash="dot")
    lower = _line("band", times, [-edge for edge in band], GREY, shape="hv", dash="dot")
    lower.update(fill="tonexty", fillcolor="rgba(138,146,156,.18)", showlegend=False)
    return go.Figure([upper, lower, _line("net delta", times, drift, BLUE, shape="hv")])


@exact
def _waterfall(found: Summary) -> go.Figure:
    named = [
        (cause_name(field.name), value)
        for field in fields(Causes)
        if abs(value := getattr(found.causes, field.name)) >= SHOWN_USD
    ]
    bars = [*named, ("change in value", found.causes.total)]
    ends = [float(so_far) for so_far in accumulate(value for _, value in named)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = _TEXT_ROOM * (high - low)
    return go.Figure(
        go.Waterfall(
            orientation="h",
            y=["<br>".join(wrap(name, _LABEL)) for name, _ in bars],
            x=[float(value) for _, value in bars],
            measure=[*("relative" for _ in named), "total"],
            text=[f"{value:+,.2f}" for _, value in bars],
            textposition="outside",
            cliponaxis=False,
            increasing_marker_color=GREEN,
            decreasing_marker_color=RUST,
            totals_marker_color=BLUE,
            connector_line_color=GREY,
        ),
        {"height": 90 + 34 * len(bars)},
    ).update(
        layout={"yaxis": {"autorange": "reversed"}, "xaxis": {"range": [low - room, high + room]}}
    )


@exact
def _funding(found: Summary, times: Sequence[datetime]) -> go.Figure:
    so_far = accumulate((step.causes.funding for step in found.steps), initial=ZERO)
    return go.Figure([_line("funding", times, so_far, BLUE, shape="hv")])


def _orders(found: Summary, times: Sequence[datetime]) -> go.Figure:
    marks = [found.steps[0].start.mark, *(step.end.mark for step in found.steps)]
    trades = [t for t in found.records.trades if times[0] <= t.at <= times[-1]]
    size = 9 if len(trades) < _MANY else 5
    kinds = ((Side.BUY, "triangle-up", "bought", GREEN), (Side.SELL, "triangle-down", "sold", RUST))
    return go.Figure(
        [
            _line("mark", times, marks, BLUE),
            *(
                go.Scatter(
                    x=[_shown(t.at) for t in trades if _side(t) is side],
                    y=[float(t.price) for t in trades if _side(t) is side],
                    text=[f"{t.usd:,.2f} USD" for t in trades if _side(t) is side],
                    mode="markers",
                    marker={"symbol": symbol, "size": size, "color": colour},
                    name=name,
                )
                for side, symbol, name, colour in kinds
            ),
        ]
    )


def _basis(found: Summary) -> go.Figure:
    history: dict[Place, tuple[list[datetime], list[Decimal]]] = {}
    for sample in found.records.samples:
        for leg in sample.legs:
            if leg.index is not None:
                times, bps = history.setdefault(leg.place, ([], []))
                times.append(sample.at)
                bps.append(basis_bps(leg.mark, leg.index))
    styles = zip(
        history.items(), (("solid", BLUE), ("dash", RUST), ("dot", GREEN)) * 9, strict=False
    )
    return go.Figure(
        [
            _line(f"{place[1]} at {place[0]}", times, bps, colour, dash=dash)
            for (place, (times, bps)), (dash, colour) in styles
        ]
    )


def _slopes(windows: Sequence[Effectiveness]) -> go.Figure:
    told = [(window.end, window.slope) for window in windows if window.slope is not None]
    figure = go.Figure([_line("slope", [at for at, _ in told], [slope for _, slope in told], BLUE)])
    for mark in (-0.8, -1.25):
        figure.add_hline(y=mark, line_dash="dot", line_color=GREY, annotation_text=f"{mark}")
    return figure


def _line(
    name: str,
    times: Iterable[datetime],
    values: Iterable[Decimal],
    colour: str,
    *,
    dash: str = "solid",
    shape: str = "linear",
) -> go.Scatter:
    at = [_shown(time) for time in times]
    all_values = [float(f"{value:.10g}") for value in values]
    kept = list(telling(all_values, 0, _PARTS))
    return go.Scatter(
        x=[at[i] for i in kept],
        y=[all_values[i] for i in kept],
        name=name,
        mode="lines",
        line={"color": colour, "dash": dash, "shape": shape, "width": 1.8},
    )


def _shown(at: datetime) -> str:
    """In UTC. As text: plotly copies whatever it is given, and objects take it long."""
    return at.replace(tzinfo=None).isoformat(" ", "seconds")


def _side(trade: Trade) -> Side:
    return Side.BUY if trade.quantity > 0 else Side.SELL
