// @ts-check
/** The volumes of the convolution demo: input, filters and output as grids of numbers, one cell of the output marked. */

import { createNumberGrid, factor, signed } from "../draw/number_grid.js";
import { element, setText } from "../element.js";

/**
 * @param {import("../play/volumes.js").DemoLayer} layer
 * @param {import("../play/volumes.js").DemoStep[]} steps
 * @returns {{element: HTMLElement, show: (index: number) => void}}
 */
export function createDemoVolumes(layer, steps) {
  const { padded, filters, biases } = layer;
  const [height, width, depth] = [padded.length, padded[0].length, padded[0][0].length];
  const side = filters[0].length;
  const last = steps[steps.length - 1];
  const slices = Array.from({ length: depth }, (_, channel) => createNumberGrid(`x[:, :, ${channel}]`, height, width));
  const kernels = filters.map((_, index) => Array.from({ length: depth }, (_, channel) => createNumberGrid(`w${index}[:, :, ${channel}]`, side, side)));
  const outputs = filters.map((_, index) => createNumberGrid(`o[:, :, ${index}]`, last.row + 1, last.column + 1));
  slices.forEach((grid, channel) => grid.fill(padded.map((line) => line.map((cell) => cell[channel]))));
  kernels.forEach((grids, index) => grids.forEach((grid, channel) => grid.fill(filters[index].map((line) => line.map((cell) => cell[channel])))));
  markPadding(slices, layer.padding);
  const columns = [
    volume("Input", `${width}×${height}×${depth} with its padding`, slices.map((grid) => grid.element)),
    ...kernels.map((grids, index) => volume(`Filter w${index}`, `bias ${signed(biases[index])}`, grids.map((grid) => grid.element))),
    volume("Output", `${last.column + 1}×${last.row + 1}×${filters.length}`, outputs.map((grid) => grid.element)),
  ];
  const equation = element("ol", { class: "convlab-demo-sums", "aria-live": "off" });
  return {
    element: element("div", { class: "convlab-demo-body" },
      element("div", { class: "convlab-demo-volumes", tabIndex: 0, role: "group", "aria-label": "Volumes of the demo" }, columns), equation),
    show(index) {
      const step = steps[index];
      slices.forEach((grid) => mark(grid.cells, (row, column) => inWindow(step, side, row, column)));
      kernels.forEach((grids, filter) => {
        columns[1 + filter].classList.toggle("convlab-active", filter === step.filter);
        grids.forEach((grid) => mark(grid.cells, () => filter === step.filter));
      });
      outputs.forEach((grid, filter) => {
        const numbers = grid.cells.map((line) => line.map(() => /** @type {number | null} */ (null)));
        for (const done of steps.slice(0, index + 1)) if (done.filter === filter) numbers[done.row][done.column] = done.value;
        grid.fill(numbers);
        mark(grid.cells, (row, column) => filter === step.filter && row === step.row && column === step.column);
      });
      showSums(equation, layer, step);
    },
  };
}

/** @param {string} title @param {string} note @param {HTMLElement[]} grids */
function volume(title, note, grids) {
  return element("div", { class: "convlab-demo-volume" }, element("h3", {}, title), element("small", {}, note), grids);
}

/** @param {import("../play/volumes.js").DemoStep} step @param {number} side @param {number} row @param {number} column */
function inWindow({ top, left }, side, row, column) {
  return row >= top && row < top + side && column >= left && column < left + side;
}

/** @param {HTMLElement[][]} cells @param {(row: number, column: number) => boolean} isMarked */
function mark(cells, isMarked) {
  cells.forEach((line, row) => line.forEach((cell, column) => cell.classList.toggle("convlab-marked", isMarked(row, column))));
}

/** @param {{cells: HTMLElement[][]}[]} slices @param {number} padding */
function markPadding(slices, padding) {
  for (const { cells } of slices) {
    cells.forEach((line, row) => line.forEach((cell, column) => {
      const inside = Math.min(row, column, cells.length - 1 - row, line.length - 1 - column) >= padding;
      cell.classList.toggle("convlab-zero", !inside);
    }));
  }
}

/** Every product of the marked cell, slice by slice, and the sum. @param {HTMLElement} list @param {import("../play/volumes.js").DemoLayer} layer @param {import("../play/volumes.js").DemoStep} step */
function showSums(list, { padded, filters, biases }, step) {
  const lines = step.sums.map((sum, channel) => {
    const products = filters[step.filter].flatMap((line, y) =>
      line.map((weights, x) => `${factor(padded[step.top + y][step.left + x][channel])}·${factor(weights[channel])}`));
    return [`slice ${channel}`, `${products.join(" + ")} = `, signed(sum)];
  });
  const terms = [...step.sums.map(factor), `bias ${signed(biases[step.filter])}`].join(" + ");
  lines.push([`o[${step.row}, ${step.column}, ${step.filter}]`, `${terms} = `, signed(step.value)]);
  while (list.childElementCount > lines.length) list.lastElementChild?.remove();
  while (list.childElementCount < lines.length) list.append(element("li", {}, element("code"), element("span"), element("b")));
  lines.forEach((parts, index) => parts.forEach((text, part) => setText(list.children[index].children[part], text)));
}
