// @ts-check
/** Short remarks on what a layer does to the current input, and on what to do. */
import { countText, shortNumber, signedNumber } from "../draw/numbers.js";
import { dropoutMask } from "../play/passes.js";
import { largestMagnitude } from "../draw/color.js";

const HINT = "Point at a cell to see its receptive field; click to see its arithmetic. Keyboard: arrows move, with Shift between maps and layers; Enter pins, Esc unpins.";
const TOUCH_HINT = "Tap a map to see the receptive field of a cell; tap again to see its arithmetic.";

/** @typedef {import("./column_model.js").Column} Column */
/** @typedef {import("../engine/network.js").Network} Network */

/**
 * Return how many maps or units of a layer are zero everywhere.
 * @param {Column} column
 * @param {Float32Array} data (H, W, C)
 * @returns {string} Empty if none is.
 */
export function silentText({ channels, isVector }, data) {
  let silent = 0;
  for (let channel = 0; channel < channels; channel++) {
    if (largestMagnitude(data, channels, channel) === 0) silent++;
  }
  const what = isVector ? "units" : "maps";
  return silent === 0 ? "" : `${countText(silent)} of ${countText(channels)} ${what} silent`;
}

/**
 * Return what normalization does to one map: a factor and a summand.
 * @param {Column} column
 * @param {Network} network
 * @param {number} channel
 * @returns {{text: string, title: string}} Short and in words; empty for other layers.
 */
export function normalizationOf({ output }, network, channel) {
  if (output.kind !== "normalize") return { text: "", title: "" };
  const { mean, variance, gamma, beta } = network.weights(output.name);
  const scale = (gamma?.[channel] ?? 1) / Math.sqrt(variance[channel] + output.attributes.epsilon);
  const offset = (beta?.[channel] ?? 0) - mean[channel] * scale;
  const factor = shortNumber(scale, 2);
  const summand = offset === 0 ? "+0" : signedNumber(offset, 2);
  return { text: `×${factor} ${summand}`, title: `scaled by ${factor}, shifted by ${shortNumber(offset, 2)}` };
}

/**
 * Return the units that dropout sets to zero, also those that were zero before.
 * @param {Column} column
 * @param {Network} network
 * @returns {number[]}
 */
export function droppedUnits({ output }, network) {
  if (output.kind !== "dropout") return [];
  const { dropout } = network.call(output.name);
  if (dropout === null) return [];
  const mask = dropoutMask(output, dropout.seed);
  return [...mask.keys()].filter((unit) => mask[unit] === 0);
}

/** What to do in the network, for a mouse with a keyboard or for a finger. @returns {string} */
export function networkHint() {
  return matchMedia("(pointer: coarse)").matches ? TOUCH_HINT : HINT;
}
