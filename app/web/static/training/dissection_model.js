// @ts-check
// One training step of one kernel: which part of it is shown, and its numbers. No DOM.

import { createNetwork } from "../engine/network.js";
import { readProgram } from "../engine/program.js";
import { receptiveField } from "../engine/receptive.js";
import { terms } from "../engine/terms.js";

const WINDOW = 4; // axes of a kernel of windows: (kh, kw, C, F)
const MOST = 9; // weights of any other kernel

/** @typedef {{shape: number[], data: Float32Array}} Tensor */
/**
 * @typedef {{filter: number, channel: number | null, rows: number, columns: number, indices: number[]}} Part
 *   Positions of the weights that are shown, row by row; channel of the input, null where a kernel has no window.
 */

/**
 * Return the part of a kernel that is shown.
 *
 * @param {Tensor} kernel (kh, kw, C, F), or any shape with the filters or units last
 * @param {number} filter
 * @param {Tensor} gradient Its largest values decide which part of a filter is shown.
 * @returns {Part}
 */
export function partOf({ shape }, filter, gradient) {
  const filters = shape[shape.length - 1];
  const own = Array.from({ length: gradient.data.length / filters }, (_, k) => k * filters + filter);
  const strength = (/** @type {number} */ index) => Math.abs(gradient.data[index]);
  const strongest = own.reduce((best, index) => (strength(index) > strength(best) ? index : best), own[0]);
  if (shape.length !== WINDOW) {
    const indices = [...own].sort((a, b) => strength(b) - strength(a)).slice(0, MOST);
    return { filter, channel: null, rows: 1, columns: indices.length, indices };
  }
  const [rows, columns, channels] = shape;
  const channel = Math.floor(strongest / filters) % channels;
  const indices = own.filter((index) => Math.floor(index / filters) % channels === channel);
  return { filter, channel, rows, columns, indices };
}

/** The filter whose gradient is largest. @param {Tensor} gradient */
export function strongestFilter({ shape, data }) {
  const filters = shape[shape.length - 1];
  let best = 0;
  for (let index = 0; index < data.length; index++) if (Math.abs(data[index]) > Math.abs(data[best])) best = index;
  return best % filters;
}

/** The numbers of a part. @param {Tensor} tensor @param {Part} part */
export function numbersOf({ data }, { indices }) {
  return indices.map((index) => data[index]);
}

/**
 * Return the place of an image where a filter has its largest activation, or null where the layer has no windows.
 *
 * @param {ArrayBuffer} buffer Program of the network before the step.
 * @param {string} layer
 * @param {Float32Array} pixels (H, W, C)
 * @param {Part} part
 */
export function strongestPatch(buffer, layer, pixels, { filter, channel, rows, columns }) {
  const network = createNetwork(readProgram(buffer));
  const operation = network.program.operations.find((one) => one.layer === layer && one.kind === "conv");
  if (!operation || channel === null) return null;
  network.run(pixels);
  const output = network.output(operation.name);
  const [, width, filters] = operation.shape;
  let best = filter;
  for (let index = filter; index < output.length; index += filters) if (output[index] > output[best]) best = index;
  const place = Math.floor(best / filters);
  const cell = { row: Math.floor(place / width), column: place % width, channel: filter };
  const sum = terms(network, operation.name, cell);
  const own = sum.terms.filter((/** @type {any} */ term) => term.from.channel === channel);
  return {
    region: receptiveField(network.program, operation.name, cell).get(network.program.operations[0].name),
    values: own.length === rows * columns ? own.map((/** @type {any} */ term) => term.value) : null,
    share: own.reduce((/** @type {number} */ total, /** @type {any} */ term) => total + term.product, 0),
    sum: sum.sum, bias: sum.bias,
  };
}
