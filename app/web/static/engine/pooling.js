// @ts-check
// Pooling over windows and over whole maps. Padding counts neither for the average nor the maximum.

import { mapShape, sizeOf, wholeRegion } from "./shapes.js";
import { findStarts, placesBelow, windowOf, windowReceptive } from "./windows.js";
import { sumOfTerms, termAt, termOf } from "./term.js";

/**
 * @typedef {import("./term.js").Term} Term
 * @typedef {{
 *   first: number, add: (totals: Float64Array, data: Float32Array, start: number) => void,
 *   finish: (total: number, count: number) => number,
 *   sumOf: (terms: Term[]) => import("./term.js").Sum,
 * }} Reduction How many values of a channel become one; `add` adds one place to all channels.
 */

/** @type {Reduction} */
const MAXIMUM = {
  first: -Infinity,
  add(totals, data, start) {
    for (let channel = 0; channel < totals.length; channel++) {
      const value = data[start + channel];
      if (value > totals[channel]) {
        totals[channel] = value;
      }
    }
  },
  finish: (total) => total,
  sumOf(terms) {
    const values = terms.map((term) => term.value);
    const largest = values.indexOf(Math.max(...values)); // the first of several
    const marked = terms.map((term, i) => weighted(term, i === largest ? 1 : 0));
    return sumOfTerms(marked, 0, { rule: "maximum", note: "the largest value" });
  },
};

/** @type {Reduction} */
const MEAN = {
  first: 0,
  add(totals, data, start) {
    for (let channel = 0; channel < totals.length; channel++) {
      totals[channel] += data[start + channel];
    }
  },
  finish: (total, count) => total / count,
  sumOf(terms) {
    const total = terms.reduce((sum, term) => sum + term.value, 0);
    const marked = terms.map((term) => weighted(term, 1 / terms.length));
    const value = Math.fround(total / terms.length);
    return sumOfTerms(marked, 0, { value, note: `the mean of ${terms.length} values` });
  },
};

/** @type {Reduction} */
const NORM = {
  first: 0,
  add(totals, data, start) {
    for (let channel = 0; channel < totals.length; channel++) {
      const value = data[start + channel];
      totals[channel] += value * value;
    }
  },
  finish: (total) => Math.sqrt(total),
  sumOf(terms) {
    const squares = terms.map((term) => weighted(term, term.value));
    const sum = sumOfTerms(squares);
    const value = Math.fround(Math.sqrt(sum.sum));
    return { ...sum, rule: "root", value, note: "the square root of the sum of squares" };
  },
};

/** @type {import("./operations.js").Kind} */
export const maxPool = pool(MAXIMUM);
/** @type {import("./operations.js").Kind} */
export const averagePool = pool(MEAN);
/** @type {import("./operations.js").Kind} */
export const l2Pool = pool(NORM);
/** @type {import("./operations.js").Kind} */
export const globalMax = globalPool(MAXIMUM);
/** @type {import("./operations.js").Kind} */
export const globalAverage = globalPool(MEAN);

/**
 * @param {Reduction} reduction
 * @returns {import("./operations.js").Kind}
 */
function pool(reduction) {
  return {
    forward({ operation, inputs: [input] }) {
      const geometry = windowOf(operation);
      const [height, width, channels] = operation.shape;
      const starts = new Int32Array(geometry.size[0] * geometry.size[1]);
      const totals = new Float64Array(channels);
      const output = new Float32Array(height * width * channels);
      for (let row = 0, offset = 0; row < height; row++) {
        for (let column = 0; column < width; column++, offset += channels) {
          findStarts(geometry, input.shape, row, column, starts);
          reduce(reduction, input.data, starts, totals);
          output.set(totals, offset);
        }
      }
      return output;
    },
    receptive: windowReceptive,
    terms({ operation, inputs: [input] }, { row, column, channel }) {
      const places = placesBelow(windowOf(operation), input.shape, row, column);
      const inside = places.filter((place) => place.inside);
      return reduction.sumOf(inside.map((place) => termAt(input, { ...place, channel }, 1)));
    },
  };
}

/**
 * @param {Reduction} reduction
 * @returns {import("./operations.js").Kind}
 */
function globalPool(reduction) {
  return {
    forward({ operation, inputs: [input] }) {
      const channels = sizeOf(operation.shape);
      const places = input.data.length / channels;
      const starts = Int32Array.from({ length: places }, (_, place) => place * channels);
      const totals = new Float64Array(channels);
      reduce(reduction, input.data, starts, totals);
      return Float32Array.from(totals);
    },
    receptive: (operation, region, inputShape) => wholeRegion(inputShape),
    terms({ inputs: [input] }, { channel }) {
      const [height, width, channels] = mapShape(input.shape);
      return reduction.sumOf(Array.from({ length: height * width }, (_, place) =>
        termOf(input, place * channels + channel, 1)));
    },
  };
}

/**
 * @param {Reduction} reduction
 * @param {Float32Array} data
 * @param {Int32Array} starts Where the places begin; −1 is padding.
 * @param {Float64Array} totals Filled with one value per channel.
 */
function reduce({ first, add, finish }, data, starts, totals) {
  let count = 0;
  totals.fill(first);
  for (let i = 0; i < starts.length; i++) {
    if (starts[i] >= 0) {
      add(totals, data, starts[i]);
      count++;
    }
  }
  for (let channel = 0; channel < totals.length; channel++) {
    totals[channel] = finish(totals[channel], count);
  }
}

/**
 * @param {Term} term
 * @param {number} weight
 * @returns {Term}
 */
function weighted(term, weight) {
  return { ...term, weight, product: term.value * weight };
}
