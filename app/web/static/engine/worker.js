// @ts-check
// The side of the worker: a network that answers messages {id, method, args}.

import { createNetwork, warmUp } from "./network.js";
import { readProgram } from "./program.js";
import { classValues } from "./predict.js";
import { terms } from "./terms.js";
import { topContributors, traceToPixels } from "./contributors.js";

/** @type {Record<string, (network: import("./network.js").Network, ...args: any[]) => unknown>} */
const METHODS = {
  run: (network, pixels) => network.run(pixels),
  classValues,
  output: (network, name) => network.output(name),
  weights: (network, name) => network.weights(name),
  setWeight: (network, name, weight, data) => network.setWeight(name, weight, data),
  resetWeights: (network) => network.resetWeights(),
  setDropout: (network, dropout) => network.setDropout(dropout),
  setOutput: (network, name, data) => network.setOutput(name, data),
  terms,
  topContributors,
  traceToPixels,
};

/**
 * Answer the messages of a page.
 *
 * @param {any} scope Global object of the worker.
 */
export function serve(scope) {
  /** @type {import("./network.js").Network | null} */
  let network = null;
  const answer = (/** @type {string} */ method, /** @type {any[]} */ args) => {
    if (network === null) {
      network = createNetwork(readProgram(args[0])); // the first message is `load`
      return warmUp(network);
    }
    return METHODS[method](network, ...args);
  };
  scope.onmessage = (/** @type {MessageEvent} */ { data: { id, method, args } }) => {
    try {
      scope.postMessage({ id, value: answer(method, args) });
    } catch (error) {
      scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  };
}

// In a page that holds all modules as one text, this module is loaded outside of a worker, too.
if ("WorkerGlobalScope" in globalThis) {
  serve(globalThis);
}
