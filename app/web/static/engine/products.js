// @ts-check
// Sums of products, where almost all of the time goes: four filters at a time, for two columns, so
// that eight sums and the numbers they are made of stay in registers. All is double precision, since
// float32 numbers would have to be converted each time that they are read.

export const FILTERS = 4; // at a time: packed kernels are filled up to a multiple with zeros

/**
 * @typedef {{
 *   patches: Float64Array, start: number, columns: number, length: number,
 *   kernel: Float64Array, filters: number, bias: Float32Array | null,
 *   output: Float32Array, offset: number, step: number,
 * }} Job Patches (columns, length) from `start` on times packed filters, into
 *   `output[offset + column * step + filter]`.
 */

/**
 * Return filters one after the other, from a kernel (length, filters) as Keras has it.
 *
 * Zeros make their number a multiple of four.
 *
 * @param {Float32Array} kernel
 * @param {{length: number, filters: number, first: number, all: number}} part Which filters of how
 *   many in all.
 * @param {number} start Where the kernel begins.
 */
export function packFilters(kernel, part, start = 0) {
  const { length, filters, first, all } = part;
  const packed = new Float64Array(Math.ceil(filters / FILTERS) * FILTERS * length);
  for (let filter = 0; filter < filters; filter++) {
    for (let i = 0; i < length; i++) {
      packed[filter * length + i] = kernel[start + i * all + first + filter];
    }
  }
  return packed;
}

/**
 * Compute all sums of a job.
 *
 * @param {Job} job
 */
export function multiply(job) {
  const { columns, filters, bias, output, offset, step } = job;
  const sums = new Float64Array(2 * FILTERS);
  for (let filter = 0; filter < filters; filter += FILTERS) {
    const count = Math.min(FILTERS, filters - filter); // those that only fill up the four are dropped
    for (let column = 0; column < columns; column += 2) {
      const isPair = column + 1 < columns;
      if (isPair) addPair(job, filter, column, sums);
      else addColumn(job, filter, column, sums);
      for (let i = 0, to = offset + column * step + filter; i < count; i++, to++) {
        const own = bias === null ? 0 : bias[filter + i];
        output[to] = own + sums[i];
        if (isPair) output[to + step] = own + sums[FILTERS + i];
      }
    }
  }
}

/**
 * Compute the sums of four filters in two columns.
 *
 * @param {Job} job
 * @param {number} filter First of four.
 * @param {number} column First of two.
 * @param {Float64Array} sums Filled with four sums of each column.
 */
function addPair({ patches, start, kernel, length }, filter, column, sums) {
  const first = start + column * length;
  const second = first + length;
  const k0 = filter * length;
  const k1 = k0 + length;
  const k2 = k1 + length;
  const k3 = k2 + length;
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  let b0 = 0, b1 = 0, b2 = 0, b3 = 0;
  for (let i = 0; i < length; i++) {
    const a = patches[first + i];
    const b = patches[second + i];
    const w0 = kernel[k0 + i];
    const w1 = kernel[k1 + i];
    const w2 = kernel[k2 + i];
    const w3 = kernel[k3 + i];
    a0 += a * w0;
    a1 += a * w1;
    a2 += a * w2;
    a3 += a * w3;
    b0 += b * w0;
    b1 += b * w1;
    b2 += b * w2;
    b3 += b * w3;
  }
  sums[0] = a0;
  sums[1] = a1;
  sums[2] = a2;
  sums[3] = a3;
  sums[4] = b0;
  sums[5] = b1;
  sums[6] = b2;
  sums[7] = b3;
}

/**
 * Compute the sums of four filters in the last of an odd number of columns.
 *
 * @param {Job} job
 * @param {number} filter First of four.
 * @param {number} column
 * @param {Float64Array} sums Filled with four sums.
 */
function addColumn({ patches, start, kernel, length }, filter, column, sums) {
  const first = start + column * length;
  const k0 = filter * length;
  const k1 = k0 + length;
  const k2 = k1 + length;
  const k3 = k2 + length;
  let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  for (let i = 0; i < length; i++) {
    const a = patches[first + i];
    a0 += a * kernel[k0 + i];
    a1 += a * kernel[k1 + i];
    a2 += a * kernel[k2 + i];
    a3 += a * kernel[k3 + i];
  }
  sums[0] = a0;
  sums[1] = a1;
  sums[2] = a2;
  sums[3] = a3;
}
