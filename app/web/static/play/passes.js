// @ts-check
/** Stochastic passes: the same picture through the network with another dropout mask each time. */

import { OPERATIONS } from "../engine/operations.js";

/** The dropout operations of a program. @param {any} program @returns {any[]} */
export function dropoutsOf(program) {
  return program.operations.filter((/** @type {any} */ { kind, attributes }) => kind === "dropout" && attributes.rate > 0);
}

/**
 * What a dropout layer multiplies each value by: 0, or what keeps the mean.
 * @param {any} operation @param {number} seed
 * @returns {Float32Array} In the shape of the layer's output.
 */
export function dropoutMask(operation, seed) {
  const count = operation.shape.reduce((/** @type {number} */ product, /** @type {number} */ length) => product * length, 1);
  const input = { name: operation.inputs[0], shape: operation.shape, data: new Float32Array(count).fill(1) };
  return OPERATIONS.dropout.forward({ operation, inputs: [input], weights: {}, dropout: { seed } });
}
