// @ts-check
// Activation functions, as Keras defines them.

import { sumOfTerms, termOf } from "./term.js";

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * What each function makes of its parameters: a function of one number.
 *
 * @type {Record<string, (parameters: any) => (x: number) => number>}
 */
const ACTIVATIONS = {
  linear: () => (x) => x,
  relu: reluOf,
  leaky_relu: ({ negative_slope: slope = 0.2 }) => (x) => (x > 0 ? x : slope * x),
  elu: ({ alpha = 1 }) => (x) => (x > 0 ? x : alpha * Math.expm1(x)),
  selu: () => (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  gelu: ({ approximate = false }) => (approximate ? geluByTanh : gelu),
  silu: () => (x) => x * sigmoid(x),
  sigmoid: () => sigmoid,
  hard_sigmoid: () => hardSigmoid,
  hard_silu: () => (x) => x * hardSigmoid(x),
  softplus: () => softplus,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  tanh: () => Math.tanh,
  mish: () => (x) => x * Math.tanh(softplus(x)),
  exponential: () => Math.exp,
  log_sigmoid: () => (x) => -softplus(-x),
  hard_tanh: () => (x) => Math.min(Math.max(x, -1), 1),
};

/**
 * What each function makes of a score and the sum of the exponentials of all.
 *
 * @type {Record<string, (score: number, total: number) => number>}
 */
const SHARES = {
  softmax: (score, total) => Math.exp(score) / total,
  log_softmax: (score, total) => score - Math.log(total),
};

/** @type {import("./operations.js").Kind} */
export const activation = {
  forward({ operation, inputs: [{ data, shape }] }) {
    const { function: name } = operation.attributes;
    if (Object.hasOwn(SHARES, name)) {
      return sharesOf(data, shape[shape.length - 1], SHARES[name]);
    }
    const compute = functionOf(operation);
    const output = new Float32Array(data.length);
    for (let i = 0; i < output.length; i++) {
      output[i] = compute(data[i]);
    }
    return output;
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs: [source], output }, { channel }, index) {
    const { function: note } = operation.attributes;
    const value = output[index];
    if (!Object.hasOwn(SHARES, note)) {
      return sumOfTerms([termOf(source, index, 1)], 0, { rule: "function", value, note });
    }
    const channels = source.shape[source.shape.length - 1];
    const first = index - channel;
    const largest = maximumOf(source.data.subarray(first, first + channels));
    const terms = Array.from({ length: channels }, (_, i) => {
      const term = termOf(source, first + i, 1);
      return { ...term, product: Math.exp(term.value - largest) };
    });
    return sumOfTerms(terms, 0, { rule: note, value, note, details: { own: channel, largest } });
  },
};

/**
 * Apply a function to all scores of each place.
 *
 * @param {Float32Array} data
 * @param {number} channels
 * @param {(score: number, total: number) => number} shareOf
 */
function sharesOf(data, channels, shareOf) {
  const output = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += channels) {
    const scores = data.subarray(start, start + channels);
    const largest = maximumOf(scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    for (let i = 0; i < channels; i++) {
      output[start + i] = shareOf(scores[i] - largest, total);
    }
  }
  return output;
}

/** @param {Float32Array} values */
function maximumOf(values) {
  return values.reduce((largest, value) => Math.max(largest, value), -Infinity);
}

/** @param {import("./program.js").Operation} operation */
function functionOf({ name, attributes }) {
  const { function: chosen, ...parameters } = attributes;
  if (!Object.hasOwn(ACTIVATIONS, chosen)) {
    const known = [...Object.keys(SHARES), ...Object.keys(ACTIVATIONS)].join(", ");
    throw new Error(`Operation '${name}' has activation '${chosen}'. Expected one of: ${known}.`);
  }
  return ACTIVATIONS[chosen](parameters);
}

/**
 * @param {any} parameters
 * @returns {(x: number) => number}
 */
function reluOf({ negative_slope: slope = 0, max_value: limit = Infinity, threshold = 0 }) {
  if (slope === 0 && threshold === 0 && limit === Infinity) {
    return (x) => (x > 0 ? x : 0);
  }
  return (x) => Math.min(limit, x > threshold ? x : 0) - slope * Math.max(0, threshold - x);
}

/** @param {number} x */
function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}

/** @param {number} x */
function hardSigmoid(x) {
  return Math.min(Math.max(x / 6 + 0.5, 0), 1);
}

/** @param {number} x */
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** @param {number} x */
function gelu(x) {
  return (x / 2) * (1 + errorFunction(x / Math.SQRT2));
}

/** @param {number} x */
function geluByTanh(x) {
  return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/**
 * Return erf(x) by the series 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)), whose terms are all
 * of one sign.
 *
 * @param {number} x
 */
function errorFunction(x) {
  if (Math.abs(x) > 6) {
    return Math.sign(x);
  }
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
