// @ts-check
// What is told of the numbers of a layer: extremes, and a matrix that stands for a tensor. No DOM.

import { shortNumber } from "../draw/numbers.js";

const MOST_ROWS = 72; // of a picture
const MOST_COLUMNS = 128;

/** @typedef {{layer: string, type: string, output: string, tensors: {role: string, name: string}[]}} Layer */
/** @typedef {{min: number, max: number, mean_magnitude: number}} Statistics */

/**
 * Return the layers of a program in order, each with its last operation and its tensors.
 *
 * @param {any} plan
 * @returns {Layer[]}
 */
export function layersOf({ operations }) {
  /** @type {Map<string, Layer>} */
  const layers = new Map();
  for (const { name, layer, layer_type: type, weights } of operations) {
    if (!layer) continue;
    const known = layers.get(layer) ?? { layer, type, output: name, tensors: [] };
    const tensors = Object.entries(weights).map(([role, tensor]) => ({ role, name: tensor }));
    layers.set(layer, { ...known, output: name, tensors: [...known.tensors, ...tensors] });
  }
  return [...layers.values()];
}

/** @param {ArrayLike<number>} values @returns {Statistics} */
export function statisticsOf(values) {
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (let k = 0; k < values.length; k++) {
    min = Math.min(min, values[k]);
    max = Math.max(max, values[k]);
    sum += Math.abs(values[k]);
  }
  return { min, max, mean_magnitude: sum / (values.length || 1) };
}

/** @param {Statistics | undefined} statistics */
export function rangeText(statistics) {
  if (!statistics) return "";
  return `${shortNumber(statistics.min, 3)} … ${shortNumber(statistics.max, 3)}`;
}

/**
 * Return a tensor as a matrix with a column for each filter or unit; of many rows and columns, some at equal distances.
 *
 * @param {ArrayLike<number>} data
 * @param {number[]} shape
 * @returns {{data: Float32Array, height: number, width: number}}
 */
export function matrixOf(data, shape) {
  const columns = shape[shape.length - 1];
  const rows = data.length / columns;
  const [height, width] = [Math.min(rows, MOST_ROWS), Math.min(columns, MOST_COLUMNS)];
  const matrix = new Float32Array(height * width);
  for (let row = 0; row < height; row++) {
    const from = Math.floor((row * rows) / height) * columns;
    for (let column = 0; column < width; column++) {
      matrix[row * width + column] = data[from + Math.floor((column * columns) / width)];
    }
  }
  return { data: matrix, height, width };
}
