"""Cost against tracking error, as a figure; a file that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path

from hedged.replay.jobs import Outcome


def frontier(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those than which no other is at least as good in both and better in one."""
    return [
        one
        for one in outcomes
        if not any(_is_better(other, one) for other in outcomes if other is not one)
    ]


def _is_better(one: Outcome, other: Outcome) -> bool:
    a, b = one.metrics, other.metrics
    no_worse = a.cost_bps <= b.cost_bps and a.tracking_bps <= b.tracking_bps
    return no_worse and (a.cost_bps, a.tracking_bps) != (b.cost_bps, b.tracking_bps)


def write_frontier(pairs: Sequence[tuple[Outcome, Outcome | None]], path: Path) -> None:
    """Write the figure as one HTML file, with its script in it."""
    import plotly.graph_objects as go  # noqa: PLC0415 - half a second that few commands need

    outcomes = [off for off, _ in pairs]
    best = sorted(frontier(outcomes), key=lambda outcome: outcome.metrics.cost_bps)
    figure = go.Figure(
        [
            go.Scatter(
                x=[o.metrics.cost_bps for o in best],
                y=[o.metrics.tracking_bps for o in best],
                mode="lines",
                name="frontier",
            ),
            go.Scatter(
                x=[o.metrics.cost_bps for o in outcomes],
                y=[o.metrics.tracking_bps for o in outcomes],
                text=[o.job.label for o in outcomes],
                mode="markers+text",
                textposition="top center",
                name="settings",
            ),
        ]
    )
    figure.update_layout(
        template="simple_white",
        xaxis_title="cost, bps of the book",
        yaxis_title="tracking error, bps per √day (basis off)",
    )
    figure.write_html(path, include_plotlyjs=True)
