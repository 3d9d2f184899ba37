"""A report as one HTML file with its figures and their script in it; it prints as it looks.

Nothing is loaded from anywhere. The figures take their colours from the page, which follows the
reader's choice of light and dark, and is light on paper.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import plotly.io
from plotly.offline import get_plotlyjs

from hedged.report.effectiveness import Effectiveness
from hedged.report.figures import Figure, figures_of
from hedged.report.made import Report
from hedged.report.summary import Summary
from hedged.report.text import (
    OVERVIEW,
    ROLLING,
    cause_facts,
    effect_facts,
    overview,
    rolling_row,
    titled,
    work_facts,
)
from hedged.report.written import lines

_STYLE: Final = """
:root { color-scheme: light dark; --text: #1d2329; --faint: #5d6670; --rule: #d9dee3;
        --page: #fff }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ec; --faint: #9aa4ae; --rule: #39424b; --page: #14181c } }
* { box-sizing: border-box }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--page);
       max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem }
h3 { font-size: 1rem; margin: 1.4rem 0 .2rem; font-weight: 600 }
.note { color: var(--faint); margin: .3rem 0 }
.facts { display: grid; gap: 0 2.5rem;
         grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: .4rem 0 }
th, td { padding: .22rem .6rem .22rem 0; border-bottom: 1px solid var(--rule);
         text-align: left; vertical-align: top; font-weight: 400 }
td:not(:first-child), thead th { text-align: right } thead th { color: var(--faint) }
tr > :last-child { padding-right: 0 }
thead th:first-child { text-align: left }
.wide { overflow-x: auto } .wide td { white-space: nowrap } a { color: inherit }
figure { margin: 0; break-inside: avoid }
@media print {
  :root { color-scheme: light; --text: #000; --faint: #444; --rule: #ccc; --page: #fff }
  .facts { grid-template-columns: 1fr 1fr; gap: 0 1.5rem }
  body { max-width: none; padding: 0; font-size: 9.5pt } h2 { break-before: page }
  h2:first-of-type { break-before: auto } h3 { break-after: avoid }
  figure > div, .plotly-graph-div { height: 250px !important }
  section { break-inside: avoid } .wide { overflow: visible; font-size: 8pt } }
@page { margin: 14mm }
"""
# Figures are drawn in the page's colours and width, and drawn anew when either changes.
_SCRIPT: Final = """
const print = matchMedia("print"), dark = matchMedia("(prefers-color-scheme: dark)");
function draw(printing) {
  const style = getComputedStyle(document.documentElement);
  const of = name => printing ? {"--text": "#000", "--rule": "#ccc"}[name]
                              : style.getPropertyValue(name).trim();
  for (const div of document.querySelectorAll(".plotly-graph-div")) {
    const width = printing ? 680 : div.parentElement.clientWidth;
    const tall = div.dataset.tall ??= div.layout.height;
    const layout = { width, height: printing ? 250 : +tall, "font.color": of("--text"),
      "xaxis.nticks": width < 500 ? 4 : 8,
      "xaxis.gridcolor": of("--rule"), "yaxis.gridcolor": of("--rule"),
      "xaxis.zerolinecolor": of("--rule"), "yaxis.zerolinecolor": of("--rule") };
    // On a narrow page the figures of the bars stand in the table only.
    const bars = div.data[0].type === "waterfall";
    const trace = bars ? { "textfont.color": width < 500 ? "transparent" : of("--text") } : {};
    Plotly.update(div, trace, layout);
  }
}
addEventListener("load", () => draw(print.matches));
addEventListener("resize", () => draw(print.matches));
addEventListener("beforeprint", () => draw(true));
addEventListener("afterprint", () => draw(false));
print.addEventListener("change", () => draw(print.matches));
dark.addEventListener("change", () => draw(print.matches));
"""
_HEIGHT: Final = 320
_CONFIG: Final = {"displayModeBar": False, "responsive": False}


def html_report(found: Report) -> str:
    """The whole page."""
    sections = "".join(
        _section(number, one, found.windows[one.records.book, one.records.asset])
        for number, one in enumerate(found.summaries)
    )
    notes = "".join(f"<p class=note>{escape(line)}</p>" for line in lines(found))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>hedged: report</title><style>{_STYLE}</style>"
        f"<script>{get_plotlyjs()}</script>"
        f"<h1>What the hedge did</h1>{notes}{_overview(found.summaries)}{sections}"
        f"<script>{_SCRIPT}</script></html>"
    )


def _overview(found: Sequence[Summary]) -> str:
    """What stands first where there are several assets; each name leads to its section."""
    if len(found) < 2:  # noqa: PLR2004 - one alone needs no list
        return ""
    *rows, total = (tuple(map(escape, row)) for row in overview(found))
    linked = [(f"<a href='#a{n}'>{name}</a>", *cells) for n, (name, *cells) in enumerate(rows)]
    return f"<h2>All assets</h2>{_table(map(escape, OVERVIEW), (*linked, total))}"


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Wider than the page, if need be; the cells are HTML."""
    heading = "".join(f"<th scope=col>{head}" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    return f"<div class=wide tabindex=0><table><thead><tr>{heading}</thead>{body}</table></div>"


def _section(number: int, found: Summary, windows: Sequence[Effectiveness]) -> str:
    tables = (
        _facts("Dollars by cause", cause_facts(found))
        + _facts("How it was kept", work_facts(found))
        + _facts("Whether it worked", effect_facts(found.effectiveness))
    )
    drawn = "".join(map(_drawn, figures_of(found, windows)))
    return (
        f"<h2 id=a{number}>{escape(titled(found))}</h2><div class=facts>{tables}</div>{drawn}"
        f"{_rolling(windows)}"
    )


def _facts(caption: str, facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><td>{escape(name)}<td>{escape(value)}" for name, value in facts)
    return f"<section><table><caption>{caption}</caption>{rows}</table></section>"


def _rolling(windows: Sequence[Effectiveness]) -> str:
    if not windows:
        return ""
    rows = (tuple(map(escape, rolling_row(window))) for window in windows)
    return f"<h3>Window by window</h3>{_table(map(escape, ROLLING), rows)}"


def _drawn(titled_figure: Figure) -> str:
    title, figure = titled_figure
    figure.update_layout(
        template="none",
        height=figure.layout.height or _HEIGHT,
        margin={"l": 8, "r": 12, "t": 30, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="x unified",
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True, nticks=8)
    body: str = plotly.io.to_html(figure, include_plotlyjs=False, full_html=False, config=_CONFIG)
    return f"<figure><h3>{escape(title)}</h3>{body}</figure>"
