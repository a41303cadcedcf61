// @ts-check
/** The columns of a network: one for each layer, from the input to the answer. No DOM. */
import { countText, shapeText } from "../draw/numbers.js";
import { formulasOf } from "./column_formula.js";
import { mapShape, sizeOf } from "../engine/shapes.js";

/** @typedef {import("../engine/program.js").Operation} Operation */
/** @typedef {import("../engine/program.js").Program} Program */
/** @typedef {import("../draw/color.js").Range} Range */
/**
 * @typedef {{
 *   key: string, title: string, group: string, type: string, operations: Operation[], output: Operation,
 *   inputs: string[], inputShape: number[]|null, height: number, width: number, channels: number,
 *   isVector: boolean, pixelRange: Range|null, isAnswer: boolean, formulas: import("./column_formula.js").Formula[],
 *   labels: string[]|null,
 * }} Column `pixelRange` where the values are the pixels of the image, only rescaled or moved.
 */

const MOVING = new Set(["pad", "crop", "flatten", "reshape", "dropout", "upsample"]);
const PROBABILITIES = new Set(["softmax", "sigmoid"]);

/**
 * Return the columns of a program.
 * @param {Program} program
 * @returns {Column[]}
 */
export function columnsOf(program) {
  /** @type {Map<string, Range|null>} */
  const ranges = new Map();
  for (const operation of program.operations) ranges.set(operation.name, pixelRangeOf(operation, ranges));
  return groupByLayer(program.operations).map((operations, index, groups) =>
    columnOf(program, operations, ranges, index === groups.length - 1));
}

/**
 * Return the column of every operation.
 * @param {Column[]} columns
 * @returns {Map<string, number>} Name of an operation -> index of its column.
 */
export function columnIndices(columns) {
  return new Map(columns.flatMap((column, index) => column.operations.map(({ name }) => [name, index])));
}

/**
 * Return the text of a column for those who do not see it.
 * @param {Column} column
 * @returns {string}
 */
export function describeColumn(column) {
  const input = column.inputShape ? `input ${shapeText(column.inputShape)}, ` : "";
  const formulas = column.formulas.map(({ label, text }) => `${label} ${text}`).join("; ");
  return `${column.title}, ${column.type}: ${input}output ${shapeText(column.output.shape)}${formulas ? `; ${formulas}` : ""}`;
}

/**
 * Return a name for a map or a unit of a column.
 * @param {Column} column
 * @param {number} channel
 * @returns {string}
 */
export function channelName(column, channel) {
  if (column.labels) return `“${column.labels[channel]}”`;
  if (column.pixelRange && column.channels === 3 && !column.isVector) return ["red", "green", "blue"][channel];
  return `${column.isVector ? "unit" : "map"} ${countText(channel)}`;
}

/**
 * @param {Operation[]} operations
 * @returns {Operation[][]} Neighbours of one layer together.
 */
function groupByLayer(operations) {
  /** @type {Operation[][]} */
  const groups = [];
  for (const operation of operations) {
    const last = groups[groups.length - 1];
    const same = last !== undefined && last[0].layer === operation.layer && operation.inputs.includes(last[last.length - 1].name);
    if (same) last.push(operation);
    else groups.push([operation]);
  }
  return groups;
}

/**
 * @param {Program} program
 * @param {Operation[]} operations
 * @param {Map<string, Range|null>} ranges
 * @param {boolean} isLast
 * @returns {Column}
 */
function columnOf(program, operations, ranges, isLast) {
  const [first, output] = [operations[0], operations[operations.length - 1]];
  const [height, width, channels] = mapShape(output.shape);
  const path = (first.layer || first.name).split("/");
  const input = first.inputs.length > 0 ? program.byName.get(first.inputs[0]) : undefined;
  const isProbability = output.kind === "activation" && PROBABILITIES.has(output.attributes.function);
  const isVector = height * width === 1;
  return {
    key: output.name,
    title: path[path.length - 1],
    group: path.slice(0, -1).join("/"),
    type: first.kind === "input" ? "Input" : first.layerType,
    operations,
    output,
    inputs: first.inputs,
    inputShape: input?.shape ?? null,
    height,
    width,
    channels,
    isVector,
    pixelRange: ranges.get(output.name) ?? null,
    isAnswer: isLast && isProbability,
    formulas: operations.flatMap((operation) => formulasOf(operation, program.byName.get(operation.inputs[0])?.shape ?? [])),
    labels: isLast && isVector && channels === program.classes.length ? program.classes : null,
  };
}

/**
 * Return the range of the values of an operation if they are pixels, rescaled or moved at most.
 * @param {Operation} operation
 * @param {Map<string, Range|null>} ranges Of the operations before it.
 * @returns {Range|null}
 */
function pixelRangeOf({ kind, inputs, attributes }, ranges) {
  if (kind === "input") return { low: 0, high: 255 };
  const before = ranges.get(inputs[0]) ?? null;
  if (before === null || MOVING.has(kind)) return before;
  const { scale, offset } = attributes;
  if (kind !== "rescale" || typeof scale !== "number" || typeof offset !== "number" || scale <= 0) return null;
  return { low: before.low * scale + offset, high: before.high * scale + offset };
}

/**
 * Return whether a column has more values than its maps show one by one.
 * @param {Column} column
 * @returns {number} Values.
 */
export function valuesOf(column) {
  return sizeOf(column.output.shape);
}
