// @ts-check
/** One column of the network: a header that says what the layer does, and its maps or its vector. */
import { describeColumn } from "./column_model.js";
import { createCells } from "./column_cells.js";
import { createMaps } from "./column_maps.js";
import { LONGEST_LIST } from "../draw/vector.js";
import { createVector } from "./column_vector.js";
import { element, setText } from "../element.js";
import { shapeText } from "../draw/numbers.js";

const NAMED = new Set(["size", "rows", "columns", "weights"]); // their formulas alone do not say what they are of

/** @typedef {import("./column_model.js").Column} Column */
/** @typedef {import("./walk.js").Place} Place */
/** @typedef {import("../engine/network.js").Network} Network */
/** @typedef {import("../engine/shapes.js").Region} Region */
/**
 * @typedef {{
 *   ramp: import("../draw/color.js").RampName, theme: import("../draw/color.js").Theme,
 *   rangeOf: (channel: number) => import("../draw/color.js").Range,
 * }} ColumnColoring
 * @typedef {{
 *   element: HTMLElement, draw: (network: Network, coloring: ColumnColoring) => void,
 *   placeAt: (event: MouseEvent) => {channel: number, row: number, column: number}|null,
 *   boxOf: (place: {channel: number, row: number, column: number}) => DOMRect|null,
 *   portOf?: (place: {channel: number, row: number, column: number}) => DOMRect|null,
 *   boxesOf: (region: Region) => import("../draw/edges.js").Box[], reveal: (channel: number) => void,
 *   targetOf: (channel: number) => Element, layout: import("../draw/vector.js").VectorLayout|null, note: (network: Network) => string,
 *   idle?: () => void,
 * }} ColumnBody Boxes are in the coordinates of the window; at a port edges arrive, if that is not the cell's box;
 *   `idle` takes away the values of an image that is no longer there.
 */

/**
 * Return a column.
 * @param {Column} column
 * @param {(count: number) => void} onChange Called when the column shows other maps, see column_maps.js.
 * @returns {ColumnBody}
 */
export function createColumn(column, onChange) {
  const body = bodyOf(column, onChange);
  const note = element("p", { class: "convlab-column-note", hidden: column.pixelRange !== null }); // of pixels there is none
  const shown = element(
    "section",
    { class: `convlab-column convlab-column-${kindOf(column)}`, "aria-label": describeColumn(column) },
    element(
      "header",
      { class: "convlab-column-header" },
      element("h3", { title: column.output.name }, column.group ? element("small", {}, breakable(`${column.group}/`)) : null, breakable(column.title)),
      element("p", { class: "convlab-column-type" }, breakable(column.type)),
      shapesOf(column).map(([label, shape]) => element("p", { class: "convlab-column-shape" }, element("span", {}, label), shape)),
      column.formulas.map(({ label, text }) => element("p", { class: "convlab-column-formula", title: label },
        NAMED.has(label) ? `${label} ${text}` : text)),
      note,
    ),
    body.element,
  );
  return {
    ...body,
    element: shown,
    idle() {
      body.idle?.();
      setText(note, "");
    },
    draw(network, coloring) {
      body.draw(network, coloring);
      setText(note, body.note(network));
    },
  };
}

/** @param {Column} column @returns {string[][]} */
function shapesOf({ inputShape, output }) {
  const shapes = [["out", shapeText(output.shape)]];
  return inputShape === null ? shapes : [["in", shapeText(inputShape)], ...shapes];
}

/** Return a long name with the places where it may be broken. @param {string} name */
function breakable(name) {
  return name.split(/(?<=[a-z])(?=[A-Z])|(?<=_)/).flatMap((word, index) => (index === 0 ? [word] : [element("wbr"), word]));
}

/** @param {Column} column */
function kindOf(column) {
  if (column.isVector) return column.channels <= LONGEST_LIST ? "cells" : "vector";
  return "maps";
}

/** @param {Column} column @param {(count: number) => void} onChange @returns {ColumnBody} */
function bodyOf(column, onChange) {
  const kind = kindOf(column);
  if (kind === "cells") return createCells(column);
  return kind === "vector" ? createVector(column) : createMaps(column, onChange);
}

/**
 * Return the width of a column, for the grid of all.
 * @param {ColumnBody} body
 * @param {number} index
 * @param {number} count Of all columns.
 * @returns {string}
 */
export function trackOf({ layout }, index, count) {
  if (index === 0) return "92px";
  return index === count - 1 || layout?.cell === 0 ? "minmax(96px, 132px)" : "minmax(var(--least), var(--most))"; // a list has names, too
}
