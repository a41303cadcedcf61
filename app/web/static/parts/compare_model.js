// @ts-check
/** The same cell in a dense, a locally connected and a convolutional layer. No DOM. */
import { mapBehind } from "./card_model.js";
import { placeIn } from "./walk.js";
import { receptiveField } from "../engine/receptive.js";

/** @typedef {import("./column_model.js").Column} Column */
/** @typedef {import("./walk.js").Place} Place */
/** @typedef {import("../engine/network.js").Network} Network */
/** @typedef {import("../engine/program.js").Operation} Operation */
/** @typedef {{network: Network, columns: Column[]}} Loaded */
/** @typedef {{kind: "dense"|"local"|"conv", network: Network, columns: Column[], place: Place}} Counterpart */

const NEAR = 0.1; // of the image's side, between the centers of what two cells see

/** Kinds in the order of the lecture: from a kernel for each unit to one kernel for a map. */
const KINDS = /** @type {const} */ (["dense", "local", "conv"]);

/**
 * Return the cell that corresponds to a place in a layer of each kind.
 *
 * A layer with an output of the same or the nearest height and width is chosen, best one with the same input, whose
 * cell looks at the same place of the image. A unit of a dense layer sees the whole image: the unit of the same
 * number stands beside a cell of a map, but nothing stands beside a unit.
 * @param {Loaded} current
 * @param {Place} place A cell of a layer of one of the kinds.
 * @param {Loaded[]} others
 * @returns {Counterpart[]} At most one for each kind, that of the place itself included.
 */
export function counterpartsOf(current, place, others) {
  const column = current.columns[place.index];
  const own = kindOf(column);
  if (own === null || column.isVector) return [];
  const center = centerOf(current, place);
  return KINDS.flatMap((kind) => {
    if (kind === own) return [{ kind, ...current, place }];
    const found = bestOf(kind, column, [current, ...others]);
    if (found === null) return [];
    const counterpart = { kind, ...found.loaded, place: samePlace(current.columns, place, found) };
    const isThere = kind === "dense" || centerOf(counterpart, counterpart.place).every((share, axis) => Math.abs(share - center[axis]) < NEAR);
    return isThere ? [counterpart] : [];
  });
}

/**
 * Return the kind of a layer, null for others than the three.
 * @param {Column} column
 * @returns {"dense"|"local"|"conv"|null}
 */
export function kindOf(column) {
  return KINDS.find((kind) => kind === column.operations[0].kind) ?? null;
}

/**
 * Return the kernel that a cell uses for one channel of its input.
 * @param {Network} network
 * @param {Operation} operation
 * @param {{row: number, column: number, channel: number}} cell
 * @param {number} channel Of the input.
 * @returns {{rows: number, columns: number, weights: number[]}}
 */
export function kernelOf(network, operation, cell, channel) {
  const data = network.weights(operation.name).kernel;
  const { shape } = operation.weights.kernel;
  if (operation.kind === "dense") return denseKernel(network, operation, data, cell.channel, channel);
  const [rows, columns, inputs, filters] = shape.slice(-4);
  const first = operation.kind === "local" ? (cell.row * shape[1] + cell.column) * rows * columns * inputs * filters : 0;
  const weights = Array.from({ length: rows * columns }, (_, tap) => data[first + (tap * inputs + channel) * filters + cell.channel]);
  return { rows, columns, weights };
}

/**
 * Return how many weights the cells of a map have, and whether they share them.
 * @param {Operation} operation
 * @returns {{perCell: number, perMap: number, cells: number}}
 */
export function weightCounts(operation) {
  const { shape } = operation.weights.kernel;
  if (operation.kind === "dense") return { perCell: shape[0], perMap: shape[0], cells: 1 };
  const [rows, columns, inputs] = shape.slice(-4);
  const perCell = rows * columns * inputs;
  const cells = operation.shape[0] * operation.shape[1];
  return { perCell, perMap: operation.kind === "local" ? perCell * cells : perCell, cells };
}

/**
 * @param {Network} network
 * @param {Operation} operation
 * @param {Float32Array} data (I, O)
 * @param {number} unit
 * @param {number} channel
 */
function denseKernel(network, operation, data, unit, channel) {
  const [inputs, units] = operation.weights.kernel.shape;
  const [rows, columns, channels] = mapBehind(network.program, operation.inputs[0]) ?? [1, inputs, 1];
  const weights = Array.from({ length: rows * columns }, (_, place) => data[(place * channels + channel) * units + unit]);
  return { rows, columns, weights };
}

/**
 * @param {"dense"|"local"|"conv"} kind
 * @param {Column} column
 * @param {Loaded[]} networks
 * @returns {{loaded: Loaded, index: number}|null}
 */
function bestOf(kind, column, networks) {
  /** @type {{loaded: Loaded, index: number, score: number}|null} */
  let best = null;
  for (const loaded of networks) {
    loaded.columns.forEach((other, index) => {
      if (kindOf(other) !== kind) return;
      const score = scoreOf(column, other, loaded);
      if (best === null || score > best.score) best = { loaded, index, score };
    });
  }
  return best;
}

/**
 * @param {Column} column
 * @param {Column} other
 * @param {Loaded} loaded
 */
function scoreOf(column, other, { columns }) {
  if (kindOf(other) === "dense") {
    const input = columns.find(({ output }) => output.name === other.inputs[0]);
    return (input?.pixelRange ? 1 : 0) - (other.isAnswer ? 1 : 0); // best one that looks at the image itself
  }
  const distance = Math.abs(Math.log(other.height / column.height)) + Math.abs(Math.log(other.width / column.width));
  return (String(other.inputShape) === String(column.inputShape) ? 0.01 : 0) - distance;
}

/**
 * @param {Column[]} columns
 * @param {Place} place
 * @param {{loaded: Loaded, index: number}} found
 * @returns {Place}
 */
function samePlace(columns, place, { loaded, index }) {
  const other = loaded.columns[index];
  const joined = [columns[place.index], other];
  return { ...placeIn(joined, 1, { ...place, index: 0 }), index, channel: place.channel % other.channels };
}

/** The center of what a cell sees, as shares of the image. @param {Loaded} loaded @param {Place} place @returns {number[]} */
function centerOf({ network: { program }, columns }, place) {
  const [input] = program.operations;
  const region = receptiveField(program, columns[place.index].output.name, place).get(input.name);
  if (region === undefined) return [0.5, 0.5];
  return [(region.top + region.bottom + 1) / (2 * input.shape[0]), (region.left + region.right + 1) / (2 * input.shape[1])];
}
