// @ts-check
/** Which ramp and which range the maps of a layer have. No DOM. */
import { largestMagnitude, rampRange, scaleMagnitudes } from "../draw/color.js";

/** @typedef {import("./column_model.js").Column} Column */

/**
 * Return the coloring of a column.
 *
 * Pixels have the range of the image, probabilities 0 to 1; everything else is symmetric about zero.
 * @param {Column} column
 * @param {Float32Array} data (H, W, C)
 * @param {{scale: "unit"|"layer"|"global", theme: import("../draw/color.js").Theme, magnitude: number}} options
 *   `magnitude` is the largest in the network; it counts for the scale "global".
 * @returns {import("./column.js").ColumnColoring}
 */
export function layerColoring(column, data, { scale, theme, magnitude }) {
  const { pixelRange, isAnswer } = column;
  if (pixelRange) return { ramp: "pixels", theme, rangeOf: () => pixelRange };
  if (isAnswer) return { ramp: "probabilities", theme, rangeOf: () => ({ low: 0, high: 1 }) };
  const channels = column.isVector ? 1 : column.channels; // the units of a vector share a scale: each is one value
  const magnitudes = scaleMagnitudes(scale, data, channels, magnitude);
  return { ramp: "activations", theme, rangeOf: (channel) => rampRange("activations", magnitudes[Math.min(channel, channels - 1)]) };
}

/**
 * Return the largest magnitude in the network, pixels and probabilities apart.
 * @param {Column[]} columns
 * @param {Float32Array[]} outputs One for each column.
 * @returns {number}
 */
export function networkMagnitude(columns, outputs) {
  return columns.reduce((largest, { pixelRange, isAnswer }, index) =>
    (pixelRange || isAnswer ? largest : Math.max(largest, largestMagnitude(outputs[index]))), 0);
}
