// @ts-check
// Convolutions of 3×3 with stride 1 in 16 instead of 36 multiplications for four outputs: patches of
// 4×4 and kernels are transformed, multiplied place by place, and the products transformed back.
// Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016, F(2×2, 3×3). In double
// precision the result differs from the plain sum in the last digits of a double only.

import { FILTERS, multiply } from "./products.js";

const SIDE = 4; // of a patch
const PLACES = SIDE * SIDE;
const LEAST = 8; // channels and filters; with fewer the transforms take longer than the products
const TILES = 64; // patches at a time, so that all numbers of one place stay in the cache
const ZERO = 1e-13; // of the sum of absolute values: what is less is a rounding error of zero

/** @type {WeakMap<Float32Array, Float64Array[]>} Transformed and packed kernels, one for each place. */
const transformed = new WeakMap();

/** @type {Map<string, Float64Array>} Kept between calls: new memory is slow when it is first used. */
const held = new Map();

/**
 * Return whether a convolution can be computed so, and is faster then.
 *
 * @param {import("./windows.js").Geometry} geometry
 * @param {number[]} kernelShape (kh, kw, C, F)
 * @param {number} groups
 */
export function suitsWinograd({ strides, dilation }, [height, width, channels, filters], groups) {
  const isPlain = groups === 1 && [...strides, ...dilation].every((step) => step === 1);
  return isPlain && height === 3 && width === 3 && Math.min(channels, filters) >= LEAST;
}

/**
 * Return a convolution of a kernel that suits.
 *
 * @param {{shape: number[], data: Float32Array}} input (H, W, C)
 * @param {{kernel: import("./program.js").Weight, bias?: import("./program.js").Weight}} weights
 * @param {number[]} shape (H, W, F) of the output.
 * @param {number[]} padding Top, bottom, left, right.
 * @returns {Float32Array} (H, W, F)
 */
export function convolve(input, { kernel, bias }, shape, padding) {
  const [height, width, filters] = shape;
  const channels = kernel.shape[2];
  const across = Math.ceil(width / 2);
  const down = Math.ceil(height / 2);
  const page = padded(input, 2 * down + 2, 2 * across + 2, padding);
  const kernels = transformedKernels(kernel.data, channels, filters);
  const output = new Float32Array(height * width * filters);
  const rows = Math.min(down, Math.ceil(TILES / across)); // of tiles at a time
  const patches = scratch("patches", PLACES * rows * across * channels);
  const products = scratch("products", PLACES * rows * across * filters);
  for (let first = 0; first < down; first += rows) {
    const part = { first, rows: Math.min(rows, down - first), across };
    const tiles = part.rows * across;
    transformPatches(page, part, patches);
    for (let place = 0; place < PLACES; place++) {
      multiply({ patches, start: place * tiles * channels, columns: tiles, length: channels,
        kernel: kernels[place], filters, bias: null, output: products, offset: place * tiles * filters, step: filters });
    }
    transformProducts(products, part, { shape, bias: bias?.data ?? new Float32Array(filters), output });
  }
  return output;
}

/** @param {string} name @param {number} length @returns {Float64Array} Numbers of an earlier call. */
function scratch(name, length) {
  const known = held.get(name);
  if (known && known.length >= length) return known;
  const made = new Float64Array(length);
  held.set(name, made);
  return made;
}

/**
 * @param {{shape: number[], data: Float32Array}} input
 * @param {number} height
 * @param {number} width
 * @param {number[]} padding
 * @returns {{width: number, channels: number, data: Float64Array}} with zeros around it
 */
function padded({ shape: [rows, columns, channels], data }, height, width, [top, , left]) {
  const page = scratch("page", height * width * channels).fill(0);
  for (let row = 0; row < Math.min(rows, height - top); row++) {
    const count = Math.min(columns, width - left) * channels;
    const start = row * columns * channels;
    page.set(data.subarray(start, start + count), ((row + top) * width + left) * channels);
  }
  return { width, channels, data: page };
}

/**
 * @param {Float32Array} kernel (3, 3, C, F)
 * @param {number} channels
 * @param {number} filters
 */
