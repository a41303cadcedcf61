// @ts-check
// Predictions: probabilities or scores of the classes, averaged over the model's views.

import { isIdentity, viewOf } from "./views.js";

/**
 * Return the probabilities of the classes of an image, or their scores if the model gives scores.
 *
 * The network keeps the outputs of the image itself.
 *
 * @param {import("./network.js").Network} network
 * @param {ArrayLike<number>} pixels (H, W, C), 0–255.
 * @returns {Float64Array} One value per class.
 */
export function classValues(network, pixels) {
  return meanOverViews(network, pixels, outputValues(network.program, network.run(pixels)));
}

/**
 * Return the mean of the values of an image, which are known, and those of the model's other views.
 *
 * @param {import("./network.js").Network} network Its outputs stay as they are.
 * @param {ArrayLike<number>} pixels (H, W, C), 0–255.
 * @param {ArrayLike<number>} values One value per class.
 * @returns {Float64Array} One value per class.
 */
export function meanOverViews(network, pixels, values) {
  const { program } = network;
  const image = Float32Array.from(pixels);
  const others = program.views.filter((view) => !isIdentity(view));
  const { shape } = program.operations[0];
  const totals = new Float64Array(program.classes.length);
  for (const view of others) {
    add(totals, outputValues(program, network.peek(viewOf(view, image, shape))), 1);
  }
  add(totals, values, program.views.length - others.length);
  return totals.map((total) => total / program.views.length);
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

/**
 * @param {Float64Array} totals
 * @param {ArrayLike<number>} values
 * @param {number} times
 */
function add(totals, values, times) {
  for (let i = 0; i < totals.length; i++) totals[i] += times * values[i];
}
