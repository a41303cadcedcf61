// @ts-check
/** A convolution layer step by step: filters slide over a padded volume, one sum per cell. */

import { seededIntegers } from "./seeded_integers.js";
import { outputSizeFormula, fits } from "./sizes.js";

/**
 * @typedef {object} DemoSize
 * @property {number} width
 * @property {number} height
 * @property {number} depth
 * @property {number} filters K.
 * @property {number} side F.
 * @property {number} stride S.
 * @property {number} padding P.
 * @property {number} seed
 */

/**
 * @typedef {object} DemoLayer
 * @property {number[][][]} padded (H + 2P, W + 2P, D)
 * @property {number[][][][]} filters (K, F, F, D)
 * @property {number[]} biases (K)
 * @property {number} stride
 * @property {number} padding
 */

/**
 * @typedef {object} DemoStep One cell of the output.
 * @property {number} filter
 * @property {number} row
 * @property {number} column
 * @property {number} top First row of the window in the padded volume.
 * @property {number} left
 * @property {number[]} sums Sum of the products of each slice, (D).
 * @property {number} value
 */

/** @type {DemoSize} The lecture's numbers. */
export const LECTURE_DEMO = { width: 5, height: 5, depth: 3, filters: 2, side: 3, stride: 2, padding: 1, seed: 0 };

/** The sentence that says why a size is impossible, or null. @param {DemoSize} size */
export function sizeProblem({ width, height, side, stride, padding, depth, filters }) {
  if (depth < 1 || filters < 1) return "The depth and the number of filters must be at least 1.";
  for (const [name, length] of /** @type {[string, number][]} */ ([["width", width], ["height", height]])) {
    const setting = { width: length, side, stride, padding };
    if (fits(setting)) continue;
    if (side > length + 2 * padding) return `A filter of ${side} cells does not fit into a ${name} of ${length + 2 * padding}.`;
    return `${outputSizeFormula(setting)} is not whole: the last step of the stride would leave the ${name}.`;
  }
  return null;
}

/** A layer of small random whole numbers, those of `python -m app lecture demo --seed N`.
 * @param {DemoSize} size @returns {DemoLayer} */
export function exampleLayer({ width, height, depth, filters, side, stride, padding, seed }) {
  const draw = seededIntegers(seed);
  const volume = nested(draw(0, 3, width * height * depth), [height, width, depth]);
  const kernels = nested(draw(-1, 2, filters * side * side * depth), [filters, side, side, depth]);
  const biases = draw(0, 2, filters);
  const padded = Array.from({ length: height + 2 * padding }, (_, row) =>
    Array.from({ length: width + 2 * padding }, (_, column) =>
      Array.from({ length: depth }, (_, channel) => volume[row - padding]?.[column - padding]?.[channel] ?? 0)));
  return { padded, filters: kernels, biases, stride, padding };
}

/** The cells of the output, filter by filter, row by row. @param {DemoLayer} layer @returns {DemoStep[]} */
export function demoSteps(layer) {
  const side = layer.filters[0].length;
  const count = (/** @type {number} */ length) => Math.floor((length - side) / layer.stride) + 1;
  const [rows, columns] = [count(layer.padded.length), count(layer.padded[0].length)];
  const steps = [];
  for (let filter = 0; filter < layer.filters.length; filter++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) steps.push(demoStep(layer, filter, row, column));
    }
  }
  return steps;
}

/** @param {DemoLayer} layer @param {number} filter @param {number} row @param {number} column @returns {DemoStep} */
function demoStep(layer, filter, row, column) {
  const [top, left] = [row * layer.stride, column * layer.stride];
  const sums = new Array(layer.padded[0][0].length).fill(0);
  layer.filters[filter].forEach((line, y) => line.forEach((weights, x) => weights.forEach((weight, channel) => {
    sums[channel] += weight * layer.padded[top + y][left + x][channel];
  })));
  const value = sums.reduce((total, sum) => total + sum, layer.biases[filter]);
  return { filter, row, column, top, left, sums, value };
}

/** @param {number[]} numbers @param {number[]} shape @returns {any} */
function nested(numbers, shape) {
  const [length, ...rest] = shape;
  if (rest.length === 0) return numbers.slice(0, length);
  const size = numbers.length / length;
  return Array.from({ length }, (_, index) => nested(numbers.slice(index * size, (index + 1) * size), rest));
}
