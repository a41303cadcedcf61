// @ts-check
/** What a layer computes, as short formulas with its own numbers. No DOM. */
import { countText, shapeText, shortNumber } from "../draw/numbers.js";

/** @typedef {import("../engine/program.js").Operation} Operation */
/** @typedef {{label: string, text: string}} Formula Short text, and what it means. */

/** @type {Record<string, (operation: Operation, input: number[]) => Formula[]>} */
const FORMULAS = {
  rescale: ({ attributes }) => [{ label: "value", text: rescaleText(attributes) }],
  conv: (operation, input) => [...windowSizes(operation, input), kernelCount(operation)],
  depthwise: (operation, input) => [...windowSizes(operation, input), kernelCount(operation)],
  local: (operation, input) => [...windowSizes(operation, input), kernelCount(operation)],
  dense: (operation) => [kernelCount(operation)],
  max_pool: (operation, input) => [...windowSizes(operation, input), { label: "cell", text: `max of ${windowText(operation)}` }],
  average_pool: (operation, input) => [...windowSizes(operation, input), { label: "cell", text: `mean of ${windowText(operation)}` }],
  l2_pool: (operation, input) => [...windowSizes(operation, input), { label: "cell", text: `√Σx² of ${windowText(operation)}` }],
  global_average: (_, input) => [{ label: "unit", text: `mean of ${input.slice(0, -1).join("×")}` }],
  global_max: (_, input) => [{ label: "unit", text: `max of ${input.slice(0, -1).join("×")}` }],
  normalize: () => [{ label: "cell", text: "γ·(x − μ)/√(σ² + ε) + β" }],
  layer_normalize: () => [{ label: "cell", text: "γ·(x − mean)/deviation + β" }],
  activation: ({ attributes }) => [{ label: "cell", text: activationText(attributes.function) }],
  flatten: (_, input) => [{ label: "units", text: `${input.join("·")} = ${countText(product(input))}` }],
  reshape: (operation, input) => [{ label: "shape", text: `${shapeText(input)} → ${shapeText(operation.shape)}` }],
  dropout: ({ attributes }) => [{ label: "dropout", text: `drops ${Math.round(attributes.rate * 1000) / 10}% in training` }],
  add: ({ inputs }) => [{ label: "cell", text: inputs.map(shortName).join(" + ") }],
  subtract: ({ inputs }) => [{ label: "cell", text: inputs.map(shortName).join(" − ") }],
  multiply: ({ inputs }) => [{ label: "cell", text: inputs.map(shortName).join(" · ") }],
  concatenate: ({ inputs }) => [{ label: "maps", text: inputs.map(shortName).join(", ") }],
  upsample: ({ attributes }) => [{ label: "cell", text: `repeated ${attributes.size.join("×")}` }],
  pad: ({ attributes: { top, bottom, left, right } }) => [{ label: "padding", text: `${top}, ${bottom}, ${left}, ${right} zeros` }],
};

/**
 * Return the formulas of an operation.
 * @param {Operation} operation
 * @param {number[]} input Shape of its first input.
 * @returns {Formula[]}
 */
export function formulasOf(operation, input) {
  const write = Object.hasOwn(FORMULAS, operation.kind) ? FORMULAS[operation.kind] : null;
  return write === null ? [] : write(operation, input);
}

/**
 * Return how the size of an output follows from the size of an input.
 * @param {number} size
 * @param {{kernel: number, dilation: number, before: number, after: number, stride: number}} window
 * @returns {{text: string, result: number}}
 */
export function sizeFormula(size, { kernel, dilation, before, after, stride }) {
  const reach = (kernel - 1) * dilation + 1;
  const padding = before === after ? (before === 0 ? "" : ` + 2·${before}`) : ` + ${before + after}`;
  const exact = (size + before + after - reach) / stride;
  const result = Math.floor(exact) + 1;
  const [open, close] = Number.isInteger(exact) ? ["", ""] : ["⌊", "⌋"];
  const difference = `${size}${padding} − ${reach}`;
  const quotient = stride === 1 ? difference : `(${difference})/${stride}`;
  return { text: `${open}${quotient}${close} + 1 = ${result}`, result };
}

/**
 * Return the number of weights of an operation, as a product with the operation's own numbers.
 * @param {Operation} operation
 * @returns {Formula}
 */
function kernelCount({ weights: { kernel, bias } }) {
  const total = product(kernel.shape) + (bias ? product(bias.shape) : 0);
  const biases = bias ? ` + ${bias.shape.join("·")}` : "";
  return { label: "weights", text: `${kernel.shape.join("·")}${biases} = ${countText(total)}` };
}

/**
 * @param {Operation} operation
 * @param {number[]} input
 * @returns {Formula[]}
 */
function windowSizes(operation, input) {
  const [rows, columns] = [0, 1].map((axis) => sizeFormula(input[axis], windowAlong(operation, axis)));
  if (rows.text === columns.text) return [{ label: "size", text: rows.text }];
  return [{ label: "rows", text: rows.text }, { label: "columns", text: columns.text }];
}

/**
 * @param {Operation} operation
 * @param {number} axis
 */
function windowAlong({ kind, attributes, weights }, axis) {
  const size = attributes.size ?? weights.kernel.shape.slice(kind === "local" ? 2 : 0);
  const [before, after] = (attributes.padding ?? [0, 0, 0, 0]).slice(axis * 2, axis * 2 + 2);
  return { kernel: size[axis], dilation: attributes.dilation?.[axis] ?? 1, before, after, stride: attributes.strides?.[axis] ?? 1 };
}

/** @param {Operation} operation */
function windowText({ attributes }) {
  return attributes.size.join("×");
}

/** @param {{scale: number|number[], offset: number|number[]}} attributes */
function rescaleText({ scale, offset }) {
  if (typeof scale !== "number" || typeof offset !== "number") return "scaled, channel by channel";
  const inverse = 1 / scale;
  const halves = Math.round(2 * inverse); // of a divisor such as 127.5
  const scaled = scale < 1 && Math.abs(2 * inverse - halves) < 1e-3 ? `x / ${halves / 2}` : `${shortNumber(scale)}·x`;
  const summand = Number.isInteger(offset) ? countText(Math.abs(offset)) : shortNumber(Math.abs(offset));
  return offset === 0 ? scaled : `${scaled} ${offset < 0 ? "−" : "+"} ${summand}`;
}

/**
 * Return an activation function as a formula, or its name.
 * @param {string} name
 * @returns {string}
 */
export function activationText(name) {
  const formulas = { relu: "max(0, x)", sigmoid: "1/(1 + e⁻ˣ)", softmax: "eˣ / Σ eˣ", tanh: "tanh x", linear: "x" };
  return formulas[/** @type {keyof typeof formulas} */ (name)] ?? name;
}

/** @param {string} name Of an operation. */
function shortName(name) {
  return name.split("/").slice(-1)[0].split(":")[0];
}

/** @param {number[]} sizes */
function product(sizes) {
  return sizes.reduce((result, size) => result * size, 1);
}
