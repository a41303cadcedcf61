// @ts-check
// Predictions of the compared networks, side by side: one row per class, one bar per network.

import { EXAMPLE } from "../example.js";
import { createRemote } from "./remote.js";
import { createTable } from "./bars_table.js";
import { element, setText } from "../element.js";

const QUIET = 700; // milliseconds without a change before a prediction is read out

/**
 * Return the bars.
 *
 * @param {any} context
 */
export function createBars(context) {
  const remote = createRemote(context);
  const table = createTable(context);
  const note = element("p", { class: "convlab-note" });
  let timer = 0;
  return {
    element: element("section", { class: "convlab-bars", "aria-label": "Prediction" },
      element("h2", { class: "convlab-heading" }, "Prediction, %"), table.element, note),
    update(/** @type {any} */ state) {
      const models = modelsOf(context, state);
      const values = models.map((model) => valuesOf(context, remote, model, state));
      if (!table.update(models, values, state.model, context.input.label)) return;
      setText(note, noteOf(context, models, values));
      clearTimeout(timer);
      timer = setTimeout(() => context.announce(spoken(models, values)), QUIET);
    },
    dispose() {
      clearTimeout(timer);
      remote.dispose();
    },
  };
}

/** @param {any} context @param {any} state @returns {any[]} those of the example at first */
function modelsOf({ catalog }, state) {
  if (catalog.size === 0) return state.input.kind === "example" ? EXAMPLE.models : [];
  return state.models.map((/** @type {string} */ name) => catalog.get(name)).filter(Boolean);
}

/**
 * @param {any} context
 * @param {any} remote
 * @param {any} model
 * @param {any} state
 * @returns {ArrayLike<number> | null}
 */
function valuesOf(context, remote, { name, server_only: serverOnly }, state) {
  const values = context.values(name);
  if (values) return values;
  if (serverOnly) return remote.values(name);
  return state.input.kind === "example" ? EXAMPLE.values[name] ?? null : null;
}

/** @param {any} context @param {any[]} models @param {any[]} values */
function noteOf({ failures, pixels, input }, models, values) {
  const failed = models.map(({ name }) => failures.get(name)).filter(Boolean);
  if (failed.length) return failed.join(" ");
  if (input.problem) return input.problem;
  const waits = models.some(({ name }, k) => !values[k] && pixels(name));
  return waits ? "Loading…" : "";
}

/** @param {any[]} models @param {any[]} values */
function spoken(models, values) {
  return models.map(({ name, classes }, k) => {
    if (!values[k]) return "";
    const best = values[k].indexOf(Math.max(...values[k]));
    return `${name}: ${classes[best]}, ${(100 * values[k][best]).toFixed(0)} percent.`;
  }).filter(Boolean).join(" ");
}
