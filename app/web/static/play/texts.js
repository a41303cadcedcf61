// @ts-check
/** The lecture's terms and formulas with the numbers of the network and of the present picture. */

import { inputShapes } from "../engine/program.js";
import { receptiveField } from "../engine/receptive.js";
import { currentScores } from "../engine/predict.js";
import { fixedNumber, shapeText } from "../draw/numbers.js";

/** @typedef {{title: string, formula: string, text: string}} Reading */

/**
 * One text for each kind of layer that a network has.
 * @param {any} network It has run.
 * @param {string[]} classes
 * @param {number} index Class that is spoken of.
 * @returns {Reading[]}
 */
export function readings(network, classes, index) {
  const { program } = network;
  const first = (/** @type {string[]} */ ...kinds) => program.operations.find((/** @type {any} */ { kind }) => kinds.includes(kind));
  const convolution = first("conv");
  return [
    inputReading(program),
    convolution && convolutionReading(program, convolution),
    convolution && sharingReading(convolution),
    first("local") && localReading(first("local")),
    convolution && responseReading(network, convolution),
    reluReading(network),
    poolingReading(program, first("max_pool", "average_pool", "l2_pool")),
    receptiveReading(program),
    denseReading(program, first("dense")),
    first("dropout") && dropoutReading(first("dropout")),
    first("normalize") && { title: "Batch normalization", formula: "γ · (x − mean) / √(variance + ε) + β", text: `${first("normalize").layer} shifts and scales each of its ${count(first("normalize").shape.at(-1))} maps by statistics that were learned in training.` },
    softmaxReading(network, classes, index),
  ].filter(Boolean);
}

/** @param {any} program @returns {Reading} */
function inputReading({ image: { height, width, channels } }) {
  return { title: "Input volume", formula: "W × H × D", text: `The image is a volume of ${shapeText([width, height, channels])} = ${count(width * height * channels)} numbers from 0 to 255.` };
}

/** @param {any} program @param {any} operation @returns {Reading} */
function convolutionReading(program, operation) {
  const [[, width]] = inputShapes(program, operation);
  const { strides: [, stride], padding: [, , left, right] } = operation.attributes;
  const [, side, depth, filters] = operation.weights.kernel.shape;
  const padding = left === right ? `2·${left}` : `${left + right}`;
  const exact = (width - side + left + right) / stride + 1;
  return {
    title: "Convolution: output size", formula: "(W − F + 2P) / S + 1",
    text: `${operation.layer} slides K = ${filters} filters of F = ${side} over W = ${width} with stride S = ${stride}: (${width} − ${side} + ${padding}) / ${stride} + 1 = ${Number(exact.toFixed(2))}`
      + `${Number.isInteger(exact) ? "" : `, of which ${operation.shape[1]} whole positions are kept`}. The output is ${shapeText([operation.shape[1], operation.shape[0], operation.shape[2]])}; each filter reaches through the whole depth of ${depth}.`,
  };
}

/** @param {any} operation @returns {Reading} */
function sharingReading(operation) {
  const [height, width, depth, filters] = operation.weights.kernel.shape;
  const shared = (height * width * depth + 1) * filters;
  const [rows, columns] = operation.shape;
  return {
    title: "Parameter sharing", formula: "(F · F · D₁) · K weights and K biases",
    text: `${operation.layer} has ${height}·${width}·${depth}·${filters} + ${filters} = ${count(shared)} parameters. With weights of its own at each of ${rows}·${columns} positions it would have ${count(shared * rows * columns)}.`,
  };
}

/** @param {any} operation @returns {Reading} */
function localReading(operation) {
  const [rows, columns, height, width, depth, filters] = operation.weights.kernel.shape;
  return {
    title: "Not sharing parameters", formula: "W₂ · H₂ · (F · F · D₁ + 1) · K",
    text: `${operation.layer} is locally connected: each of ${rows}·${columns} positions has its own ${filters} filters of ${height}×${width}×${depth}, ${count(rows * columns * (height * width * depth + 1) * filters)} parameters in all.`,
  };
}

/** @param {any} network @param {any} operation @returns {Reading} */
function responseReading(network, operation) {
  const output = network.output(operation.name);
  let best = 0;
  output.forEach((/** @type {number} */ value, /** @type {number} */ place) => {
    if (value > output[best]) best = place;
  });
  const [, width, filters] = operation.shape;
  const position = Math.floor(best / filters);
  return {
    title: "Response map", formula: "one map per filter",
    text: `For this image, filter ${best % filters} of ${operation.layer} responds most: ${fixedNumber(output[best], 2)} at row ${Math.floor(position / width)}, column ${position % width}.`,
  };
}

