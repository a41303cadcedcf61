// @ts-check
/** The badge: how far the page's own arithmetic is from Keras, for the pinned cell and its layer. */
import { element, setText } from "../element.js";
import { largestMagnitude } from "../draw/color.js";
import { shortNumber } from "../draw/numbers.js";

/** @typedef {{cell: number, layer: number}} Difference Shares of the layer's largest magnitude. */

/** Largest difference, as a share of the largest magnitude in the layer, that counts as agreement. */
export const TOLERANCE = 1e-4;

/**
 * Return the differences of two outputs of a layer.
 * @param {ArrayLike<number>} page
 * @param {ArrayLike<number>} keras
 * @param {number} index Of the cell.
 * @returns {Difference}
 */
export function differenceOf(page, keras, index) {
  if (page.length !== keras.length) throw new RangeError(`Cannot compare ${page.length} values with ${keras.length}.`);
  const unit = largestMagnitude(keras) || 1;
  let layer = 0;
  for (let position = 0; position < page.length; position++) layer = Math.max(layer, Math.abs(page[position] - keras[position]));
  return { cell: Math.abs(page[index] - keras[index]) / unit, layer: layer / unit };
}

/**
 * Return the badge.
 * @param {any} source
 * @returns {{element: HTMLElement, ask: (question: {model: string, operation: string, pixels: ArrayLike<number>|null, shape: number[],
 *   values: Float32Array, index: number, changed: boolean}) => void, clear: () => void}}
 */
export function createBadge(source) {
  const text = element("span");
  const badge = element("p", { class: "convlab-badge", role: "status" }, text);
  /** @type {any} */
  let asked = null;
  const show = (/** @type {string} */ state, /** @type {string} */ message) => {
    badge.dataset.state = state;
    setText(text, message);
  };
  /** @type {any[]} */
  let answered = [];
  const clear = () => {
    asked?.cancel?.();
    asked = null;
    answered = [];
    badge.hidden = !source.abilities.has("oracle");
  };
  clear();
  return {
    element: badge,
    clear,
    ask({ model, operation, pixels, shape, values, index, changed }) {
      const key = [model, operation, pixels, values, index, changed];
      if (key.every((part, position) => part === answered[position])) return; // it stands there already
      clear();
      answered = key;
      if (badge.hidden || pixels === null) return;
      if (changed) return show("none", "Not compared with Keras: weights, dropout or pixels are changed here only.");
      show("waiting", "Comparing with Keras …");
      const question = source.ask("activations", { model, pixels, shape, operations: [operation] });
      asked = question;
      question.then((/** @type {any} */ answer) => {
        if (asked === question) show(...verdictOf(differenceOf(values, answer.tensors.get(operation).data, index)));
      }, (/** @type {Error} */ error) => {
        if (asked === question) show("none", `Not compared with Keras: ${error.message}`);
      });
    },
  };
}

/**
 * @param {Difference} difference
 * @returns {[string, string]}
 */
function verdictOf({ cell, layer }) {
  const agrees = layer < TOLERANCE;
  const verdict = agrees ? "✓ agrees with Keras" : "✗ differs from Keras";
  return [agrees ? "good" : "bad", `${verdict}: |Δ| ${shortNumber(cell, 2)} here, ${shortNumber(layer, 2)} at most in the layer (of its largest value)`];
}
