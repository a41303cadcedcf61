// @ts-check
/** Edited kernels: the state names the filters that differ, networks get the whole kernels. */

import { withFilter } from "./kernels.js";

const EDITABLE = ["conv", "depthwise"];

/** The name of a filter in the state. @param {string} model @param {string} operation @param {number} filter */
export function filterKey(model, operation, filter) {
  return `${model}|${operation}|${filter}`;
}

/** The convolutions of a program whose kernels can be edited. @param {any} program @returns {any[]} */
export function editableOperations(program) {
  return program.operations.filter((/** @type {any} */ { kind }) => EDITABLE.includes(kind));
}

/**
 * The shape of a kernel as (kh, kw, C, F), F filters of C channels; a depthwise kernel has filters of one channel.
 * @param {any} operation
 * @returns {[number, number, number, number]}
 */
export function filterShape(operation) {
  const [height, width, channels, filters] = operation.weights.kernel.shape;
  return operation.kind === "depthwise" ? [height, width, 1, channels * filters] : [height, width, channels, filters];
}

/**
 * Bring the kernels of a network to an edited state.
 * @param {any} network
 * @param {string} model Name of the network in the state.
 * @param {Record<string, number[]>} kernels Edited filters of all networks.
 * @param {Map<string, string>} applied What the network has already; changed.
 */
export function applyEdits(network, model, kernels, applied) {
  /** @type {Map<string, [number, number[]][]>} */
  const wanted = new Map();
  for (const [key, values] of Object.entries(kernels)) {
    const [name, operation, filter] = key.split("|");
    if (name !== model || !network.program.byName.has(operation)) continue;
    wanted.set(operation, [...(wanted.get(operation) ?? []), [Number(filter), values]]);
  }
  for (const operation of new Set([...wanted.keys(), ...applied.keys()])) {
    const edits = wanted.get(operation) ?? [];
    const text = JSON.stringify(edits);
    if (applied.get(operation) === text) continue;
    network.setWeight(operation, "kernel", editedKernel(network.program.byName.get(operation), edits));
    if (edits.length > 0) applied.set(operation, text);
    else applied.delete(operation);
  }
}

/** @param {any} operation @param {[number, number[]][]} edits @returns {Float32Array} */
function editedKernel(operation, edits) {
  const shape = filterShape(operation);
  const size = shape[0] * shape[1] * shape[2];
  return edits
    .filter(([filter, values]) => filter < shape[3] && values.length === size)
    .reduce((kernel, [filter, values]) => withFilter(kernel, shape, filter, values), operation.weights.kernel.data);
}
