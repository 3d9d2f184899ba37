// The dashboard: follows the daemon's status and shows it; the page itself decides nothing.

import { Refused, forget, get, keep, statuses, tell, token } from "./api.js";
import { card } from "./book.js";
import { draw } from "./charts.js";
import { ago, begun, find, h, moment, show } from "./dom.js";
import * as tables from "./tables.js";

const RETRY_MS = [1000, 2000, 5000, 10000];
const LISTS_MS = 5000; // tables and charts are fetched no oftener
const EXECUTION = { "dry-run": "dry-run: sends no orders", live: "live: sends orders" };
const ENVIRONMENT = { sim: "sim · play money", testnet: "testnet · play money", mainnet: "mainnet · real money" };
const GRAVE = new Set(["HALTED", "UNRECONCILED", "EXTERNAL_CHANGE", "MARGIN_LOW", "STALE_DATA", "SOURCE_MISSING", "LIMIT_EXCEEDED"]);

let now = null; // the last status
let heardAt = 0;
let lostSince = null;

function banner(status) {
  const bar = find("banner");
  bar.dataset.environment = status.environment;
  bar.dataset.execution = status.execution;
  bar.dataset.state = status.state.state;
  const said = status.state.state === "active" ? "trading state: active"
    : `${status.state.state.toUpperCase()}${status.state.who ? ` by ${status.state.who}` : ""}${status.state.why ? `: ${status.state.why}` : ""}`;
  show(bar,
    h("span", { class: "banner-what" }, ENVIRONMENT[status.environment]),
    h("span", { class: "banner-mode" }, EXECUTION[status.execution]),
    status.recorded ? h("span", { class: "banner-state" }, said) : "");
  document.title = `${status.state.state === "active" ? "" : `${status.state.state.toUpperCase()} · `}hedged ${status.environment} ${status.execution}`;
}

// The sentence's gist large, its reasons below.
function doing(status) {
  const paragraphs = status.books.flatMap((book) => {
    const [gist, why] = parted(book.doing);
    const name = status.books.length > 1 ? `${book.book}: ` : "";
    return [h("p", {}, name + gist), ...(why ? [h("p", { class: "why" }, why)] : [])];
  });
  show(find("doing"), paragraphs.length ? paragraphs : h("p", {}, "Waiting for the first cycle."));
  const act = status.last_act, line = find("last-act");
  line.hidden = act === null;
  if (act) show(line, "Last act, ", moment(act.at), ` (${act.book}). ${act.said}`);
}

function parted(text) {
  const because = text.indexOf(", because ");
  if (because > 0) return [`${text.slice(0, because)}.`, `Because ${text.slice(because + 10)}`];
  const stop = text.indexOf(". ");
  return stop > 0 ? [text.slice(0, stop + 1), text.slice(stop + 2)] : [text, ""];
}

function findings(status) {
  const open = status.findings.filter((finding) => finding.reason !== "DRY_RUN");
  find("findings").hidden = open.length === 0;
  find("findings-title").textContent = open.length === 1 ? "1 open finding" : `${open.length} open findings`;
  show(find("findings-list"), open.map((finding) => h("li", { "data-grave": GRAVE.has(finding.reason) },
    h("h3", {}, finding.asset ? `${finding.asset} (${finding.book}) ` : "", h("span", { class: "code" }, finding.reason)),
    h("p", { class: "detail" }, finding.detail),
    finding.means ? h("p", {}, `${begun(finding.means)}. By itself: ${finding.by_itself}.`) : "",
    finding.what_to_do ? h("p", { class: "todo" }, `To do: ${finding.what_to_do}`) : "")));
}

function books(status) {
  show(find("books"), status.books.flatMap((book) => book.assets.map((asset) => card(book, asset))));
  const select = find("chart-asset");
  const names = status.books.flatMap((book) => book.assets.map((asset) => `${book.book} ${asset.asset}`));
  if ([...select.options].map((option) => option.value).join() !== names.join()) {
    const chosen = select.value;
    show(select, names.map((name) => h("option", { value: name }, name.split(" ").reverse().join(" in "))));
    if (names.includes(chosen)) select.value = chosen;
  }
}

function ages(status) {
  const passed = (Date.now() - heardAt) / 1000;
  show(find("ages"), status.books.flatMap((book) => book.ages.map((age) => {
    const limit = Number(book.max_age_s);
    const seconds = age.age_s === null ? null : age.age_s + passed;
    const fill = h("i");
    fill.style.width = `${seconds === null ? 0 : Math.min(100, (100 * seconds) / limit)}%`;
    return h("div", { class: "age", "data-old": seconds === null || seconds > limit },
      h("span", {}, `${age.source} ${age.what}`),
      h("span", { class: "num" }, seconds === null ? "could not be read" : `${ago(seconds)} of ${limit} s`),
      h("span", { class: "bar" }, fill));
  })));
}

