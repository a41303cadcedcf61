// @ts-check
/** What is shown of a cell that is pointed at: its receptive field, its edges, and one sentence. No DOM. */
import { channelName } from "./column_model.js";
import { countText, ordinal, shortNumber } from "../draw/numbers.js";
import { receptiveField } from "../engine/receptive.js";
import { terms } from "../engine/terms.js";

/** @typedef {import("./column_model.js").Column} Column */
/** @typedef {import("./walk.js").Place} Place */
/** @typedef {import("../engine/network.js").Network} Network */
/** @typedef {import("../engine/term.js").Sum & {kind: string, cell: import("../engine/shapes.js").Source}} CellSum */
/**
 * @typedef {{
 *   place: Place, value: number, steps: CellSum[], regions: Map<string, import("../engine/shapes.js").Region>,
 * }} Probe `steps` lead from the operation that looks at another column to the shown value.
 */

/**
 * Return what is known of a cell.
 * @param {Network} network A network that has run.
 * @param {Column[]} columns
 * @param {Place} place
 * @returns {Probe}
 */
export function probeCell(network, columns, place) {
  const column = columns[place.index];
  const steps = stepsOf(network, column, place);
  return {
    place,
    value: network.output(column.output.name)[valueIndex(column, place)],
    steps,
    regions: receptiveField(network.program, column.output.name, { row: place.row, column: place.column }),
  };
}

/**
 * Return the position of a cell in the values of its column.
 * @param {Column} column
 * @param {Place} place
 * @returns {number}
 */
export function valueIndex({ width, channels }, place) {
  return (place.row * width + place.column) * channels + place.channel;
}

/**
 * Return the arithmetic of a cell, operation by operation within its column.
 * @param {Network} network
 * @param {Column} column
 * @param {Place} place
 * @returns {CellSum[]}
 */
export function stepsOf(network, column, place) {
  const cell = { row: place.row, column: place.column, channel: place.channel };
  return column.operations.map(({ name }) => /** @type {CellSum} */ (terms(network, name, cell)));
}

/**
 * Return the edges of a cell to the column before it; places of the padding and weights of zero have none.
 * @param {Probe} probe
 * @returns {{from: import("../engine/shapes.js").Source, weight: number}[]}
 */
export function edgesOf({ steps: [first] }) {
  return first.terms.filter(({ padding, weight }) => !padding && weight !== 0).map(({ from, weight }) => ({ from, weight }));
}

/**
 * Return a sentence about a cell, the text of what the colors and frames show.
 * @param {Network} network
 * @param {Column[]} columns
 * @param {Probe} probe
 * @returns {string}
 */
export function describeProbe(network, columns, { place, value, regions }) {
  const column = columns[place.index];
  const where = column.isVector ? "" : `, row ${place.row}, column ${place.column}`;
  const rank = rankText(network.output(column.output.name), column, place, value);
  const field = regions.get(columns[0].output.name);
  const reach = field && place.index > 0 ? `; sees rows ${field.top}–${field.bottom}, columns ${field.left}–${field.right} of the image` : "";
  return `layer ${column.title}, ${channelName(column, place.channel)}${where}: ${shortNumber(value)}${rank}${reach}`;
}

/**
 * @param {Float32Array} data
 * @param {Column} column
 * @param {Place} place
 * @param {number} value
 */
function rankText(data, column, place, value) {
  const [start, step] = column.isVector ? [0, 1] : [place.channel, column.channels];
  const count = data.length / step;
  let [larger, equal] = [0, 0];
  for (let index = start; index < data.length; index += step) {
    if (data[index] > value) larger++;
    else if (data[index] === value) equal++;
  }
  const what = column.isVector ? "units" : "cells";
  if (equal === count) return count === 1 ? "" : `, like all ${countText(count)} ${what}`;
  const largest = larger === 0 ? "largest" : `${ordinal(larger + 1)} largest`;
  if (equal === 1) return `, ${largest} of ${countText(count)}`;
  if (larger === 0) return `, largest of ${countText(count)}, together with ${countText(equal - 1)} more`;
  return `, like ${countText(equal)} of the ${countText(count)} ${what}`;
}
