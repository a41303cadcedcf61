// @ts-check
/** The columns of a network: one for each layer, from the input to the answer. No DOM. */
import { countText, shapeText } from "../draw/numbers.js";
import { formulasOf } from "./column_formula.js";
import { mapShape } from "../engine/shapes.js";

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
/** @type {Record<string, string>} Layers of this program that compute exactly what one of Keras does, faster. */
const SAME_ARITHMETIC = { FusedBatchNormalization: "BatchNormalization" };
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
 * Return which map of a column a label names, for the captions below maps.
 * @param {Column} column
 * @param {number} channel
 */
export function captionOf(column, channel) {
  if (column.labels) return column.labels[channel];
  return column.pixelRange && column.channels === 1 ? "" : channelName(column, channel).replace("map ", "");
}

/**
 * @param {Operation[]} operations
 * @returns {Operation[][]} A layer and its activation together.
 */
function groupByLayer(operations) {
  /** @type {Operation[][]} */
  const groups = [];
  for (const operation of operations) {
    const last = groups[groups.length - 1];
    if (last !== undefined && operation.name.startsWith(`${last[0].name}:`)) last.push(operation);
    else groups.push([operation]);
  }
  return groups;
}

/**
 * Return the type of a column: that of its layer, or of its operation if the layer is made of several.
 * @param {Operation} operation
 */
function typeOf({ name, kind, layer, layerType }) {
  if (kind === "input") return "Input";
  if (!name.startsWith(`${layer}/`)) return SAME_ARITHMETIC[layerType] ?? layerType;
  if (kind === "normalize") return "BatchNormalization";
  return kind.split("_").map((word) => word[0].toUpperCase() + word.slice(1)).join("");
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
  const path = first.name.split("/");
  const input = first.inputs.length > 0 ? program.byName.get(first.inputs[0]) : undefined;
  const isProbability = output.kind === "activation" && PROBABILITIES.has(output.attributes.function);
  const isVector = height * width === 1;
  return {
    key: output.name,
    title: path[path.length - 1],
    group: path.slice(0, -1).join("/"),
    type: typeOf(first),
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
    labels: isLast && isVector ? labelsOf(program.classes, channels) : null,
  };
}

/**
 * @param {string[]} classes
 * @param {number} units One unit is the probability of the second of two classes.
 */
function labelsOf(classes, units) {
  if (classes.length === units) return classes;
  return classes.length === 2 && units === 1 ? [classes[1]] : null;
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
