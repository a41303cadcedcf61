// @ts-check
// Fully connected layers; on a map they act on the channels of each place.

import { mapShape, sizeOf } from "./shapes.js";
import { multiply, packFilters } from "./products.js";
import { sumOfTerms, termOf } from "./term.js";

/** @type {WeakMap<Float32Array, Float64Array>} */
const packed = new WeakMap();

/** @type {import("./operations.js").Kind} */
export const dense = {
  forward({ operation, inputs: [input], weights: { kernel, bias } }) {
    const [length, filters] = kernel.shape;
    const output = new Float32Array(sizeOf(operation.shape));
    multiply({
      patches: Float64Array.from(input.data), start: 0, columns: input.data.length / length, length,
      kernel: packedKernel(kernel.data, length, filters), filters,
      bias: bias ? bias.data : null, output, offset: 0, step: filters,
    });
    return output;
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs: [input], weights: { kernel, bias } }, { row, column, channel }) {
    const [length, filters] = kernel.shape;
    const [, width] = mapShape(operation.shape);
    const start = (row * width + column) * length;
    const terms = Array.from({ length }, (_, i) =>
      termOf(input, start + i, kernel.data[i * filters + channel]));
    return sumOfTerms(terms, bias?.data[channel] ?? 0);
  },
};

/**
 * @param {Float32Array} kernel (length, filters)
 * @param {number} length
 * @param {number} filters
 */
function packedKernel(kernel, length, filters) {
  let found = packed.get(kernel);
  if (found === undefined) {
    found = packFilters(kernel, { length, filters, first: 0, all: filters });
    packed.set(kernel, found);
  }
  return found;
}
