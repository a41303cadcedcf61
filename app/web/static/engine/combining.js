// @ts-check
// Operations on several inputs of the same shape; concatenated ones differ in their channels.

import { mapShape, sizeOf } from "./shapes.js";
import { sumOfTerms, termOf } from "./term.js";

/** @type {import("./operations.js").Kind} */
export const add = elementwise((total, value) => total + value, (inputs, index) =>
  sumOfTerms(inputs.map((input) => termOf(input, index, 1))));

/** @type {import("./operations.js").Kind} */
export const subtract = elementwise((total, value) => total - value, (inputs, index) =>
  sumOfTerms(inputs.map((input, i) => termOf(input, index, i === 0 ? 1 : -1))));

/** @type {import("./operations.js").Kind} */
export const multiplication = elementwise((total, value) => total * value, (inputs, index) => {
  const terms = inputs.map((input) => termOf(input, index, 1));
  const product = terms.reduce((total, term) => total * term.value, 1);
  const note = "the product of the values";
  return { ...sumOfTerms(terms), rule: "product", sum: product, value: Math.fround(product), note };
});

/** @type {import("./operations.js").Kind} */
export const concatenate = {
  forward({ operation, inputs }) {
    const channels = operation.shape[operation.shape.length - 1];
    const output = new Float32Array(sizeOf(operation.shape));
    let first = 0;
    for (const { data, shape } of inputs) {
      const depth = shape[shape.length - 1];
      for (let from = 0, to = first; from < data.length; from += depth, to += channels) {
        output.set(data.subarray(from, from + depth), to);
      }
      first += depth;
    }
    return output;
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs }, { row, column, channel }) {
    const [, width] = mapShape(operation.shape);
    let own = channel;
    for (const input of inputs) {
      const depth = input.shape[input.shape.length - 1];
      if (own < depth) {
        return sumOfTerms([termOf(input, (row * width + column) * depth + own, 1)]);
      }
      own -= depth;
    }
    throw new RangeError(`No channel ${channel} in '${operation.name}'.`);
  },
};

/**
 * @param {(total: number, value: number) => number} combine
 * @param {(inputs: import("./operations.js").Input[], index: number) =>
 *   import("./term.js").Sum} sumOf
 * @returns {import("./operations.js").Kind}
 */
function elementwise(combine, sumOf) {
  return {
    forward({ inputs: [first, ...others] }) {
      const totals = Float64Array.from(first.data);
      for (const { data } of others) {
        for (let i = 0; i < totals.length; i++) {
          totals[i] = combine(totals[i], data[i]);
        }
      }
      return Float32Array.from(totals);
    },
    receptive: (operation, region) => region,
    terms: ({ inputs }, cell, index) => sumOf(inputs, index),
  };
}
