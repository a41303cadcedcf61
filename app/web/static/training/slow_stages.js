// @ts-check
/** The parts of a training step as pictures and numbers. Each returns the content of one part. */

import { createGrid } from "../draw/grid.js";
import { createMap, drawImage } from "../draw/map.js";
import { element, setStyle } from "../element.js";
import { largestMagnitude, rampRange } from "../draw/color.js";
import { numbersOf } from "./dissection_model.js";
import { classOf } from "./batch_sheet.js";
import { shortNumber, signedNumber } from "../draw/numbers.js";
import { themeOf } from "../draw/theme.js";

const SIDE = 132; // CSS pixels of a window of a kernel
const WIDE = 46; // of one number in a line

/** @typedef {{event: any, part: import("./dissection_model.js").Part, classes: string[], image: number}} Numbers */

/**
 * @param {HTMLElement} page @param {Numbers} numbers
 * @param {{pixels: Float32Array, shape: number[]}} shown The chosen image.
 * @param {any} found Where the filter has its largest activation, or null.
 */
export function patchStage(page, { event, part }, { pixels, shape }, found) {
  const kernel = figureOf(page, part, numbersOf(event.tensors.get("before"), part), "weights", kernelName(event, part));
  if (!found) return [element("h4", {}, "Weights of this unit before the step, those with the largest gradients"), kernel];
  const picture = createMap();
  drawImage(picture, pixels, shape);
  const frame = element("i", { class: "convlab-stage-region" });
  const { top, left, bottom, right } = found.region;
  const share = (/** @type {number} */ value, /** @type {number} */ side) => `${(100 * value) / side}%`;
  setStyle(frame, {
    top: share(top, shape[0]), left: share(left, shape[1]),
    height: share(bottom - top + 1, shape[0]), width: share(right - left + 1, shape[1]),
  });
  const values = found.values && figureOf(page, part, found.values, "activations", part.channel === null ? "" : `patch of its input, map ${part.channel}`);
  return [
    element("h4", {}, `Patch: where filter ${part.filter} has its largest activation in the chosen image`),
    element("div", { class: "convlab-stage-row" },
      element("figure", {}, element("div", { class: "convlab-stage-image" }, picture, frame), element("figcaption", {}, "image, and the receptive field of the patch")),
      values, values && element("b", {}, "×"), kernel, element("b", {}, "="),
      element("p", {}, element("strong", {}, shortNumber(found.share, 3)),
        ` from this map; with the other maps and the bias ${shortNumber(found.bias, 3)} the sum is ${shortNumber(found.sum, 3)}.`)),
  ];
}

/** @param {Numbers} numbers */
export function lossStage({ event, classes, image }) {
  const { tensors } = event;
  const name = classOf(tensors.get("targets"), image, classes);
  const { shape, data } = tensors.get("probabilities");
  const probability = data[image * shape[1] + classes.indexOf(name)];
  return [
    element("h4", {}, "Loss: the cross-entropy of the true class"),
    element("p", {}, `Of the chosen image, the network gives ${name}, the true class, a probability of ${probability.toFixed(3)}. Its loss is ${tensors.get("losses").data[image].toFixed(3)}; −ln ${probability.toFixed(3)} = ${(-Math.log(Math.max(probability, 1e-7))).toFixed(3)}. `
      + `The mean over all ${event.images} images of the batch is ${event.loss.toFixed(4)}.`),
  ];
}

/** @param {HTMLElement} page @param {Numbers} numbers */
export function gradientStage(page, { event, part }) {
  const numbers = numbersOf(event.tensors.get("gradient"), part);
  return [
    element("h4", {}, "Gradient: the slope of the mean loss over each weight"),
    element("div", { class: "convlab-stage-row" }, figureOf(page, part, numbers, "weights", "gradient of these weights"),
      element("p", {}, "The loss falls most steeply if each weight moves against its gradient: down where it is positive, up where it is negative.")),
  ];
}

/** @param {HTMLElement} page @param {Numbers} numbers */
export function updateStage(page, { event, part }) {
  const [before, gradient, after] = ["before", "gradient", "after"].map((name) => numbersOf(event.tensors.get(name), part));
  const moved = after.map((value, k) => value - before[k]);
  const k = largestOf(gradient);
  return [
    element("h4", {}, "Update: the weights move"),
    element("div", { class: "convlab-stage-row" },
      figureOf(page, part, before, "weights", "before"), element("b", {}, "+"), figureOf(page, part, moved, "weights", "change"),
      element("b", {}, "="), figureOf(page, part, after, "weights", "after")),
    element("p", {}, `${event.optimizer}, learning rate ${shortNumber(event.learning_rate, 3)}. The weight with the largest gradient, ${shortNumber(gradient[k], 3)}, goes from `
      + `${shortNumber(before[k], 4)} by ${signedNumber(moved[k], 3)} to ${shortNumber(after[k], 4)}.`),
  ];
}

/** @param {number[]} values */
function largestOf(values) {
  return values.reduce((best, value, k) => (Math.abs(value) > Math.abs(values[best]) ? k : best), 0);
}

/** @param {any} event @param {import("./dissection_model.js").Part} part */
function kernelName({ layer }, { filter, channel }) {
  return channel === null ? `${layer}, unit ${filter}` : `kernel of ${layer}, filter ${filter}, map ${channel}`;
}

/** Numbers on their colors. @param {HTMLElement} page @param {import("./dissection_model.js").Part} part @param {number[]} values @param {"weights" | "activations"} ramp @param {string} caption */
function figureOf(page, { rows, columns }, values, ramp, caption) {
  const scale = scaleOf(values);
  const label = `${caption}: ${values.map((value) => shortNumber(value, 3)).join(", ")}`;
  const side = rows === 1 ? WIDE * columns : Math.max(SIDE, 30 * Math.max(rows, columns));
  const grid = createGrid(values.map((value) => value / scale), { rows, columns, side, label },
    { ramp, range: rampRange(ramp, largestMagnitude(values) / scale), theme: themeOf(page) });
  return element("figure", {}, grid, element("figcaption", {}, scale === 1 ? caption : `${caption}; each × ${scale}`));
}

/** A power of ten by which small numbers are divided, so that they can be read. @param {number[]} values */
function scaleOf(values) {
  const largest = largestMagnitude(values);
  return largest >= 0.1 || largest === 0 ? 1 : 10 ** Math.floor(Math.log10(largest));
}
