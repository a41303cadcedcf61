// @ts-check
// Locally connected layers: a convolution with a private kernel at every place.

import { gatherRow, placesBelow, windowOf, windowReceptive } from "./windows.js";
import { multiply, packFilters } from "./products.js";
import { sumOfTerms, termAt } from "./term.js";

/** @type {WeakMap<Float32Array, Float64Array[]>} Packed kernels of each place. */
const packed = new WeakMap();

/** @type {import("./operations.js").Kind} */
export const local = {
  forward({ operation, inputs: [input], weights: { kernel, bias } }) {
    const [height, width, filters] = operation.shape;
    const geometry = windowOf(operation);
    const channels = input.shape[2];
    const length = geometry.size[0] * geometry.size[1] * channels;
    const kernels = packedPlaces(kernel.data, length, filters);
    const patches = new Float64Array(width * length);
    const output = new Float32Array(height * width * filters);
    for (let row = 0; row < height; row++) {
      gatherRow(input, geometry, { row, columns: width, from: 0, channels }, patches);
      for (let column = 0; column < width; column++) {
        const place = row * width + column;
        const offset = place * filters;
        const own = bias ? bias.data.subarray(offset, offset + filters) : null;
        multiply({ patches, start: column * length, columns: 1, length, kernel: kernels[place],
          filters, bias: own, output, offset, step: filters });
      }
    }
    return output;
  },
  receptive: windowReceptive,
  terms({ operation, inputs: [input], weights: { kernel, bias } }, { row, column, channel }) {
    const [, width, filters] = operation.shape;
    const place = row * width + column;
    const geometry = windowOf(operation);
    const channels = input.shape[2];
    const start = place * geometry.size[0] * geometry.size[1] * channels * filters;
    /** @type {import("./term.js").Term[]} */
    const terms = [];
    placesBelow(geometry, input.shape, row, column).forEach((below, tap) => {
      for (let i = 0; i < channels; i++) {
        const weight = kernel.data[start + (tap * channels + i) * filters + channel];
        terms.push(termAt(input, { ...below, channel: i }, weight));
      }
    });
    return sumOfTerms(terms, bias?.data[place * filters + channel] ?? 0);
  },
};

/**
 * @param {Float32Array} kernel (OH, OW, length, filters)
 * @param {number} length
 * @param {number} filters
 */
function packedPlaces(kernel, length, filters) {
  let found = packed.get(kernel);
  if (found === undefined) {
    const size = length * filters;
    const part = { length, filters, first: 0, all: filters };
    const places = Array.from({ length: kernel.length / size }, (_, place) => place * size);
    found = places.map((start) => packFilters(kernel, part, start));
    packed.set(kernel, found);
  }
  return found;
}
