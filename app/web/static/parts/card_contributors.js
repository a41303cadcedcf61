// @ts-check
/** What contributes most to a cell: its largest terms, which can be followed, and the pixels behind them. */
import { createMap } from "../draw/map.js";
import { createOverlayLegend } from "../draw/overlay_legend.js";
import { drawDimmed, overlayColor } from "../draw/overlay.js";
import { element } from "../element.js";
import { numbersOf } from "./card_table.js";
import { terms } from "../engine/terms.js";
import { topContributors, traceToPixels } from "../engine/contributors.js";

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
      element("button", { type: "button", class: "convlab-contributor", title: "Pin this cell", onclick: () => follow(from) }, nameOf(from)),
      element("span", {}, `${values[row]} × ${weights[row]}`),
      element("strong", {}, products[row])));
  if (rows.length === 0) return element("p", { class: "convlab-note" }, "Every term is zero.");
  const head = element("p", { class: "convlab-contributors-head" }, element("span", {}, "cell"), element("span", {}, "value × weight"), element("span", {}, "= share"));
  return element("div", { class: "convlab-contributors" }, head, element("ol", {}, rows));
}

/**
 * Return the image with the pixels that a cell can be traced to.
 * @param {Network} network
 * @param {Source} cell
 * @returns {HTMLElement}
 */
export function createTrace(network, cell) {
  const { pixels } = traceToPixels(network, cell.name, cell, TRACED);
  const canvas = createMap();
  const [input] = network.program.operations;
  const largest = drawTrace(canvas, network.output(input.name), input.shape, pixels);
  const count = (/** @type {number} */ sign) => pixels.filter(({ contribution }) => contribution * sign > 0).length;
  const legend = createOverlayLegend({ isSigned: true, words: [`red: ${counted(count(-1))} it`, `blue: ${counted(count(1), "raise")} it`] });
  legend.update(largest);
  const note = pixels.length === 0 ? "No pixel contributes." : `Followed through the ${TRACED} strongest cells of each layer.`;
  return element("figure", { class: "convlab-trace" }, canvas, element("figcaption", {}, pixels.length === 0 ? null : legend.element, note));
}

/** @param {number} count @param {string} verb */
function counted(count, verb = "lower") {
  return count === 1 ? `1 pixel ${verb}s` : `${count} pixels ${verb}`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} image
 * @param {number[]} shape (H, W, C)
 * @param {import("../engine/contributors.js").Traced[]} pixels
 * @returns {number} The largest contribution, by magnitude.
 */
function drawTrace(canvas, image, shape, pixels) {
  drawDimmed(canvas, image, shape);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const largest = Math.max(...pixels.map(({ contribution }) => Math.abs(contribution)), 0);
  for (const { row = 0, column = 0, contribution } of [...pixels].reverse()) {
    const [red, green, blue, opacity] = overlayColor(contribution / largest, true);
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${Math.max(0.4, opacity / 255)})`;
    const reach = Math.floor(shape[1] / 56); // a pixel of a photograph is hard to see
    context.fillRect(column - reach, row - reach, 2 * reach + 1, 2 * reach + 1);
  }
  return largest;
}
