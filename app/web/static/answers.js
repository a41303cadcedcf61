// @ts-check
// What the compared networks say of the input.

import { EXAMPLE } from "./example.js";
import { createRemote } from "./parts/remote.js";
import { fixedNumber } from "./draw/numbers.js";
import { largest } from "./play/spread.js";

/**
 * @typedef {{name: string, title: string, classes: string[], values: ArrayLike<number> | null,
 *   best: number, labels: number[], share: string}} Answer `title`: the name without what all names
 *   begin with; `best`: index of the most probable class, -1 without values; `labels`: indices of the
 *   predicted classes, of which a multi-label model has any number; `share`: their values as text.
 */

/**
 * Return the answers of a page. Networks that only the source can run are asked there.
 *
 * @param {any} context
 * @returns {{of: (state: any) => Answer[], models: (state: any) => any[], dispose: () => void}}
 */
export function createAnswers(context) {
  const remote = createRemote(context);
  const models = (/** @type {any} */ state) => modelsOf(context, state);
  return {
    models,
    of: (state) => models(state).map((model, _, all) => {
      const values = valuesOf(context, remote, model, state);
      const best = values ? largest(values) : -1;
      const labels = values ? labelsOf(values, best, model.thresholds) : [];
      const share = labels.map((label) => textOf(/** @type {any} */ (values)[label], model.outputs)).join(", ");
      return { name: model.name, title: shorten(model.name, all), classes: model.classes, values, best, labels, share };
    }),
    dispose: () => remote.dispose(),
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

/** @param {string} name @param {any[]} models @returns {string} without what all names of saved ones begin with */
export function shorten(name, models) {
  const start = name.slice(0, name.indexOf("-") + 1);
  const others = models.filter((other) => !other.is_unsaved); // the one that trains has a name of one word
  const isShared = others.length > 1 && others.every((other) => other.name.startsWith(start));
  return isShared ? name.slice(start.length) : name;
}

/** @param {ArrayLike<number>} values @param {number} best @param {number[]} thresholds None for one label per image. */
function labelsOf(values, best, thresholds = []) {
  if (!thresholds.length) return [best];
  return thresholds.flatMap((threshold, label) => (values[label] >= threshold ? [label] : []));
}

/** @param {Answer} answer @returns {string} names of the predicted classes */
export function labelText({ classes, labels }) {
  return labels.map((label) => classes[label]).join(", ") || "none";
}

/** @param {number} value @param {string} outputs */
function textOf(value, outputs) {
  return outputs === "scores" ? `score ${fixedNumber(value, 2)}` : `${(100 * value).toFixed(0)}%`;
}

