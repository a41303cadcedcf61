// @ts-check
// The source of a page without a server: programs, samples and evaluations are in the page.

import { decodePhotograph } from "./photograph.js";
import { readTensors } from "./tensors.js";
import { uniforms } from "./play/random_numbers.js";
import { workerFromUrl } from "./engine/client.js";

/**
 * @typedef {{images: Uint8Array, labels: number[], predicted: number[], names: string[], note: string}} Samples
 * @typedef {{order?: string, seed?: number, start?: number, count?: number, label?: number,
 *   predicted?: number}} Wanted
 */

/**
 * Return a source.
 *
 * @param {any[]} catalog Models and the names of their parts, see app/web/content.py.
 * @param {(part: string) => Promise<Uint8Array>} read Returns the bytes of a part.
 * @param {string} workerText Text of a script that runs a network in a worker.
 */
export function createEmbeddedSource(catalog, read, workerText) {
  /** @type {Map<string, Promise<Samples>>} */
  const held = new Map();

  function find(/** @type {string} */ name) {
    const model = catalog.find((one) => one.name === name);
    if (!model) throw new Error(`The page does not hold the model '${name}'.`);
    return model;
  }

  function samplesOf(/** @type {string} */ name) {
    const { parts } = find(name);
    if (!parts.samples) throw new Error(`The page holds no samples for '${name}'.`);
    if (!held.has(name)) held.set(name, read(parts.samples).then(readSamples));
    return /** @type {Promise<Samples>} */ (held.get(name));
  }

  return {
    abilities: abilitiesOf(catalog),
    models: async () => catalog.map(({ parts, evaluation, ...model }) => model),
    program: async (/** @type {string} */ name) => copyOf(await read(find(name).parts.program)),
    decode: async (/** @type {string} */ name, /** @type {Blob} */ blob) => ({
      pixels: await decodePhotograph(blob, find(name).image),
    }),
    samples: async (/** @type {string} */ name, /** @type {Wanted} */ wanted) => select(await samplesOf(name), wanted),
    async evaluation(/** @type {string} */ name) {
      const { evaluation } = find(name);
      if (!evaluation) throw new Error(`The page holds no evaluation of '${name}'.`);
      return evaluation;
    },
    ask: () => withoutAnswer(),
    startWorker: () => workerFromText(workerText),
    dispose() {},
  };
}

/**
 * Return the samples that are asked for.
 *
 * @param {Samples} samples
 * @param {Wanted} wanted
 */
export function select(samples, { order = "first", seed = 0, start = 0, count = 24, label, predicted }) {
  const { images, labels } = samples;
  const size = images.length / labels.length;
  const all = labels.map((_, k) => k);
  const known = all.filter((k) => {
    const answer = samples.predicted[k];
    const wrong = order !== "errors" || labels[k] !== answer;
    return wrong && (label ?? labels[k]) === labels[k] && (predicted ?? answer) === answer;
  });
  const chosen = (order === "first" ? known : shuffled(known, seed)).slice(start, start + count);
  const pixels = new Uint8Array(chosen.length * size);
  chosen.forEach((k, place) => pixels.set(images.subarray(k * size, (k + 1) * size), place * size));
  const pick = (/** @type {any[]} */ values) => chosen.map((k) => values[k]);
  const { note } = samples;
  return { images: pixels, labels: pick(labels), predicted: pick(samples.predicted), names: pick(samples.names), note };
}

/** @param {Uint8Array} bytes @returns {Samples} */
function readSamples(bytes) {
  const { metadata, tensors } = readTensors(bytes);
  const numbers = (/** @type {string} */ name) => Array.from(/** @type {any} */ (tensors.get(name)).data);
  const { names, note } = JSON.parse(metadata.samples);
  const images = /** @type {Uint8Array} */ (tensors.get("images")?.data);
  return { images, labels: numbers("labels"), predicted: numbers("predicted"), names, note };
}

/** @param {any[]} catalog */
function abilitiesOf(catalog) {
  const abilities = new Set(["decode"]);
  if (catalog.some(({ parts }) => parts.samples)) abilities.add("samples");
  if (catalog.some(({ evaluation }) => evaluation)) abilities.add("evaluation");
  return abilities;
}

/** @returns {any} A promise, with a method `cancel()`. */
function withoutAnswer() {
  const reason = "This page has no server. Show the model with python -m app serve to get this.";
  return Object.assign(Promise.reject(new Error(reason)), { cancel() {} });
}

/** @param {string} text */
function workerFromText(text) {
  return workerFromUrl(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), "classic");
}

/** @param {number[]} values @param {number} seed */
function shuffled(values, seed) {
  const keys = values.map((_, k) => uniforms(seed, 0, k, 1)[0]);
  return values.map((_, k) => k).sort((a, b) => keys[a] - keys[b]).map((k) => values[k]);
}

/** @param {Uint8Array} bytes */
function copyOf(bytes) {
  return bytes.slice().buffer;
}
