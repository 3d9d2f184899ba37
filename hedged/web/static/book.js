// One card an asset: what is held, what hedges it, and where that stands in its band.

import { begun, coins, h, number, percent, usd } from "./dom.js";

const CALM = new Set(["IN_BAND"]);
const ACTS = new Set(["ABOVE_BAND", "BELOW_BAND", "ORDER_IN_FLIGHT", "COOLDOWN", "BELOW_MIN_QTY", "WINDOW"]);

export const kind = (reason) => (CALM.has(reason) ? "calm" : ACTS.has(reason) ? "act" : "stop");

export function card(book, asset) {
  const figures = asset.figures;
  return h("article", { class: "asset", "aria-label": `${asset.asset} in book ${book.book}` },
    h("div", { class: "asset-head" },
      h("h3", {}, asset.asset),
      h("span", { class: "of" }, `book ${book.book}${asset.assumed ? " · position assumed" : ""}`),
      h("span", { class: "reason", "data-kind": kind(asset.reason) }, asset.reason)),
    h("p", { class: "why" }, `${begun(asset.why)}.`),
    figures ? [bars(asset), gauge(figures), numbers(asset, figures)] : null);
}

// Holdings and hedge on one scale: equal lengths are a full hedge.
function bars(asset) {
  const paper = asset.assumed ? "paper_" : "";
  const spot = Number(asset.spot), collateral = Number(asset.collateral);
  const pnl = Number(asset[`${paper}unrealised_pnl`]), equity = asset[`${paper}equity`];
  const hedge = Number(asset[`${paper}net_delta`]) - Number(equity);
  const futures = collateral + pnl;
  const most = Math.max(Math.abs(spot) + Math.abs(futures), Math.abs(hedge), 1e-12);
  const part = (name, value) => {
    const bar = h("i", { class: name });
    bar.style.width = `${(100 * Math.abs(value)) / most}%`;
    return bar;
  };
  return h("div", { class: "bars" },
    h("span", {}, "Holdings"),
    h("span", { class: "bar" }, part("spot", spot), part("collateral", futures)),
    h("span", { class: "num" }, coins(equity, asset.asset)),
    h("span", { class: "legend" },
      `${number(spot, 4)} spot, solid · ${number(futures, 4)} collateral with profit, striped`),
    h("span", {}, "Hedge"),
    h("span", { class: "bar" }, part("hedge", hedge)),
    h("span", { class: "num" }, coins(hedge, asset.asset)));
}

// The drift on a scale of twice the band; what is beyond that stands at the edge, as an arrow.
function gauge(figures) {
  const drift = Number(figures.drift_usd), band = Number(figures.band_usd);
  const reach = Math.max(2 * band, 1e-9);
  const share = (value) => 50 + (50 * Math.max(-reach, Math.min(reach, value))) / reach;
  const at = share(drift), beyond = Math.abs(drift) > reach ? Math.sign(drift) : null;
  const placed = (node, left, width) => {
    node.style.left = `${left}%`;
    if (width !== undefined) node.style.width = `${width}%`;
    return node;
  };
  const side = at < 22 ? "left" : at > 78 ? "right" : null;
  const where = Math.abs(drift) <= band ? "inside" : "outside";
  const text = `Drift ${usd(drift, { sign: true })}, ${where} the band of ±${usd(band)}`;
  return h("div", { class: "gauge", role: "img", "aria-label": text },
    h("span", { class: "axis" }),
    placed(h("span", { class: "band" }), share(-band), share(band) - share(-band)),
    h("span", { class: "aim" }),
    placed(h("span", { class: "needle", "data-beyond": beyond }), at),
    placed(h("span", { class: "label drift", "data-side": side }, `drift ${usd(drift, { sign: true })}`), at),
    placed(h("span", { class: "label edge" }, `−${number(band, 0)}`), share(-band)),
    placed(h("span", { class: "label edge" }, "target"), 50),
    placed(h("span", { class: "label edge" }, `+${number(band, 0)}`), share(band)));
}

// Beyond ten times the price nobody reads digits.
const far = (share) => (Number(share) > 10 ? "over 1,000 %" : percent(share, 1));

function numbers(asset, figures) {
  const row = (label, value, note) => h("div", {},
    h("dt", {}, label), h("dd", {}, value, note ? h("small", {}, ` ${note}`) : null));
  const hedged = asset[asset.assumed ? "paper_hedge_ratio" : "hedge_ratio"];
  return h("dl", { class: "figures" },
    row("Net delta", coins(figures.net_delta, asset.asset, { sign: true })),
    row("Hedged", percent(hedged)),
    row("Position", usd(figures.position_usd)),
    row("Target", usd(figures.target_usd)),
    row("Mark price", usd(figures.price)),
    row("Funding rate", percent(figures.funding_rate, 4), "an interval"),
    row("Funding a day", usd(figures.funding_usd_per_day, { sign: true })),
    row("In futures account", percent(figures.collateral_fraction, 1), "of the coins"),
    row("To liquidation",
      figures.liquidation_distance === null ? "none" : far(figures.liquidation_distance),
      figures.liquidation_price === null ? "named by the venue" : `at ${number(figures.liquidation_price, 0)}`));
}