function actions(status) {
  const verbs = status.recorded
    ? [status.state.state === "active" ? ["pause", "Pause", "quiet"] : ["resume", "Resume", "quiet"],
      ...(status.state.state === "halted" ? [] : [["halt", "Halt", "alarm"]])]
    : [];
  const wanted = [...verbs, ["cycle", "Look now", "quiet"]];
  const group = find("actions");
  if (group.dataset.shown === wanted.join()) return; // keep the keyboard's place
  group.dataset.shown = wanted.join();
  show(group, wanted.map(([verb, label, look]) => {
    const button = h("button", { type: "button", class: look }, label);
    button.addEventListener("click", () => ask(verb, label, look));
    return button;
  }));
}

const TEXTS = {
  pause: "Only orders that shrink the position pass until you resume.",
  resume: "The daemon trades again.",
  halt: "Nothing is sent until you resume, also after a restart. The hedge stays as it is.",
  cycle: "Every book looks at the world at once.",
  read: "Reading takes a token here. Make one with: hedged token new NAME -c FILE",
};

function ask(verb, label, look = "") {
  const dialog = find("ask");
  if (dialog.open) return;
  find("ask-title").textContent = verb === "read" ? "A token, please" : `${label}?`;
  find("ask-text").textContent = TEXTS[verb];
  find("ask-error").textContent = "";
  find("ask-why-label").hidden = verb === "read" || verb === "cycle";
  find("ask-token-label").hidden = token() !== null;
  find("ask-do").textContent = verb === "read" ? "Go on" : label;
  find("ask-do").className = look;
  find("ask-form").onsubmit = (event) => {
    event.preventDefault();
    act(verb);
  };
  dialog.showModal();
}

async function act(verb) {
  const given = find("ask-token").value.trim();
  if (given) keep(given);
  find("ask-token").value = "";
  try {
    if (verb === "read") await get("status");
    else find("pulse").textContent = await tell(verb, find("ask-why").value.trim());
    find("ask-why").value = "";
    find("ask").close();
  } catch (error) {
    if (error instanceof Refused && [401, 403].includes(error.status)) {
      forget();
      find("ask-token-label").hidden = false;
      find("ask-token").focus();
    }
    find("ask-error").textContent = error.message;
  }
}

function pulse() {
  const line = find("pulse"), bar = find("banner");
  bar.toggleAttribute("data-lost", lostSince !== null);
  if (lostSince !== null) {
    line.textContent = `No connection for ${ago((Date.now() - lostSince) / 1000)}: what you see is old`;
  } else if (now !== null) {
    const seen = Math.max(...now.books.map((book) => Date.parse(book.at)), 0);
    const ageS = seen ? (Date.parse(now.now) - seen + Date.now() - heardAt) / 1000 : null;
    line.textContent = `${now.ready ? "ready" : "not ready"}${ageS === null ? "" : ` · looked ${ago(Math.max(0, ageS))} ago`}`;
    ages(now);
  }
}

function render(status) {
  now = status;
  heardAt = Date.now();
  banner(status);
  doing(status);
  findings(status);
  books(status);
  actions(status);
  pulse();
  show(find("about"), `hedged ${status.version}, running since `, moment(status.started_at));
}

async function lists() {
  if (document.hidden || now === null || lostSince !== null) return;
  const [orders, fills, decisions] = await Promise.all(
    ["orders", "fills", "decisions"].map((what) => get(`${what}?limit=${tables.MOST}`)));
  tables.orders(find("orders"), orders.orders);
  tables.fills(find("fills"), fills.fills, now.recorded);
  tables.decisions(find("decisions"), decisions.decisions);
  await chart();
}

async function chart() {
  const [book, asset] = find("chart-asset").value.split(" ");
  if (!asset) return;
  const query = new URLSearchParams({ book, asset, hours: find("chart-hours").value, points: 1000 });
  await draw(await get(`history?${query}`));
}

const quietly = (work) => work().catch((error) => console.warn(error.message));

async function follow() {
  for (let tries = 0; ; tries += 1) {
    try {
      for await (const status of statuses()) {
        const first = now === null;
        tries = 0;
        lostSince = null;
        if (status) render(status);
        if (first) quietly(lists);
      }
    } catch (error) {
      if (error instanceof Refused && error.status === 401) ask("read");
    }
    lostSince ??= Date.now();
    pulse();
    await new Promise((done) => { setTimeout(done, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]); });
  }
}

find("ask-cancel").addEventListener("click", () => find("ask").close());
find("chart-asset").addEventListener("change", () => quietly(chart));
find("chart-hours").addEventListener("change", () => quietly(chart));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => quietly(chart));
setInterval(pulse, 1000);
setInterval(() => quietly(lists), LISTS_MS);
follow();
