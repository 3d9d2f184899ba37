// Orders, fills and decisions as tables that become lists on a narrow screen.

import { h, moment, number, show, usd } from "./dom.js";

export const MOST = 8; // rows of each table; all of them are in the API

// A dash says nothing that a narrow screen has room for.
function cell(column, row) {
  const shown = column.of(row);
  return h("td", { class: column.kind, "data-label": column.name, "data-none": shown === "–" }, h("span", {}, shown));
}

function table(parent, label, columns, rows, empty) {
  if (!rows.length) {
    show(parent, h("p", { class: "empty" }, empty));
    return;
  }
  const head = h("tr", {}, columns.map((c) => h("th", { scope: "col", class: c.kind }, c.name)));
  const body = rows.map((row) => h("tr", {}, columns.map((column) => cell(column, row))));
  const path = `/api/v1/${label.toLowerCase()}?limit=1000`;
  show(parent,
    h("table", { "aria-label": label }, h("thead", {}, head), h("tbody", {}, body)),
    rows.length < MOST ? [] : h("p", { class: "more" }, h("a", { href: path }, `More ${label.toLowerCase()}, as JSON`)));
}

export function orders(parent, rows) {
  table(parent, "Orders", [
    { name: "Time", of: (o) => moment(o.at) },
    { name: "Instrument", of: (o) => `${o.instrument} at ${o.venue}` },
    { name: "Order", of: (o) => `${o.side} ${number(o.contracts, 0)}${o.reduce_only ? " (reduce only)" : ""}` },
    { name: "Limit", kind: "r", of: (o) => number(o.limit_price, 2) },
    { name: "Notional", kind: "r", of: (o) => usd(o.notional_usd) },
    { name: "Filled", kind: "r", of: (o) => (o.filled === null ? "–" : number(o.filled, 0)) },
    { name: "State", of: (o) => o.state },
    { name: "Detail", kind: "wide", of: (o) => o.detail || "–" },
  ], rows, "No orders yet.");
}

export function fills(parent, rows, recorded) {
  table(parent, "Fills", [
    { name: "Time", of: (f) => moment(f.at) },
    { name: "Instrument", of: (f) => `${f.instrument} at ${f.venue}` },
    { name: "Trade", of: (f) => `${f.side} ${number(f.contracts, 0)}` },
    { name: "Price", kind: "r", of: (f) => number(f.price, 2) },
    { name: "Fee", kind: "r", of: (f) => (f.fee === null ? "–" : `${number(f.fee, 8)} ${f.fee_unit}`) },
    { name: "As", of: (f) => (f.is_maker === null ? "–" : f.is_maker ? "maker" : "taker") },
    { name: "Cause", of: (f) => f.cause },
  ], rows, recorded ? "No fills yet." : "A dry-run trades nothing, so there are no fills.");
}

export function decisions(parent, rows) {
  table(parent, "Decisions", [
    { name: "Since", of: (d) => moment(d.since) },
    { name: "Cycles", kind: "r", of: (d) => number(d.cycles, 0) },
    { name: "Asset", of: (d) => `${d.asset} (${d.book})` },
    { name: "Verdict", of: (d) => h("span", { class: "code" }, [...new Set([d.reason, ...d.blocked])].join(", ")) },
    { name: "Why", kind: "wide", of: (d) => d.why },
  ], rows, "No cycle has ended yet.");
}
