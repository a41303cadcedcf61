// @ts-check
/** The parts of a training step as pictures and numbers. Each returns the content of one part. */

import { createGrid } from "../draw/grid.js";
import { createMap, drawImage } from "../draw/map.js";
import { element, setStyle } from "../element.js";
import { largestMagnitude, rampRange } from "../draw/color.js";
import { numbersOf } from "./dissection_model.js";
import { classOf } from "./batch_sheet.js";
import { decimalsFor, unitOf, wordsOfStep } from "./optimizer_words.js";
import { fixedNumber, shortNumber } from "../draw/numbers.js";
import { themeOf } from "../draw/theme.js";

const SIDE = 132; // CSS pixels of a window of a kernel
const WIDE = 46; // of one number in a line
const [LETTER, MOST_COLUMNS] = [6.2, 7]; // of numbers with many digits

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
  const maps = event.tensors.get("before").shape[2];
  const values = found.values && figureOf(page, part, found.values, "activations", maps === 1 ? "patch of its input" : `patch of its input, map ${part.channel}`);
  const bias = `the bias ${shortNumber(found.bias, 3)}`;
  return [
    element("h4", {}, `Patch: where filter ${part.filter} has its largest activation in the chosen image`),
    element("div", { class: "convlab-stage-row" },
      element("figure", {}, element("div", { class: "convlab-stage-image" }, picture, frame), element("figcaption", {}, "image, and the receptive field of the patch")),
      values, values && element("b", {}, "×"), kernel, element("b", {}, "="),
      element("p", {}, element("strong", {}, shortNumber(found.share, 4)),
        maps === 1 ? `, the sum of the products; with ${bias} it is ${shortNumber(found.sum, 4)}.`
          : ` from this map; with the other ${maps - 1} ${maps === 2 ? "map" : "maps"} and ${bias} the sum is ${shortNumber(found.sum, 4)}.`)),
  ];
}

/** @param {Numbers} numbers */
export function lossStage({ event, classes, image }) {
  const { tensors } = event;
  const name = classOf(tensors.get("targets"), image, classes);
  const { shape, data } = tensors.get("probabilities");
  const probability = data[image * shape[1] + classes.indexOf(name)];
  return [
    element("h4", {}, "Loss: the cross-entropy of the true class, before the update, with any dropout active"),
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
      element("p", {}, "The loss falls most steeply if each weight moves against its gradient: down where it is positive, up where it is negative. The optimizer makes its step of this gradient and of what it remembers.")),
  ];
}

/** @param {HTMLElement} page @param {Numbers} numbers */
export function updateStage(page, { event, part }) {
  const [before, gradient, after] = ["before", "gradient", "after"].map((name) => numbersOf(event.tensors.get(name), part));
  const moved = after.map((value, k) => value - before[k]);
  const k = largestOf(gradient);
  const enough = decimalsFor(largestMagnitude(moved));
  const decimals = part.columns <= MOST_COLUMNS ? enough : undefined;
  const digits = decimalsFor(moved[k]);
  return [
    element("h4", {}, "Update: the weights move"),
    element("div", { class: "convlab-stage-row" },
      figureOf(page, part, before, "weights", "before", decimals), element("b", {}, "+"), figureOf(page, part, moved, "weights", "change"),
      element("b", {}, "="), figureOf(page, part, after, "weights", "after", decimals)),
    ...wordsOfStep(event, part.indices[k]).map((words) => element("p", {}, words)),
    element("p", {}, `This is the weight with the largest gradient of those above. It goes from ${fixedNumber(before[k], digits)} to ${fixedNumber(after[k], digits)}.`),
  ];
}

/** @param {number[]} values */
function largestOf(values) {
  return values.reduce((best, value, k) => (Math.abs(value) > Math.abs(values[best]) ? k : best), 0);
}

/** @param {any} event @param {import("./dissection_model.js").Part} part */
function kernelName({ layer, tensors }, { filter, channel }) {
  if (channel === null) return `${layer}, unit ${filter}`;
  return `kernel of ${layer}, filter ${filter}${tensors.get("before").shape[2] === 1 ? "" : `, map ${channel}`}`;
}

/**
 * Numbers on their colors; small ones in a unit, unless their decimals are given.
 * @param {HTMLElement} page @param {import("./dissection_model.js").Part} part @param {number[]} values
 * @param {"weights" | "activations"} ramp @param {string} caption @param {number} [decimals]
 */
function figureOf(page, { rows, columns }, values, ramp, caption, decimals) {
  const unit = decimals === undefined ? unitOf(values) : { scale: 1, words: "" };
  const label = `${caption}: ${values.map((value) => shortNumber(value, 3)).join(", ")}`;
  const width = decimals === undefined ? 0 : LETTER * (decimals + 3) + 4;
  const side = Math.max(rows === 1 ? WIDE * columns : SIDE, Math.max(width, rows === 1 ? 0 : 30) * Math.max(rows, columns));
  const grid = createGrid(values.map((value) => value / unit.scale), { rows, columns, side, label, decimals },
    { ramp, range: rampRange(ramp, largestMagnitude(values) / unit.scale), theme: themeOf(page) });
  return element("figure", {}, grid, element("figcaption", {}, unit.words ? `${caption}, ${unit.words}` : caption));
}
