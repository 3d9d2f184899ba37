// The past of one asset: five pictures over one time axis, with the orders marked on the price.

import { find, number } from "./dom.js";

let loading = null;

// Plotly is big: it comes after everything else, and only once.
function plotly() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.plotly;
    script.onload = () => done(window.Plotly);
    script.onerror = () => failed(new Error("the charts could not be loaded"));
    document.head.append(script);
  });
  return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const times = (series) => series.at_ms.map((at) => new Date(at));

function line(series, axis, name, { dash = "solid", fill, width = 1.8, ink, shape = "linear", factor = 1 } = {}) {
  return {
    type: "scatter", mode: series.at_ms.length < 3 ? "lines+markers" : "lines", name, xaxis: "x", yaxis: axis,
    x: times(series), y: series.value.map((v) => (v === null ? null : v * factor)),
    line: { color: ink ?? colour("--accent"), width, dash, shape }, fill, fillcolor: colour("--accent-soft"),
    hovertemplate: `%{y:,.6~g} ${name}<extra></extra>`, connectgaps: false,
  };
}

function edges(found, side) {
  const { target_delta: target, band } = found.series;
  const at = target.at_ms.filter((t, i) => target.value[i] !== null);
  const steps = (series) => {
    let i = 0;
    return (t) => {
      while (i + 1 < series.at_ms.length && series.at_ms[i + 1] <= t) i += 1;
      return series.value[i];
    };
  };
  const wanted = steps(target), wide = steps(band);
  const all = [...new Set([...at, ...band.at_ms])].sort((a, b) => a - b);
  return { at_ms: all, value: all.map((t) => {
    const middle = wanted(t), half = wide(t);
    return middle === null || half === null ? null : middle + side * half;
  }) };
}

function traces(found) {
  const series = found.series, ink = colour("--ink");
  const low = line(edges(found, -1), "y", "lower edge of the band", { dash: "dot", width: 1, shape: "hv" });
  const high = line(edges(found, 1), "y", "upper edge of the band", { dash: "dot", width: 1, shape: "hv", fill: "tonexty" });
  const drawn = [
    low, high,
    line(series.net_delta, "y", `${found.asset} net delta`, { ink, width: 2 }),
    line(series.hedge_ratio, "y2", "% hedged", { factor: 100 }),
    line(series.price, "y3", "USD"),
    line(series.funding_rate, "y4", "% an interval", { factor: 100, shape: "hv" }),
    line(series.collateral_fraction, "y5", "% of the coins in the futures account", { factor: 100 }),
    line(near(series.liquidation_distance), "y6", "% to liquidation", { factor: 100 }),
  ];
  for (const [side, symbol] of [["buy", "triangle-up"], ["sell", "triangle-down"]]) {
    const marks = found.marks.filter((mark) => mark.side === side);
    drawn.push({
      type: "scatter", mode: "markers", name: side, xaxis: "x", yaxis: "y3",
      x: marks.map((mark) => new Date(mark.at)), y: marks.map((mark) => Number(mark.limit_price)),
      marker: { symbol, size: 13, color: colour("--raised"), line: { color: ink, width: 2 } },
      text: marks.map((mark) => `${mark.state}: ${side} ${number(mark.contracts, 0)} at ${number(mark.limit_price, 2)}`),
      hovertemplate: "%{text}<extra></extra>",
    });
  }
  return drawn;
}

const ROWS = [
  ["y", "Net delta, coins, in its band"], ["y2", "Hedge ratio, %"],
  ["y3", "Price, USD, with orders (▼ sell, ▲ buy)"], ["y4", "Funding rate, % an interval"],
  ["y5", "Coins in the futures account, %"], ["y6", "To liquidation, % of the price, as far as 200"],
];
const FAR = 2; // a liquidation that is farther away than this share of the price is as good as none
const WIDEST = 5; // bands that the picture of the net delta shows to either side, at most

const known = (values) => values.filter((v) => v !== null);

