// @ts-check
// Sums of products, where almost all of the time goes: four filters at a time, for two columns, so
// that eight sums and the numbers they are made of stay in registers. All is double precision, since
// float32 numbers would have to be converted each time that they are read.

const FILTERS = 4;

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
  const even = job.columns - (job.columns % 2);
  for (let filter = 0; filter < job.filters; filter += FILTERS) {
    multiplyPairs(job, filter, even);
    if (even < job.columns) {
      multiplyColumn(job, filter, even);
    }
  }
}

/**
 * @param {Job} job
 * @param {number} filter First of four.
 * @param {number} columns Even number of columns.
 */
function multiplyPairs(job, filter, columns) {
  const { patches, kernel, length, step } = job;
  const k0 = filter * length;
  const k1 = k0 + length;
  const k2 = k1 + length;
  const k3 = k2 + length;
  for (let column = 0; column < columns; column += 2) {
    const first = job.start + column * length;
    const second = first + length;
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
    const offset = job.offset + column * step;
    store(job, filter, offset, a0, a1, a2, a3);
    store(job, filter, offset + step, b0, b1, b2, b3);
  }
}

/**
 * @param {Job} job
 * @param {number} filter First of four.
 * @param {number} column
 */
function multiplyColumn(job, filter, column) {
  const { patches, kernel, length } = job;
  const first = job.start + column * length;
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
  store(job, filter, job.offset + column * job.step, a0, a1, a2, a3);
}

/**
 * @param {Job} job
 * @param {number} filter First of four.
 * @param {number} offset
 * @param {number[]} sums Four; those of filters that only fill up the four are dropped.
 */
function store(job, filter, offset, ...sums) {
  const { output, bias, filters } = job;
  const count = Math.min(FILTERS, filters - filter);
  for (let i = 0; i < count; i++) {
    output[offset + filter + i] = bias === null ? sums[i] : sums[i] + bias[filter + i];
  }
}