function transformedKernels(kernel, channels, filters) {
  const known = transformed.get(kernel);
  if (known) return known;
  const count = channels * filters;
  const plane = channels * Math.ceil(filters / FILTERS) * FILTERS;
  const all = new Float64Array(PLACES * plane);
  const half = new Float64Array(SIDE * 3);
  for (let k = 0; k < count; k++) {
    for (let column = 0; column < 3; column++) { // G g
      const a = kernel[column * count + k];
      const b = kernel[(3 + column) * count + k];
      const c = kernel[(6 + column) * count + k];
      half[column] = a;
      half[3 + column] = (a + b + c) / 2;
      half[6 + column] = (a - b + c) / 2;
      half[9 + column] = c;
    }
    const channel = Math.floor(k / filters);
    let at = (k - channel * filters) * channels + channel; // packed: one filter after the other
    for (let row = 0; row < 3 * SIDE; row += 3, at += SIDE * plane) { // (G g) Gᵀ
      const a = half[row];
      const b = half[row + 1];
      const c = half[row + 2];
      all[at] = a;
      all[at + plane] = (a + b + c) / 2;
      all[at + 2 * plane] = (a - b + c) / 2;
      all[at + 3 * plane] = c;
    }
  }
  const packed = Array.from({ length: PLACES }, (_, place) => all.subarray(place * plane, (place + 1) * plane));
  transformed.set(kernel, packed);
  return packed;
}

/**
 * @param {{width: number, channels: number, data: Float64Array}} page
 * @param {{first: number, rows: number, across: number}} part Rows of tiles, and tiles in a row.
 * @param {Float64Array} patches Filled with (16, tiles, channels).
 */
function transformPatches({ width, channels, data }, { first, rows, across }, patches) {
  const plane = rows * across * channels;
  const line = width * channels;
  for (let tile = 0, to = 0; tile < rows * across; tile++) {
    const row = Math.floor(tile / across);
    const start = (2 * (first + row) * width + 2 * (tile - row * across)) * channels;
    for (let k = start; k < start + channels; k++, to++) {
      for (let column = 0; column < SIDE; column++) { // Bᵀ d, in place of the result's columns
        const from = k + column * channels;
        const a = data[from];
        const b = data[from + line];
        const c = data[from + 2 * line];
        const d = data[from + 3 * line];
        const at = to + column * plane;
        patches[at] = a - c;
        patches[at + 4 * plane] = b + c;
        patches[at + 8 * plane] = c - b;
        patches[at + 12 * plane] = b - d;
      }
      for (let row = 0, at = to; row < SIDE; row++, at += SIDE * plane) { // (Bᵀ d) B
        const a = patches[at];
        const b = patches[at + plane];
        const c = patches[at + 2 * plane];
        const d = patches[at + 3 * plane];
        patches[at] = a - c;
        patches[at + plane] = b + c;
        patches[at + 2 * plane] = c - b;
        patches[at + 3 * plane] = b - d;
      }
    }
  }
}

/**
 * @param {Float64Array} products (16, tiles, F)
 * @param {{first: number, rows: number, across: number}} part Rows of tiles, and tiles in a row.
 * @param {{shape: number[], bias: Float32Array, output: Float32Array}} to
 */
function transformProducts(products, { first, rows, across }, { shape: [height, width, filters], bias, output }) {
  const plane = rows * across * filters;
  const sums = new Float64Array(2 * SIDE); // Aᵀ m
  for (let tile = 0, from = 0; tile < rows * across; tile++) {
    const row = Math.floor(tile / across);
    const [top, left] = [2 * (first + row), 2 * (tile - row * across)];
    const [isHigh, isWide] = [top + 1 < height, left + 1 < width];
    const to = (top * width + left) * filters;
    for (let filter = 0; filter < filters; filter++, from++) {
      let size = 0;
      for (let column = 0; column < SIDE; column++) {
        const at = from + column * plane;
        const a = products[at];
        const b = products[at + 4 * plane];
        const c = products[at + 8 * plane];
        const d = products[at + 12 * plane];
        sums[column] = a + b + c;
        sums[SIDE + column] = b - c - d;
        size += Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d);
      }
      const least = ZERO * size;
      const own = bias[filter];
      output[to + filter] = own + unlessZero(sums[0] + sums[1] + sums[2], least);
      if (isWide) output[to + filters + filter] = own + unlessZero(sums[1] - sums[2] - sums[3], least);
      if (!isHigh) continue;
      const below = to + width * filters + filter;
      output[below] = own + unlessZero(sums[4] + sums[5] + sums[6], least);
      if (isWide) output[below + filters] = own + unlessZero(sums[5] - sums[6] - sums[7], least);
    }
  }
}

/** @param {number} sum @param {number} least */
function unlessZero(sum, least) {
  return Math.abs(sum) < least ? 0 : sum;
}
