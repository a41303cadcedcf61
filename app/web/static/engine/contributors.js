// @ts-check
// What contributes most to a cell, and to what contributes to it, down to the pixels.

import { operationNamed } from "./program.js";
import { cellAt, indexOf } from "./shapes.js";
import { terms } from "./terms.js";

/**
 * @typedef {import("./term.js").Term & {share: number}} Contributor `share` is of the sum of the
 *   magnitudes of all products.
 * @typedef {import("./shapes.js").Source & {
 *   value: number, weight: number, contribution: number, share: number,
 * }} Traced `weight` is the product of the weights on the way, added over all ways that were
 *   followed; `contribution` is it times `value`.
 * @typedef {{layers: Map<string, Traced[]>, pixels: Traced[]}} Trace
 */

const CELLS = 16; // of each operation that a trace goes on from

/** Functions that are not zero at zero, so that no weight times the input explains them. */
const RAISED = ["sigmoid", "hard_sigmoid", "log_sigmoid", "softplus", "exponential"];

/**
 * Return the largest terms of a cell, the largest first; those of zero are left out.
 *
 * @param {import("./network.js").Network} network A network that has run.
 * @param {string} name Operation that the cell is in.
 * @param {import("./shapes.js").Cell} cell
 * @param {number} count
 * @returns {Contributor[]}
 */
export function topContributors(network, name, cell, count) {
  const { terms: all } = terms(network, name, cell);
  const total = all.reduce((sum, term) => sum + Math.abs(term.product), 0);
  const present = all.filter(({ product }) => product !== 0);
  present.sort((first, second) => Math.abs(second.product) - Math.abs(first.product));
  return present.slice(0, count).map((term) =>
    ({ ...term, share: Math.abs(term.product) / total }));
}

/**
 * Follow the largest contributors of a cell down to the pixels.
 *
 * Products, maxima, means and rectifiers pass on all of a cell; of other functions, such as a
 * sigmoid at the end, what goes into them is followed.
 *
 * @param {import("./network.js").Network} network A network that has run.
 * @param {string} name Operation that the cell is in.
 * @param {import("./shapes.js").Cell} cell
 * @param {number} cells Cells of each operation that are followed further.
 * @returns {Trace} By operation, the largest contribution first.
 */
export function traceToPixels(network, name, cell, cells = CELLS) {
  const { operations } = network.program;
  const until = operations.findIndex((operation) => operation.name === name);
  const start = indexOf(operationNamed(network.program, name).shape, cell);
  /** @type {Map<string, Map<number, number>>} Weights of cells by operation. */
  const found = new Map([[name, new Map([[start, 1]])]]);
  /** @type {[string, Traced[]][]} */
  const layers = [];
  for (const operation of operations.slice(0, until + 1).reverse()) {
    const weights = found.get(operation.name);
    if (weights !== undefined) {
      const traced = largest(network, operation, weights, cells);
      layers.push([operation.name, traced]);
      for (const one of traced) {
        follow(network, one, operation.name === name, found);
      }
    }
  }
  layers.reverse();
  const [first, pixels] = layers[0] ?? ["", []];
  return { layers: new Map(layers), pixels: first === operations[0].name ? pixels : [] };
}

/**
 * @param {import("./network.js").Network} network
 * @param {import("./program.js").Operation} operation
 * @param {Map<number, number>} weights
 * @param {number} cells
 * @returns {Traced[]}
 */
function largest(network, { name, shape }, weights, cells) {
  const output = network.output(name);
  const all = [...weights].map(([index, weight]) => {
    const value = output[index];
    return { ...cellAt(name, shape, index), value, weight, contribution: value * weight, share: 0 };
  });
  const total = all.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0);
  all.sort((first, second) => Math.abs(second.contribution) - Math.abs(first.contribution));
  return all.slice(0, cells).map((one) =>
    ({ ...one, share: total === 0 ? 0 : Math.abs(one.contribution) / total }));
}

/**
 * Pass the weight of a cell on to what it is made of.
 *
 * @param {import("./network.js").Network} network
 * @param {Traced} traced
 * @param {boolean} isStart Whether the trace begins here; a silent cell is explained then, too.
 * @param {Map<string, Map<number, number>>} found
 */
function follow(network, traced, isStart, found) {
  const sum = terms(network, traced.name, traced);
  sum.terms.forEach((term, i) => {
    const weight = traced.weight * passedOn(sum, term, i, isStart);
    if (term.padding || weight === 0) {
      return;
    }
    const { shape } = operationNamed(network.program, term.from.name);
    const index = indexOf(shape, term.from);
    const weights = found.get(term.from.name) ?? new Map();
    weights.set(index, (weights.get(index) ?? 0) + weight);
    found.set(term.from.name, weights);
  });
}

/**
 * Return by how much a term counts in the value of a cell.
 *
 * @param {import("./term.js").Sum} sum
 * @param {import("./term.js").Term} term
 * @param {number} i Position of the term.
 * @param {boolean} isStart
 */
function passedOn({ rule, note, value, terms: all, details }, term, i, isStart) {
  if (rule === "softmax" || rule === "log_softmax") {
    return i === details.own ? 1 : 0;
  }
  if (rule === "function") {
    return isStart || RAISED.includes(note) ? 1 : ratio(value, term.value);
  }
  if (rule === "root") {
    return ratio(term.value, value);
  }
  return rule === "product" ? ratio(value, term.value) / all.length : term.weight;
}

/** @param {number} value @param {number} other */
function ratio(value, other) {
  return other === 0 ? 0 : value / other;
}
