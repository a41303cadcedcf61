// @ts-check
// The compared networks: loaded once, run whenever their input changes.

import { classValues } from "./engine/predict.js";
import { createNetwork } from "./engine/network.js";
import { readProgram } from "./engine/program.js";

/**
 * Return the networks, what they are shown and what they answer.
 *
 * @param {any} context
 */
export function createNetworks(context) {
  const { store, source, catalog, input } = context;
  /** @type {Map<string, any>} */
  const networks = new Map();
  /** @type {Map<string, any>} */
  const runs = new Map(); // name -> {inputs: what the run depends on, pixels, values}
  /** @type {Map<string, string>} */
  const failures = new Map();
  const requested = new Set();

  async function load(/** @type {string} */ name) {
    requested.add(name);
    try {
      const network = createNetwork(readProgram(await source.program(name)));
      const { height, width, channels } = network.program.image;
      // Twice: the browser compiles the loops while they run.
      for (let k = 0; k < 2; k++) network.run(new Float32Array(height * width * channels));
      networks.set(name, network);
    } catch (error) {
      failures.set(name, error instanceof Error ? error.message : String(error));
    }
    store.dispatch({ type: "refresh" });
  }

  function runOne(/** @type {string} */ name, /** @type {any} */ state) {
    const described = catalog.get(name);
    const shown = described && input.pixels(name);
    if (!shown) return void runs.delete(name);
    const network = networks.get(name);
    const inputs = [shown, state.play, state.kernels, state.dropout, network];
    if (runs.get(name)?.inputs.every((/** @type {any} */ value, /** @type {number} */ k) => value === inputs[k])) return;
    const pixels = context.transforms.reduce(
      (/** @type {any} */ changed, /** @type {any} */ transform) => transform(changed, described.image, state), Float32Array.from(shown),
    );
    const values = network ? classValues(network, pixels) : null;
    runs.set(name, { inputs, pixels, values });
  }

  return {
    networks,
    failures,
    pixels: (/** @type {string} */ name) => runs.get(name)?.pixels ?? null,
    values: (/** @type {string} */ name) => runs.get(name)?.values ?? null,
    run(/** @type {any} */ state) {
      const wanted = [...new Set([state.model, ...state.models])].filter((name) => catalog.has(name));
      for (const name of wanted) {
        if (!requested.has(name) && !catalog.get(name).server_only) load(name);
      }
      for (const prepare of context.preparations) prepare(state);
      for (const name of wanted) runOne(name, state);
    },
  };
}
