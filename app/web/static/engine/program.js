// @ts-check
// The program of a network: its operations in order of execution, with their weights.

import { readTensors } from "../tensors.js";

/**
 * @typedef {{shape: number[], data: Float32Array}} Weight
 * @typedef {{
 *   name: string, kind: string, inputs: string[], shape: number[],
 *   attributes: Record<string, any>, weights: Record<string, Weight>,
 *   layer: string, layerType: string,
 * }} Operation
 * @typedef {{
 *   name: string, classes: string[], image: {height: number, width: number, channels: number},
 *   outputs: string, mnistStyle: boolean, views: any[], temperature: number,
 *   operations: Operation[], byName: Map<string, Operation>,
 * }} Program
 */

const FORMAT = 1;

/**
 * Return the program in a safetensors file.
 *
 * @param {ArrayBuffer | ArrayBufferView} buffer Bytes of the file.
 * @returns {Program}
 */
export function readProgram(buffer) {
  const { metadata, tensors } = readTensors(buffer);
  if (metadata.program === undefined) {
    throw new Error("Cannot read the program: the file has tensors only.");
  }
  const plan = JSON.parse(metadata.program);
  if (plan.format !== FORMAT) {
    throw new Error(`Cannot read a program of format ${plan.format}. Expected: ${FORMAT}.`);
  }
  const byName = new Map();
  for (const step of plan.operations) {
    byName.set(step.name, operationOf(step, tensors, byName));
  }
  return {
    name: plan.name,
    classes: plan.classes,
    image: plan.image,
    outputs: plan.outputs,
    mnistStyle: plan.mnist_style,
    views: plan.views,
    temperature: plan.temperature,
    operations: [...byName.values()],
    byName,
  };
}

/**
 * Return the shapes of an operation's inputs.
 *
 * @param {Program} program
 * @param {Operation} operation
 * @returns {number[][]}
 */
export function inputShapes(program, operation) {
  return operation.inputs.map((name) => operationNamed(program, name).shape);
}

/**
 * Return an operation by its name.
 *
 * @param {Program} program
 * @param {string} name
 * @returns {Operation}
 */
export function operationNamed(program, name) {
  const operation = program.byName.get(name);
  if (operation === undefined) {
    const known = [...program.byName.keys()].join(", ");
    throw new Error(`No operation is named '${name}'. Choose one of: ${known}.`);
  }
  return operation;
}

/**
 * @param {any} step
 * @param {Map<string, import("../tensors.js").Tensor>} tensors
 * @param {Map<string, Operation>} before Operations before this one.
 * @returns {Operation}
 */
function operationOf(step, tensors, before) {
  const { name, kind, inputs, attributes, layer, layer_type: layerType } = step;
  for (const input of inputs) {
    if (!before.has(input)) {
      throw new Error(`Operation '${name}' reads '${input}', which no operation before it gives.`);
    }
  }
  /** @type {Record<string, Weight>} */
  const weights = {};
  for (const [role, tensor] of Object.entries(step.weights ?? {})) {
    const found = tensors.get(tensor);
    if (!(found?.data instanceof Float32Array)) {
      throw new Error(`Operation '${name}' lacks its weight '${role}' (float32 '${tensor}').`);
    }
    weights[role] = { shape: found.shape, data: found.data };
  }
  const shape = step.output_shape;
  return { name, kind, inputs, shape, attributes: attributes ?? {}, weights, layer, layerType };
}
