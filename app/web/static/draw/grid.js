// @ts-check
/** A small grid of values: cells with their numbers in them if there is room, a map otherwise. */
import { createMap, drawMap } from "./map.js";
import { cssColor, textColor, valueColor } from "./color.js";
import { gridNumbers } from "./numbers.js";
import { setProperties } from "../element.js";

/** @typedef {import("./map.js").Coloring} Coloring */

/** Width of a cell, in CSS pixels, that holds a number of two digits. */
const READABLE = 26;
const ROOMY = 44;

/**
 * Return a grid.
 * @param {(number|null)[]} values Row by row; null where there is no value.
 * @param {{rows: number, columns: number, side: number, label?: string, marked?: number, decimals?: number}} size
 *   `side` is the longer side in CSS pixels, `marked` a cell with a frame, `decimals` the digits after the point.
 * @param {Coloring} coloring
 * @returns {HTMLElement}
 */
export function createGrid(values, { rows, columns, side, label = "", marked = -1, decimals }, coloring) {
  const cell = side / Math.max(rows, columns);
  const grid = document.createElement("div");
  grid.className = "convlab-grid";
  if (label) setProperties(grid, { role: "img", "aria-label": label });
  else grid.setAttribute("aria-hidden", "true"); // a part of a picture that has a label
  grid.style.width = `${cell * columns}px`;
  if (cell >= READABLE || (marked >= 0 && cell >= 8)) fillWithCells(grid, values, { columns, cell, marked, decimals }, coloring);
  else grid.append(mapOf(values, rows, columns, coloring));
  return grid;
}

/**
 * @param {HTMLElement} grid
 * @param {(number|null)[]} values
 * @param {{columns: number, cell: number, marked: number, decimals?: number}} size
 * @param {Coloring} coloring
 */
function fillWithCells(grid, values, { columns, cell, marked, decimals }, { range, ramp, theme }) {
  grid.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  const texts = cell >= READABLE ? gridNumbers(values, decimals) : [];
  values.forEach((value, index) => {
    const shown = document.createElement("span");
    shown.style.height = `${cell}px`;
    if (value !== null && !Number.isNaN(value)) {
      const color = valueColor(value, range, ramp, theme);
      shown.style.backgroundColor = cssColor(color);
      shown.style.color = textColor(color);
      if (cell >= READABLE) shown.textContent = texts[index];
      if (cell >= ROOMY && decimals === undefined) shown.style.fontSize = "13px";
    }
    if (index === marked) shown.className = "convlab-marked";
    grid.append(shown);
  });
}

/**
 * @param {(number|null)[]} values
 * @param {number} rows
 * @param {number} columns
 * @param {Coloring} coloring
 */
function mapOf(values, rows, columns, coloring) {
  const data = new Float32Array(rows * columns).fill(Number.NaN);
  values.forEach((value, index) => { data[index] = value ?? Number.NaN; });
  const canvas = createMap();
  drawMap(canvas, data, { height: rows, width: columns, channels: 1, channel: 0 }, coloring);
  return canvas;
}
