// @ts-check
/** The response of a trained kernel where the network has an edited one. */

import { OPERATIONS } from "../engine/operations.js";

/**
 * The output of an operation with the weights of its program, for the same input.
 * @param {any} network It has run. @param {any} operation
 * @returns {Float32Array}
 */
export function trainedResponse(network, operation) {
  const call = network.call(operation.name);
  if (call.weights.kernel === operation.weights.kernel) return call.output;
  return OPERATIONS[operation.kind].forward({ ...call, weights: operation.weights });
}
