// @ts-check
// The predictions of the compared networks, side by side: one row per class, one bar per network.

import { element, setStyle, setText } from "../element.js";
import { EXAMPLE } from "../example.js";

const QUIET = 700; // milliseconds without a change before a prediction is read out

/**
 * Return the bars.
 *
 * @param {any} context
 */
export function createBars(context) {
  const table = element("table", { class: "convlab-bars-table" });
  const note = element("p", { class: "convlab-note" });
  const remote = createRemote(context);
  let timer = 0;
  /** @type {any} */
  let built = { key: "", draw: () => {} };
  /** @type {any[]} */
  let drawn = [];
  return {
    element: element("section", { class: "convlab-bars", "aria-label": "Prediction" }, table, note),
    update(/** @type {any} */ state) {
      const shown = state.models.filter((/** @type {string} */ name) => context.catalog.has(name));
      const columns = shown.length ? shown.map((/** @type {string} */ name) => context.catalog.get(name)) : EXAMPLE.models;
      const key = JSON.stringify(columns.map((/** @type {any} */ { name, classes }) => [name, classes]));
      if (key !== built.key) {
        built = { key, ...buildTable(context, table, columns) };
        drawn = [];
      }
      const values = columns.map((/** @type {any} */ model) => valuesOf(context, remote, model, state));
      const now = [...values, state.model, context.input.label];
      if (now.length === drawn.length && now.every((value, k) => value === drawn[k])) return;
      drawn = now;
      built.draw(values, state.model, context.input.label);
      setText(note, columns.map((/** @type {any} */ { name }) => context.failures.get(name) ?? "").filter(Boolean).join(" "));
      clearTimeout(timer);
      timer = setTimeout(() => context.announce(spoken(columns, values)), QUIET);
    },
    dispose() {
      clearTimeout(timer);
      remote.dispose();
    },
  };
}

/** @param {any} context @param {any} remote @param {any} model @param {any} state @returns {ArrayLike<number> | null} */
function valuesOf(context, remote, { name, server_only: serverOnly }, state) {
  const values = context.values(name);
  if (values) return values;
  if (serverOnly) return remote.values(name);
  return state.input.kind === "example" ? EXAMPLE.values[name] ?? null : null;
}

/**
 * Return what the server says for networks that the page cannot run: one question at a time per
 * network; an answer to an older input is dropped.
 *
 * @param {any} context
 */
function createRemote({ source, store, pixels, catalog }) {
  /** @type {Map<string, any>} */
  const asked = new Map(); // name -> {pixels, values, pending}
  async function ask(/** @type {string} */ name, /** @type {any} */ entry) {
    const shown = entry.pixels;
    const { height, width, channels } = catalog.get(name).image;
    entry.pending = source.ask("predict", {
      model: name, pixels: Uint8Array.from(shown, (value) => Math.round(Math.min(255, Math.max(0, value)))), shape: [height, width, channels],
    });
    try {
      const { tensors } = await entry.pending;
      if (entry.pixels === shown) entry.values = tensors.get("values").data;
    } catch {
      entry.values = null;
    }
    entry.pending = null;
    if (entry.pixels !== shown) ask(name, entry);
    else store.dispatch({ type: "refresh" });
  }
  return {
    values(/** @type {string} */ name) {
      const shown = pixels(name);
      if (!shown || !source.abilities.has("oracle")) return null;
      const entry = asked.get(name) ?? { pixels: null, values: null, pending: null };
      asked.set(name, entry);
      if (entry.pixels !== shown) {
        entry.pixels = shown;
        if (!entry.pending) ask(name, entry);
      }
      return entry.values;
    },
    dispose() {
      for (const { pending } of asked.values()) pending?.cancel();
    },
  };
}

/** @param {any} context @param {any} table @param {any[]} columns */
function buildTable({ store, listen }, table, columns) {
  const heads = columns.map(({ name }) => {
    const button = element("button", { class: "convlab-bars-model", type: "button", title: `Look into ${name}` }, shorten(name, columns));
    const forget = listen(button, "click", () => store.dispatch({ type: "model", model: name }));
    return { name, button, forget };
  });
  const classes = columns[0]?.classes ?? [];
  const rows = classes.map((/** @type {string} */ title) => {
    const head = element("th", { scope: "row" }, title);
    const cells = columns.map(() => {
      const number = element("span", { class: "convlab-bars-value" });
      return { cell: element("td", {}, number), number };
    });
    return { head, cells, element: element("tr", {}, head, cells.map(({ cell }) => cell)) };
  });
  table.replaceChildren(
    element("caption", { class: "convlab-unseen" }, "Share of each class in percent, one column per network"),
    element("thead", {}, element("tr", {}, element("td", {}), heads.map(({ button }) => element("th", { scope: "col" }, button)))),
    element("tbody", {}, rows.map((/** @type {any} */ row) => row.element)),
  );
  return {
    draw(/** @type {any[]} */ values, /** @type {string} */ model, /** @type {number | null} */ label) {
      for (const { name, button } of heads) button.setAttribute("aria-pressed", String(name === model));
      const best = values.map((list) => (list ? list.indexOf(Math.max(...list)) : -1));
      rows.forEach((/** @type {any} */ { head, cells }, /** @type {number} */ k) => {
        head.classList.toggle("convlab-true", k === label);
        head.title = k === label ? "true class" : "";
        cells.forEach((/** @type {any} */ { cell, number }, /** @type {number} */ n) => {
          const value = values[n] ? values[n][k] : null;
          setStyle(cell, { "--share": value === null ? 0 : Math.min(1, Math.max(0, value)) });
          cell.classList.toggle("convlab-best", best[n] === k);
          setText(number, value === null ? "" : (100 * value).toFixed(1));
        });
      });
    },
  };
}

/** @param {string} name @param {any[]} columns @returns {string} without what all names begin with */
function shorten(name, columns) {
  const start = name.slice(0, name.indexOf("-") + 1);
  return columns.length > 1 && columns.every((other) => other.name.startsWith(start)) ? name.slice(start.length) : name;
}

/** @param {any[]} columns @param {any[]} values */
function spoken(columns, values) {
  return columns.map(({ name, classes }, k) => {
    if (!values[k]) return "";
    const best = values[k].indexOf(Math.max(...values[k]));
    return `${name}: ${classes[best]}, ${(100 * values[k][best]).toFixed(0)} percent.`;
  }).filter(Boolean).join(" ");
}
