// @ts-check
// Convolutions: with one kernel per filter, in groups, and of each channel by itself.

import { findStarts, gatherRow, placesBelow, windowOf, windowReceptive } from "./windows.js";
import { multiply, packFilters } from "./products.js";
import { sumOfTerms, termAt } from "./term.js";
import { convolve, suitsWinograd } from "./winograd.js";

/** @type {WeakMap<Float32Array, Float64Array[]>} Packed kernels of each group. */
const packed = new WeakMap();

/** @type {import("./operations.js").Kind} */
export const convolution = {
  forward({ operation, inputs: [input], weights }) {
    const { kernel, bias } = weights;
    const groups = groupsOf(operation, kernel);
    const geometry = windowOf(operation);
    if (suitsWinograd(geometry, kernel.shape, groups.groups)) {
      return convolve(input, { kernel, bias }, operation.shape, geometry.padding);
    }
    const [height, width, depth] = operation.shape;
    const { channels, filters, length } = groups;
    const patches = new Float64Array(width * length);
    const output = new Float32Array(height * width * depth);
    packedGroups(kernel.data, groups).forEach((packedKernel, group) => {
      const own = bias ? bias.data.subarray(group * filters, (group + 1) * filters) : null;
      const job = { patches, start: 0, columns: width, length, kernel: packedKernel, filters,
        bias: own, output, offset: 0, step: depth };
      for (let row = 0; row < height; row++) {
        const part = { row, columns: width, from: group * channels, channels };
        gatherRow(input, geometry, part, patches);
        job.offset = row * width * depth + group * filters;
        multiply(job);
      }
    });
    return output;
  },
  receptive: windowReceptive,
  terms(call, cell) {
    const { operation, inputs: [input], weights: { kernel, bias } } = call;
    const { channels, filters } = groupsOf(operation, kernel);
    const all = kernel.shape[3];
    const from = Math.floor(cell.channel / filters) * channels;
    /** @type {import("./term.js").Term[]} */
    const terms = [];
    placesBelow(windowOf(operation), input.shape, cell.row, cell.column).forEach((place, tap) => {
      for (let channel = 0; channel < channels; channel++) {
        const weight = kernel.data[(tap * channels + channel) * all + cell.channel];
        terms.push(termAt(input, { ...place, channel: from + channel }, weight));
      }
    });
    return sumOfTerms(terms, bias?.data[cell.channel] ?? 0);
  },
};

/** @type {import("./operations.js").Kind} */
export const depthwise = {
  forward({ operation, inputs: [input], weights: { kernel, bias } }) {
    const [height, width, depth] = operation.shape;
    const [, , channels, multiplier] = kernel.shape;
    const geometry = windowOf(operation);
    const starts = new Int32Array(geometry.size[0] * geometry.size[1]);
    const sums = new Float64Array(depth);
    const output = new Float32Array(height * width * depth);
    for (let row = 0, offset = 0; row < height; row++) {
      for (let column = 0; column < width; column++, offset += depth) {
        findStarts(geometry, input.shape, row, column, starts);
        sums.fill(0);
        for (let tap = 0; tap < starts.length; tap++) {
          if (starts[tap] >= 0) {
            const products = { start: starts[tap], first: tap * depth, channels, multiplier };
            addProducts(sums, input.data, kernel.data, products);
          }
        }
        for (let channel = 0; channel < depth; channel++) {
          output[offset + channel] = bias ? sums[channel] + bias.data[channel] : sums[channel];
        }
      }
    }
    return output;
  },
  receptive: windowReceptive,
  terms(call, cell) {
    const { operation, inputs: [input], weights: { kernel, bias } } = call;
    const [, , channels, multiplier] = kernel.shape;
    const channel = Math.floor(cell.channel / multiplier);
    const places = placesBelow(windowOf(operation), input.shape, cell.row, cell.column);
    const terms = places.map((place, tap) => {
      const weight = kernel.data[tap * channels * multiplier + cell.channel];
      return termAt(input, { ...place, channel }, weight);
    });
    return sumOfTerms(terms, bias?.data[cell.channel] ?? 0);
  },
};

/**
 * @param {import("./program.js").Operation} operation
 * @param {import("./program.js").Weight} kernel (kh, kw, channels of a group, all filters)
 */
function groupsOf(operation, kernel) {
  const { groups = 1 } = operation.attributes;
  const [height, width, channels, all] = kernel.shape;
  return { groups, channels, filters: all / groups, all, length: height * width * channels };
}

/**
 * @param {Float32Array} kernel
 * @param {{groups: number, filters: number, all: number, length: number}} shape
 */
function packedGroups(kernel, { groups, filters, all, length }) {
  let found = packed.get(kernel);
  if (found === undefined) {
    const parts = Array.from({ length: groups }, (_, group) => group * filters);
    found = parts.map((first) => packFilters(kernel, { length, filters, first, all }));
    packed.set(kernel, found);
  }
  return found;
}

/**
 * Add the products of one tap to the sums of a cell.
 *
 * @param {Float64Array} sums (C * M)
 * @param {Float32Array} values
 * @param {Float32Array} kernel
 * @param {{start: number, first: number, channels: number, multiplier: number}} tap Where its
 *   values and its weights begin.
 */
function addProducts(sums, values, kernel, { start, first, channels, multiplier }) {
  for (let channel = 0, filter = 0; channel < channels; channel++) {
    const value = values[start + channel];
    for (let i = 0; i < multiplier; i++, filter++) {
      sums[filter] += value * kernel[first + filter];
    }
  }
}
