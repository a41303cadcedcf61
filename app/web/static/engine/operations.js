// @ts-check
// What each kind of operation computes, what it sees, and what a cell of it is made of.

import { convolution, depthwise } from "./convolution.js";
import { local } from "./local.js";
import { dense } from "./dense.js";
import { averagePool, globalAverage, globalMax, l2Pool, maxPool } from "./pooling.js";
import { copy, crop, dropout, input, pad, rescale, upsample } from "./pointwise.js";
import { activation } from "./activations.js";
import { layerNormalize, normalize } from "./normalization.js";
import { add, concatenate, multiplication, subtract } from "./combining.js";

/**
 * @typedef {{name: string, shape: number[], data: Float32Array}} Input
 * @typedef {{
 *   operation: import("./program.js").Operation, inputs: Input[],
 *   weights: Record<string, import("./program.js").Weight>, dropout: {seed: number} | null,
 * }} Call
 * @typedef {{
 *   forward: (call: Call) => Float32Array,
 *   receptive: (operation: import("./program.js").Operation,
 *     region: import("./shapes.js").Region, inputShape: number[]) =>
 *     import("./shapes.js").Region | null,
 *   terms: (call: Call & {output: Float32Array},
 *     cell: {row: number, column: number, channel: number}, index: number) =>
 *     import("./term.js").Sum,
 * }} Kind `forward` may return an input's own values; nobody changes values in place.
 */

/** @type {Record<string, Kind>} */
export const OPERATIONS = {
  input,
  rescale,
  pad,
  crop,
  conv: convolution,
  depthwise,
  local,
  dense,
  max_pool: maxPool,
  average_pool: averagePool,
  l2_pool: l2Pool,
  global_average: globalAverage,
  global_max: globalMax,
  normalize,
  layer_normalize: layerNormalize,
  activation,
  add,
  subtract,
  multiply: multiplication,
  concatenate,
  flatten: copy,
  reshape: copy,
  dropout,
  upsample,
};
