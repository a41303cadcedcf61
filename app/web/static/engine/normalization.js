// @ts-check
// Normalization: by the statistics of training, or by those of the place itself.

import { sumOfTerms, termOf } from "./term.js";

/** @type {import("./operations.js").Kind} */
export const normalize = {
  forward({ operation, inputs: [{ data }], weights }) {
    const channels = weights.mean.data.length;
    const factors = Array.from({ length: channels }, (_, i) => factorsOf(operation, weights, i));
    const scales = Float64Array.from(factors, ({ scale }) => scale);
    const offsets = Float64Array.from(factors, ({ offset }) => offset);
    const output = new Float32Array(data.length);
    for (let start = 0; start < data.length; start += channels) {
      for (let channel = 0; channel < channels; channel++) {
        output[start + channel] = data[start + channel] * scales[channel] + offsets[channel];
      }
    }
    return output;
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs: [source], weights }, { channel }, index) {
    const { scale, offset, details } = factorsOf(operation, weights, channel);
    return sumOfTerms([termOf(source, index, scale)], offset, { details });
  },
};

/** @type {import("./operations.js").Kind} */
export const layerNormalize = {
  forward({ operation, inputs: [{ data, shape }], weights }) {
    const channels = shape[shape.length - 1];
    const output = new Float32Array(data.length);
    for (let start = 0; start < data.length; start += channels) {
      const statistics = statisticsOf(data.subarray(start, start + channels));
      for (let channel = 0; channel < channels; channel++) {
        const { scale, offset } = combined(operation, weights, statistics, channel);
        output[start + channel] = data[start + channel] * scale + offset;
      }
    }
    return output;
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs: [source], weights }, { channel }, index) {
    const channels = source.shape[source.shape.length - 1];
    const start = index - channel;
    const statistics = statisticsOf(source.data.subarray(start, start + channels));
    const { scale, offset, details } = combined(operation, weights, statistics, channel);
    const note = "mean and variance are those of the channels at this place";
    return sumOfTerms([termOf(source, index, scale)], offset, { note, details });
  },
};

/**
 * @param {import("./program.js").Operation} operation
 * @param {Record<string, import("./program.js").Weight>} weights
 * @param {number} channel
 */
function factorsOf(operation, weights, channel) {
  const statistics = { mean: weights.mean.data[channel], variance: weights.variance.data[channel] };
  return combined(operation, weights, statistics, channel);
}

/**
 * Return normalization as one factor and one summand.
 *
 * @param {import("./program.js").Operation} operation
 * @param {Record<string, import("./program.js").Weight>} weights
 * @param {{mean: number, variance: number}} statistics
 * @param {number} channel
 */
function combined({ attributes: { epsilon } }, weights, { mean, variance }, channel) {
  const gamma = weights.gamma?.data[channel] ?? 1;
  const beta = weights.beta?.data[channel] ?? 0;
  const scale = gamma / Math.sqrt(variance + epsilon);
  const offset = beta - mean * scale;
  return { scale, offset, details: { mean, variance, gamma, beta, epsilon } };
}

/** @param {Float32Array} values */
function statisticsOf(values) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, variance: squares / values.length };
}
