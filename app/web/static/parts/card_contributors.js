// @ts-check
/** What contributes most to a cell: its largest terms, which can be followed, and the pixels behind them. */
import { createMap, drawImage } from "../draw/map.js";
import { element } from "../element.js";
import { numbersOf } from "./card_table.js";
import { terms } from "../engine/terms.js";
import { topContributors, traceToPixels } from "../engine/contributors.js";
import { valueColor, rampRange } from "../draw/color.js";

/** @typedef {import("../engine/network.js").Network} Network */
/** @typedef {import("../engine/shapes.js").Source} Source */

const COUNT = 6;
const TRACED = 24;

/**
 * Return the largest contributors of a cell.
 * @param {Network} network
 * @param {import("../engine/shapes.js").Source} cell With the operation that looks at the layer before.
 * @param {{nameOf: (from: Source) => string, follow: (from: Source) => void}} links
 * @returns {HTMLElement}
 */
export function createContributors(network, cell, { nameOf, follow }) {
  const { terms: all } = terms(network, cell.name, cell);
  const top = all.length === 1 ? [{ ...all[0], share: 1 }] : topContributors(network, cell.name, cell, COUNT);
  const [values, weights, products] = numbersOf(top, 3);
  const rows = top.map(({ from, share }, row) =>
    element("li", { style: { "--share": String(share / top[0].share) } },
      element("button", { type: "button", class: "convlab-contributor", title: "Follow: pin this cell", onclick: () => follow(from) }, nameOf(from)),
      element("span", {}, `${values[row]} × ${weights[row]}`),
      element("strong", {}, products[row])));
  const empty = rows.length === 0 ? element("p", { class: "convlab-note" }, "Every term is zero.") : null;
  return element("ol", { class: "convlab-contributors" }, rows, empty);
}

/**
 * Return the image with the pixels that a cell can be traced to.
 * @param {Network} network
 * @param {Source} cell
 * @param {import("../draw/color.js").Theme} theme
 * @returns {HTMLElement}
 */
export function createTrace(network, cell, theme) {
  const { pixels } = traceToPixels(network, cell.name, cell, TRACED);
  const canvas = createMap();
  const shape = network.program.operations[0].shape;
  drawTrace(canvas, network.output(network.program.operations[0].name), shape, pixels, theme);
  const sums = [1, -1].map((sign) => pixels.filter(({ contribution }) => contribution * sign > 0).length);
  const text = pixels.length === 0 ? "No pixel contributes." : `${sums[0]} pixels raise it, ${sums[1]} lower it (the ${TRACED} strongest cells of each layer are followed).`;
  return element("figure", { class: "convlab-trace" }, canvas, element("figcaption", {}, text));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} image
 * @param {number[]} shape (H, W, C)
 * @param {import("../engine/contributors.js").Traced[]} pixels
 * @param {import("../draw/color.js").Theme} theme
 */
function drawTrace(canvas, image, shape, pixels, theme) {
  const dimmed = image.map((value) => value * 0.45);
  drawImage(canvas, dimmed, shape);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const largest = Math.max(...pixels.map(({ contribution }) => Math.abs(contribution)), 0);
  for (const { row = 0, column = 0, contribution } of [...pixels].reverse()) {
    const shown = Math.sign(contribution) * (0.45 + (0.55 * Math.abs(contribution)) / largest) * largest;
    const [red, green, blue] = valueColor(shown, rampRange("activations", largest), "activations", theme);
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    const reach = Math.floor(shape[1] / 56); // a pixel of a photograph is hard to see
    context.fillRect(column - reach, row - reach, 2 * reach + 1, 2 * reach + 1);
  }
}
