// @ts-check
// Terms of a cell: what it is made of.

import { cellAt, indexOf } from "./shapes.js";

/**
 * @typedef {{
 *   from: import("./shapes.js").Source, value: number, weight: number, product: number,
 *   padding?: boolean,
 * }} Term A place of the padding has the value 0 and lies outside the input.
 * @typedef {{
 *   rule: string, terms: Term[], bias: number, sum: number, value: number, note: string,
 *   details: Record<string, number | string>,
 * }} Sum `value` follows from `sum` by the rule: "sum" (they are equal), "maximum", "root",
 *   "function" (`note` is its name), "softmax", "log_softmax", "product" (of
 *   the values).
 */

/**
 * Return the term of one cell of an input.
 *
 * @param {import("./operations.js").Input} input
 * @param {{row?: number, column?: number, channel: number, inside?: boolean}} place
 * @param {number} weight
 * @returns {Term}
 */
export function termAt(input, place, weight) {
  const { row, column, channel, inside = true } = place;
  const { name, shape, data } = input;
  if (!inside) {
    return { from: { name, row, column, channel }, value: 0, weight, product: 0, padding: true };
  }
  const value = data[indexOf(shape, { row, column, channel })];
  const from = shape.length === 1 ? { name, channel } : { name, row, column, channel };
  return { from, value, weight, product: value * weight };
}

/**
 * Return the term of the value at a position of an input.
 *
 * @param {import("./operations.js").Input} input
 * @param {number} index
 * @param {number} weight
 * @returns {Term}
 */
export function termOf({ name, shape, data }, index, weight) {
  const value = data[index];
  return { from: cellAt(name, shape, index), value, weight, product: value * weight };
}

/**
 * Return the sum of terms and a bias, in the order of the forward pass.
 *
 * @param {Term[]} terms
 * @param {number} bias
 * @param {Partial<Sum>} more What differs from a plain sum.
 * @returns {Sum}
 */
export function sumOfTerms(terms, bias = 0, more = {}) {
  const sum = terms.reduce((total, term) => total + term.product, 0) + bias;
  return { rule: "sum", terms, bias, sum, value: Math.fround(sum), note: "", details: {}, ...more };
}
