// @ts-check
// Predictions: probabilities or scores of the classes, averaged over the model's views and then
// brought to its temperature.

import { finish } from "./network.js";
import { isIdentity, viewOf } from "./views.js";

const SMALLEST = 1e-12; // probability before the logarithm
const SQUASHING = ["softmax", "sigmoid"];

/**
 * Return the probabilities of the classes of an image, or their scores if the model gives scores.
 *
 * @param {import("./network.js").Network} network Afterwards it has the outputs of some view.
 * @param {ArrayLike<number>} pixels (H, W, C), 0–255.
 * @returns {Float64Array} One value per class.
 */
export function classValues(network, pixels) {
  return predictionOf(network.program, finish(valuesOfViews(network, pixels)));
}

/**
 * Return the values of the classes in each of the model's views, with a pause after each operation.
 *
 * @param {import("./network.js").Network} network
 * @param {ArrayLike<number>} pixels
 * @returns {Generator<void, Float64Array[]>}
 */
export function* valuesOfViews(network, pixels) {
  const { program } = network;
  const image = Float32Array.from(pixels);
  const { shape } = program.operations[0];
  const values = [];
  for (const view of program.views) {
    yield* network.change({ pixels: isIdentity(view) ? image : viewOf(view, image, shape) });
    values.push(currentValues(network));
  }
  return values;
}

/**
 * Return the prediction: the mean of the values of all views, at the temperature of the model.
 *
 * @param {import("./program.js").Program} program
 * @param {Float64Array[]} views
 */
export function predictionOf({ temperature }, views) {
  return atTemperature(meanOf(views), temperature);
}

/**
 * Return probabilities whose logarithms are divided by a temperature; at 1, as they are.
 *
 * @param {Float64Array} probabilities
 * @param {number} temperature
 */
export function atTemperature(probabilities, temperature) {
  if (temperature === 1) return probabilities;
  const logits = probabilities.map((value) => Math.log(Math.max(value, SMALLEST)) / temperature);
  const highest = Math.max(...logits);
  const shares = logits.map((value) => Math.exp(value - highest));
  const sum = shares.reduce((total, value) => total + value, 0);
  return shares.map((value) => value / sum);
}

/**
 * Return the mean of the values of views.
 *
 * @param {Float64Array[]} views
 */
export function meanOf(views) {
  return views[0].map((_, index) => views.reduce((sum, values) => sum + values[index], 0) / views.length);
}

/**
 * Return the values of the classes of what a network has run on.
 *
 * @param {import("./network.js").Network} network
 * @returns {Float64Array} One value per class.
 */
export function currentValues({ program, output }) {
  return outputValues(program, output(lastOf(program).name));
}

/**
 * Return the scores of the classes before softmax or sigmoid, of what a network has run on: a
 * probability near 1 hardly changes, its score does.
 *
 * @param {import("./network.js").Network} network
 * @returns {Float64Array} One score per class; a single unit is the score of the second class, its
 *   negative that of the first.
 */
export function currentScores({ program, output }) {
  const { name, kind, attributes, inputs } = lastOf(program);
  const isSquashed = kind === "activation" && SQUASHING.includes(attributes.function);
  const scores = output(isSquashed ? inputs[0] : name);
  return Float64Array.from(scores.length > 1 ? scores : [-scores[0], scores[0]]);
}

/**
 * Return the values of the classes that one output of a network stands for.
 *
 * A single unit is for the second class; its complement, or its negative if it is a score, is for
 * the first.
 *
 * @param {import("./program.js").Program} program
 * @param {Float32Array} output
 * @returns {Float64Array}
 */
export function outputValues({ outputs }, output) {
  const scores = outputs === "scores";
  const [first] = output;
  const values = output.length > 1 ? output : [scores ? -first : 1 - first, first];
  return Float64Array.from(values, (value) =>
    (scores ? value : Math.min(Math.max(value, 0), 1)));
}

/** @param {import("./program.js").Program} program */
function lastOf({ operations }) {
  return operations[operations.length - 1];
}