// A flat line in the middle of its picture, and never a picture of rounding errors.
function room(values, least) {
  const low = Math.min(...values), high = Math.max(...values);
  const pad = Math.max((high - low) * 0.12, Math.abs(high) * least, 1e-6);
  return [low - pad, high + pad];
}

// What is far outside its band would flatten everything else: it is cut, and the title says so.
function deltaRange(found) {
  const deltas = known(found.series.net_delta.value);
  const band = Math.max(...known(found.series.band.value), 0), middle = known(found.series.target_delta.value).at(-1) ?? 0;
  if (!deltas.length) return { range: [-1, 1], cut: null };
  const far = Math.max(...deltas.map((delta) => Math.abs(delta - middle)));
  const reach = Math.min(Math.max(far * 1.15, band * 1.5), Math.max(band * WIDEST, 1e-9));
  return { range: [middle - reach, middle + reach], cut: far > reach ? far : null };
}

// What is farther than that is left out: it would flatten what matters.
const near = (series) => ({ ...series, value: series.value.map((v) => (v !== null && v > FAR ? null : v)) });

function ranges(found) {
  const of = (name, factor, least) => {
    const series = found.series[name];
    const values = known((name === "liquidation_distance" ? near(series) : series).value).map((v) => v * factor);
    return values.length ? room(values, least) : undefined;
  };
  return {
    y: deltaRange(found).range, y2: of("hedge_ratio", 100, 0.005), y3: undefined,
    y4: of("funding_rate", 100, 0.5), y5: of("collateral_fraction", 100, 0.02), y6: of("liquidation_distance", 100, 0.02),
  };
}

function layout(found, narrow) {
  const soft = colour("--soft"), faint = colour("--faint"), gap = 0.052, height = (1 - gap * 5) / 6;
  const axes = {}, annotations = [], wide = ranges(found), { cut } = deltaRange(found);
  ROWS.forEach(([axis, title], i) => {
    const top = 1 - i * (height + gap), range = wide[axis];
    axes[axis.replace("y", "yaxis")] = {
      domain: [top - height, top], gridcolor: faint, zerolinecolor: soft, zeroline: axis === "y", range,
      autorange: range === undefined, tickfont: { color: soft, size: 11 }, nticks: 5, fixedrange: true,
      exponentformat: "none", separatethousands: true,
    };
    const more = axis === "y" && cut !== null ? ` (cut: up to ${number(cut, 2)})` : "";
    const none = axis !== "y" && axis !== "y3" && range === undefined ? (axis === "y6" ? ": none that near" : ": none") : "";
    annotations.push({ text: title + more + none, x: 0, y: top, xref: "paper", yref: "paper", xanchor: "left",
      yanchor: "bottom", showarrow: false, font: { color: colour("--ink"), size: narrow ? 12 : 13 } });
  });
  return {
    ...axes, annotations, showlegend: false, hovermode: "x", dragmode: false, height: narrow ? 1000 : 1100,
    margin: { l: narrow ? 52 : 72, r: narrow ? 14 : 32, t: 46, b: 44 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: soft },
    hoverlabel: { bgcolor: colour("--raised"), bordercolor: soft, font: { color: colour("--ink") } },
    xaxis: { anchor: "y6", gridcolor: faint, tickfont: { color: soft, size: 11 }, fixedrange: true, type: "date", nticks: narrow ? 4 : 9,
      showspikes: true, spikemode: "across", spikethickness: 1, spikecolor: soft, spikedash: "solid" },
  };
}

export async function draw(found) {
  const place = find("chart");
  const Plotly = await plotly();
  const narrow = place.clientWidth < 600;
  if (!place.classList.contains("js-plotly-plot")) place.replaceChildren();
  await Plotly.react(place, traces(found), layout(found, narrow), { displayModeBar: false, responsive: true });
  const last = (name) => found.series[name].value.at(-1);
  place.setAttribute("aria-label",
    `${found.asset} over time, ${found.kept} points kept. Now: net delta ${number(last("net_delta"), 4)}, `
    + `price ${number(last("price"), 2)} USD, ${found.marks.length} orders in this span. The tables below have the figures.`);
  place.dataset.points = found.kept;
}
