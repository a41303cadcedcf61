// @ts-check
/** Dense, locally connected and convolutional: the same cell side by side, with its neighbours' kernels. */
import { channelName } from "./column_model.js";
import { countText, shortNumber } from "../draw/numbers.js";
import { createGrid } from "../draw/grid.js";
import { createMap, drawImage } from "../draw/map.js";
import { element } from "../element.js";
import { kernelOf, weightCounts } from "./compare_model.js";
import { patchesOf } from "./card_model.js";
import { rampRange } from "../draw/color.js";
import { receptiveField } from "../engine/receptive.js";
import { stepsOf } from "./probe.js";

/** @typedef {import("./compare_model.js").Counterpart} Counterpart */

const SIDE = 104;
const KERNEL = 32;
const NAMES = { dense: "Dense", local: "Local", conv: "Convolution" };

/**
 * Return the comparison.
 * @param {Counterpart[]} counterparts
 * @param {import("../draw/color.js").Theme} theme
 * @returns {HTMLElement}
 */
export function createComparison(counterparts, theme) {
  return element("div", { class: "convlab-compare" }, counterparts.map((one) => panelOf(one, theme)));
}

/**
 * @param {Counterpart} counterpart
 * @param {import("../draw/color.js").Theme} theme
 */
function panelOf(counterpart, theme) {
  const { kind, network, columns, place } = counterpart;
  const column = columns[place.index];
  const steps = stepsOf(network, column, place);
  const where = column.isVector ? ": it has no place, it sees everything" : `, row ${place.row}, column ${place.column}`;
  return element("section", { "aria-label": NAMES[kind] },
    element("h4", {}, NAMES[kind]),
    element("p", {}, `${network.program.name} ${column.title}, ${channelName(column, place.channel)}${where}`),
    pictureOf(counterpart),
    neighboursOf(counterpart, steps[0], theme),
    element("p", {}, weightsText(kind, column.operations[0])),
    element("p", {}, `${countText(steps[0].terms.length)} products + bias = ${shortNumber(steps[0].sum)}`),
    element("p", { class: "convlab-compare-value" }, shortNumber(steps[steps.length - 1].value)));
}

/** The image with the part of it that the cell sees. @param {Counterpart} counterpart */
function pictureOf({ network, columns, place }) {
  const input = network.program.operations[0];
  const [height, width] = input.shape;
  const canvas = createMap();
  drawImage(canvas, network.output(input.name), input.shape);
  const { top, left, bottom, right } = receptiveField(network.program, columns[place.index].output.name, place).get(input.name)
    ?? { top: 0, left: 0, bottom: -1, right: -1 };
  const share = (/** @type {number} */ part, /** @type {number} */ whole) => `${(100 * part) / whole}%`;
  const frame = element("span", {
    class: "convlab-compare-frame",
    style: { left: share(left, width), top: share(top, height), width: share(right - left + 1, width), height: share(bottom - top + 1, height) },
  });
  const label = `sees rows ${top} to ${bottom} and columns ${left} to ${right} of the image`;
  return element("div", { class: "convlab-compare-picture", role: "img", "aria-label": label, style: { width: `${SIDE}px` } }, canvas, frame);
}

/**
 * Return the kernels of the cell and of the eight cells around it, for the channel that counts most.
 * @param {Counterpart} counterpart
 * @param {import("./probe.js").CellSum} sum
 * @param {import("../draw/color.js").Theme} theme
 */
function neighboursOf({ kind, network, columns, place }, sum, theme) {
  const operation = columns[place.index].operations[0];
  const patches = patchesOf(network.program, sum);
  const strongest = patches.reduce((best, patch) => (patch.magnitude > best.magnitude ? patch : best));
  const cells = neighbourCells(columns[place.index], place);
  const kernels = cells.map((cell) => cell && kernelOf(network, operation, cell, strongest.channel ?? 0));
  const largest = kernels.reduce((most, kernel) => (kernel ? Math.max(most, ...kernel.weights.map(Math.abs)) : most), 0);
  const coloring = { ramp: /** @type {const} */ ("weights"), range: rampRange("weights", largest), theme };
  const grids = kernels.map((kernel, index) => {
    if (kernel === null) return element("span");
    const grid = createGrid(kernel.weights, { rows: kernel.rows, columns: kernel.columns, side: KERNEL }, coloring);
    if (isSame(cells[index], place)) grid.classList.add("convlab-own");
    return grid;
  });
  const label = kind === "conv" ? "the cells around it use the same kernel" : "the cells around it have kernels of their own";
  return element("div", { class: "convlab-compare-kernels", role: "img", "aria-label": `Kernel of the cell; ${label}` }, grids);
}

/**
 * @param {import("./column_model.js").Column} column
 * @param {import("./walk.js").Place} place
 * @returns {({row: number, column: number, channel: number}|null)[]} Nine cells, one of which is the place itself.
 */
function neighbourCells({ height, width, channels, isVector }, { row, column, channel }) {
  return Array.from({ length: 9 }, (_, index) => {
    const [down, across] = [Math.floor(index / 3) - 1, (index % 3) - 1];
    if (isVector) {
      const unit = Math.max(Math.min(channel - 4, channels - 9), 0) + index;
      return unit < channels ? { row, column, channel: unit } : null;
    }
    const cell = { row: row + down, column: column + across, channel };
    return cell.row >= 0 && cell.row < height && cell.column >= 0 && cell.column < width ? cell : null;
  });
}

/** @param {{row: number, column: number, channel: number}|null} cell @param {import("./walk.js").Place} place */
function isSame(cell, { row, column, channel }) {
  return cell !== null && cell.row === row && cell.column === column && cell.channel === channel;
}

/** @param {"dense"|"local"|"conv"} kind @param {import("../engine/program.js").Operation} operation */
function weightsText(kind, operation) {
  const { perCell, perMap, cells } = weightCounts(operation);
  if (kind === "dense") return `${countText(perCell)} weights of its own`;
  if (kind === "conv") return `${countText(perCell)} weights, shared by all ${countText(cells)} cells of the map`;
  return `${countText(perCell)} weights of its own; ${countText(perMap)} in the map`;
}
