// Elements from values: text is always text, so that nothing an exchange says becomes markup.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export const find = (id) => document.getElementById(id);

export function show(parent, ...children) {
  parent.replaceChildren(...children.flat());
}

// A text as a sentence begins. One that begins with a name, as in "main: no answer", keeps it as it is.
export const begun = (text) => (/^[\w-]+:/.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`);

const formats = new Map();

// A decimal string for people; what is not known is a dash that screen readers can say.
export function number(value, places = 2, { sign = false } = {}) {
  if (value === null || value === undefined) return "not known";
  const key = `${places}${sign}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat("en", {
      minimumFractionDigits: places, maximumFractionDigits: places,
      signDisplay: sign ? "exceptZero" : "auto",
    }));
  }
  return formats.get(key).format(Number(value)).replace("-", "−");
}

export const coins = (value, unit, options) => `${number(value, 4, options)} ${unit}`;
export const usd = (value, options) => (value === null || value === undefined
  ? "not known" : `${number(value, Math.abs(Number(value)) < 1000 ? 2 : 0, options)} USD`);
export const percent = (value, places = 2) => (value === null || value === undefined
  ? "not known" : `${number(Number(value) * 100, places)} %`);

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export function moment(text) {
  const at = new Date(text);
  const today = at.toDateString() === new Date().toDateString();
  const label = today ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
  return h("time", { datetime: text, title: at.toISOString(), class: "num" }, label);
}

export function ago(seconds) {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}
