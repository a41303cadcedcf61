// @ts-check
// The compared networks: loaded once, run whenever their input changes.

import { meanOverViews, outputValues } from "./engine/predict.js";
import { createNetwork, warmUp } from "./engine/network.js";
import { readProgram } from "./engine/program.js";

// Pause in milliseconds after which a model's other views of the image are run: with all of them a
// stroke would be seen seven times as late.
const PAUSE = 150;

/** The networks of a page, what they are shown and what they answer. */
export class Networks {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, any>} */
    this.loaded = new Map();
    /** @type {Map<string, string>} Why a network could not be loaded. */
    this.failures = new Map();
    /** @type {Map<string, {inputs: any[], pixels: Float32Array, values: Float64Array | null}>} */
    this.runs = new Map();
    this.requested = new Set();
    /** @type {Map<string, number>} Timers of the means over a model's views. */
    this.timers = new Map();
  }

  dispose() {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  /**
   * Bring the wanted networks up to date with a state.
   *
   * @param {any} state
   */
  run(state) {
    const { catalog, preparations } = this.context;
    const wanted = [...new Set([state.model, ...state.models])].filter((name) => catalog.has(name));
    for (const name of wanted) {
      if (!this.requested.has(name) && !catalog.get(name).server_only) this.load(name);
    }
    for (const prepare of preparations) prepare(state);
    for (const name of wanted) this.runOne(name, state);
  }

  /** @param {string} name */
  async load(name) {
    this.requested.add(name);
    try {
      const network = createNetwork(readProgram(await this.context.source.program(name)));
      warmUp(network);
      this.loaded.set(name, network);
    } catch (error) {
      this.failures.set(name, error instanceof Error ? error.message : String(error));
    }
    this.context.store.dispatch({ type: "refresh" });
  }

  /** @param {string} name @param {any} state */
  runOne(name, state) {
    const { catalog, input, transforms } = this.context;
    const { image } = catalog.get(name);
    const shown = input.pixels(name);
    if (!shown) return void this.runs.delete(name);
    const network = this.loaded.get(name);
    const inputs = [shown, state.play, state.kernels, state.dropout, network];
    const before = this.runs.get(name)?.inputs;
    if (before && inputs.every((value, k) => value === before[k])) return;
    let pixels = Float32Array.from(shown);
    for (const transform of transforms) pixels = transform(pixels, image, state);
    const run = { inputs, pixels, values: network ? outputValues(network.program, network.run(pixels)) : null };
    this.runs.set(name, run);
    if (network && network.program.views.length > 1) this.refine(name, network, run);
  }

  /**
   * Replace the values of one view by the mean over all, once the input rests.
   *
   * @param {string} name
   * @param {any} network
   * @param {{pixels: Float32Array, values: Float64Array | null}} run
   */
  refine(name, network, run) {
    clearTimeout(this.timers.get(name));
    this.timers.set(name, setTimeout(() => {
      if (this.runs.get(name) !== run || run.values === null) return;
      run.values = meanOverViews(network, run.pixels, run.values);
      this.context.store.dispatch({ type: "refresh" });
    }, PAUSE));
  }

  /** @param {string} name @returns {Float32Array | null} */
  pixels(name) {
    return this.runs.get(name)?.pixels ?? null;
  }

  /** @param {string} name @returns {Float64Array | null} */
  values(name) {
    return this.runs.get(name)?.values ?? null;
  }
}
