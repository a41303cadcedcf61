// @ts-check
/** Places in the network and the steps between them, by keys. No DOM. */
import { vectorIndex } from "../draw/vector.js";

/** @typedef {import("./column_model.js").Column} Column */
/** @typedef {import("../draw/vector.js").VectorLayout} VectorLayout */
/** @typedef {{index: number, channel: number, row: number, column: number}} Place Column of the network and cell in it. */

/** Keys that move, as ARIA names them. */
export const KEY_SHORTCUTS = "ArrowUp ArrowDown ArrowLeft ArrowRight Shift+ArrowUp Shift+ArrowDown Shift+ArrowLeft Shift+ArrowRight PageUp PageDown Home End Enter Escape";

/**
 * Return where a key leads.
 *
 * Arrows move by one cell; beyond the edge of a map they lead on to the next map or layer. With
 * Shift, up and down move by one map, left and right by one layer; Home and End lead to the input
 * and the answer.
 * @param {Column[]} columns
 * @param {(index: number) => VectorLayout} layoutOf How the vector of a column is laid out.
 * @param {Place} place
 * @param {{key: string, shiftKey: boolean}} event
 * @returns {Place|null} Null if the key does not move.
 */
export function moveBy(columns, layoutOf, place, { key, shiftKey }) {
  if (key === "Home") return placeIn(columns, 0, place);
  if (key === "End") return placeIn(columns, columns.length - 1, place);
  if (key === "PageUp" || (shiftKey && key === "ArrowUp")) return otherMap(columns, place, -1);
  if (key === "PageDown" || (shiftKey && key === "ArrowDown")) return otherMap(columns, place, 1);
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  if (step === undefined) return null;
  if (shiftKey) return placeIn(columns, place.index + step[1], place);
  const inside = columns[place.index].isVector ? unitStep(columns, layoutOf, place, step) : cellStep(columns, place, step);
  return inside ?? (step[0] === 0 ? placeIn(columns, place.index + step[1], place) : otherMap(columns, place, step[0]));
}

/**
 * Return the place in another column that corresponds to a place: the same share of height and width.
 * @param {Column[]} columns
 * @param {number} index Clipped to the network.
 * @param {Place} place
 * @returns {Place}
 */
export function placeIn(columns, index, place) {
  const target = Math.min(Math.max(index, 0), columns.length - 1);
  const [from, to] = [columns[place.index], columns[target]];
  const share = (/** @type {number} */ position, /** @type {number} */ size, /** @type {number} */ other) =>
    Math.min(Math.floor(((position + 0.5) / size) * other), other - 1);
  return {
    index: target,
    channel: target === place.index ? place.channel : Math.min(place.channel, to.channels - 1),
    row: share(place.row, from.height, to.height),
    column: share(place.column, from.width, to.width),
  };
}

/**
 * Return a place with its cell inside its column; an address may name any.
 * @param {Column[]} columns
 * @param {Place} place
 * @returns {Place}
 */
export function clippedPlace(columns, place) {
  const index = Math.min(Math.max(place.index, 0), columns.length - 1);
  const clip = (/** @type {number} */ value, /** @type {number} */ size) => Math.min(Math.max(Math.trunc(value) || 0, 0), size - 1);
  const { channels, height, width } = columns[index];
  return { index, channel: clip(place.channel, channels), row: clip(place.row, height), column: clip(place.column, width) };
}

/**
 * Return whether two places are the same cell.
 * @param {Place|null} a
 * @param {Place|null} b
 * @returns {boolean}
 */
export function samePlace(a, b) {
  if (a === null || b === null) return a === b;
  return a.index === b.index && a.channel === b.channel && a.row === b.row && a.column === b.column;
}

/** @param {Column[]} columns @param {Place} place @param {number} step @returns {Place} */
function otherMap(columns, place, step) {
  const channel = place.channel + step;
  return channel < 0 || channel >= columns[place.index].channels ? place : { ...place, channel };
}

/** @param {Column[]} columns @param {Place} place @param {number[]} step @returns {Place|null} */
function cellStep(columns, place, step) {
  const [row, column] = [place.row + step[0], place.column + step[1]];
  const { height, width } = columns[place.index];
  return row < 0 || column < 0 || row >= height || column >= width ? null : { ...place, row, column };
}

/** @param {Column[]} columns @param {(index: number) => VectorLayout} layoutOf @param {Place} place @param {number[]} step @returns {Place|null} */
function unitStep(columns, layoutOf, place, step) {
  const layout = layoutOf(place.index);
  const [row, column] = [Math.floor(place.channel / layout.columns), place.channel % layout.columns];
  const channel = vectorIndex(layout, columns[place.index].channels, row + step[0], column + step[1]);
  if (channel !== null) return { ...place, channel };
  return step[0] === 0 ? null : place; // there is no map above or below a vector
}
