// @ts-check
// The network that trains has no file yet: the page itself answers what it asks about it.

import { countText } from "../draw/numbers.js";
import { largest } from "../play/spread.js";
import { readConfusion } from "../parts/confusion_model.js";

export const LIVE = "training"; // its name on the page

const NOT_SAVED = "Keras computes this, and only for saved networks. This one trains: save it under Keep it.";

/** What is known of the network that trains. */
class Live {
  constructor() {
    /** @type {ArrayBuffer | null} Its newest program. */
    this.program = null;
    /** @type {string[]} */
    this.classes = [];
    /** @type {any} The newest predictions of validation images. */
    this.measured = null;
    /** @type {((event: any) => void)[]} */
    this.waiting = [];
  }

  /** @param {ArrayBuffer | null} program @param {string[]} classes */
  begin(program, classes) {
    [this.program, this.classes, this.measured] = [program, classes, null];
  }

  /** @param {any} event */
  measure(event) {
    this.measured = event;
    for (const resolve of this.waiting.splice(0)) resolve(event);
  }

  /** @returns {Promise<any>} */
  validation() {
    return this.measured ? Promise.resolve(this.measured) : new Promise((resolve) => this.waiting.push(resolve));
  }
}

/**
 * Return a source that also answers for the network that trains.
 *
 * @param {any} source
 */
export function withLive(source) {
  const live = new Live();
  /** @type {Record<string, (...given: any[]) => any>} */
  const answers = {
    program: async () => live.program,
    evaluation: async () => evaluationOf(await live.validation(), live.classes),
    samples: async (_, options) => samplesOf(await live.validation(), options),
    ask: () => Object.assign(Promise.reject(new Error(NOT_SAVED)), { cancel() {} }),
  };
  const nameOf = (/** @type {string} */ method, /** @type {any[]} */ given) =>
    (method === "ask" ? given[1].model : given[0]);
  const wrapped = Object.fromEntries(Object.entries(answers).map(([method, answer]) => [method,
    (/** @type {any[]} */ ...given) => (nameOf(method, given) === LIVE ? answer(...given) : source[method](...given))]));
  return { ...source, ...wrapped, live };
}

/** What the server would say of these images. @param {any} event @param {string[]} classes */
export function evaluationOf({ tensors, of }, classes) {
  const { shape: [size], data } = tensors.get("matrix");
  const matrix = classes.map((/** @type {string} */ _, /** @type {number} */ row) =>
    Array.from(data.subarray(row * size, (row + 1) * size)));
  const { total: count, errors } = readConfusion(matrix);
  const source = `${count < of ? `${countText(count)} of the ${countText(of)}` : countText(count)} validation images`;
  return { matrix, classes, split: "validation", source, accuracy: (count - errors) / (count || 1), count };
}

/** @param {any} event @param {any} options As for `source.samples`. */
function samplesOf({ tensors }, { order, start = 0, count, label, predicted }) {
  const images = tensors.get("images");
  const labels = Array.from(tensors.get("labels").data);
  const predictions = predictionsOf(tensors.get("probabilities"));
  const isAsked = (/** @type {number} */ k) => (label === undefined || labels[k] === label)
    && (predicted === undefined || predictions[k] === predicted)
    && (order !== "errors" || labels[k] !== predictions[k]);
  const chosen = labels.map((_, k) => k).filter(isAsked).slice(start, start + count);
  const size = images.data.length / labels.length;
  const data = new Uint8Array(chosen.length * size);
  chosen.forEach((k, place) => data.set(images.data.subarray(k * size, (k + 1) * size), place * size));
  return {
    images: data, labels: chosen.map((k) => labels[k]), predicted: chosen.map((k) => predictions[k]),
    names: chosen.map((k) => `validation image ${tensors.get("positions").data[k] + 1}`), note: "",
  };
}

/** The most probable class of each image. @param {any} probabilities (N, K) @returns {number[]} */
function predictionsOf({ shape: [count, classes], data }) {
  return Array.from({ length: count }, (_, k) => largest(data.subarray(k * classes, (k + 1) * classes)));
}