/** @param {any} network @returns {Reading | null} */
function reluReading(network) {
  const operation = network.program.operations.find((/** @type {any} */ { kind, attributes }) => kind === "activation" && attributes.function === "relu");
  if (!operation) return null;
  const output = network.output(operation.name);
  const silent = output.filter((/** @type {number} */ value) => value === 0).length;
  return { title: "ReLU", formula: "max(0, x)", text: `After ${operation.layer}, ${(100 * silent / output.length).toFixed(0)}% of ${count(output.length)} activations are zero for this image.` };
}

/** @param {any} program @param {any} operation @returns {Reading | null} */
function poolingReading(program, operation) {
  if (!operation) return null;
  const [before] = inputShapes(program, operation);
  const { size: [, side], strides: [, stride] } = operation.attributes;
  const kept = (operation.shape[0] * operation.shape[1]) / (before[0] * before[1]);
  return {
    title: "Pooling layer", formula: "W₂ = (W₁ − F) / S + 1, D₂ = D₁",
    text: `${operation.layer} takes the ${{ max_pool: "maximum", average_pool: "mean", l2_pool: "L2 norm" }[/** @type {"max_pool"} */ (operation.kind)]} of ${side}×${side} cells with stride ${stride}: `
      + `${before[1]}×${before[0]} becomes ${operation.shape[1]}×${operation.shape[0]}. ${Math.round(100 * (1 - kept))}% of the activations are discarded, and nothing is learned.`,
  };
}

/** @param {any} program @returns {Reading | null} */
function receptiveReading(program) {
  const operation = program.operations.findLast((/** @type {any} */ { shape, kind }) => shape.length === 3 && shape[0] * shape[1] > 1 && kind !== "input");
  if (!operation) return null;
  const [row, column] = [Math.floor(operation.shape[0] / 2), Math.floor(operation.shape[1] / 2)];
  const region = receptiveField(program, operation.name, { row, column }).get(program.operations[0].name);
  if (!region) return null;
  return {
    title: "Why pooling? Receptive field", formula: "the part of the image that a cell depends on",
    text: `The middle cell of ${operation.layer} depends on ${region.right - region.left + 1}×${region.bottom - region.top + 1} of ${program.image.width}×${program.image.height} pixels: rows ${region.top}–${region.bottom}, columns ${region.left}–${region.right}.`,
  };
}

/** @param {any} program @param {any} operation @returns {Reading | null} */
function denseReading(program, operation) {
  if (!operation) return null;
  const [inputs, units] = operation.weights.kernel.shape;
  const { height, width, channels } = program.image;
  return {
    title: "Dense layer", formula: "inputs · units + units",
    text: `${operation.layer} connects each of ${count(inputs)} inputs to each of ${count(units)} units: ${count(inputs * units + units)} parameters. Directly on an image of 200×200×3, one unit would need 120,000 weights; on this one of ${shapeText([width, height, channels])}, ${count(width * height * channels)}.`,
  };
}

/** @param {any} operation @returns {Reading} */
function dropoutReading(operation) {
  const { rate } = operation.attributes;
  return {
    title: "Dropout", formula: "x · 0, or x / (1 − rate)",
    text: `${operation.layer} drops ${Math.round(100 * rate)}% of ${count(operation.shape.reduce((/** @type {number} */ product, /** @type {number} */ length) => product * length, 1))} features in training and scales the others by ${(1 / (1 - rate)).toFixed(2)}. For predictions it does nothing, unless it is switched on above.`,
  };
}

/** @param {any} network @param {string[]} classes @param {number} index @returns {Reading | null} */
function softmaxReading(network, classes, index) {
  const { operations } = network.program;
  const last = operations[operations.length - 1];
  if (last.kind !== "activation" || !["softmax", "sigmoid"].includes(last.attributes.function)) return null;
  const score = currentScores(network)[index];
  const name = `“${classes[index]}”`;
  if (last.attributes.function === "sigmoid") {
    return { title: "Sigmoid", formula: "1 / (1 + e⁻ᶻ)", text: `The score of ${name} is ${fixedNumber(score, 2)}, its probability ${(100 / (1 + Math.exp(-score))).toFixed(2)}%.` };
  }
  const total = network.output(last.inputs[0]).reduce((/** @type {number} */ sum, /** @type {number} */ other) => sum + Math.exp(other - score), 0);
  return { title: "Softmax", formula: "eᶻ / Σ eᶻ", text: `The score of ${name} is ${fixedNumber(score, 2)}. Its share of the sum of all ${classes.length} exponentials is ${(100 / total).toFixed(2)}%.` };
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString("en-US");
}
