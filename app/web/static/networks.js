// @ts-check
// The compared networks: loaded once, run whenever their input changes. They run in a worker; the
// page adopts what they answer, so that everything that is shown of a network belongs together.

import { createClient } from "./engine/client.js";
import { createNetwork } from "./engine/network.js";
import { Entry } from "./network_entry.js";
import { editsOf, weightsToChange } from "./engine/edits.js";
import { predictionOf } from "./engine/predict.js";
import { readProgram } from "./engine/program.js";
import { REST } from "./rest.js";
import { sizeOf } from "./engine/shapes.js";

/**
 * @typedef {import("./engine/network.js").Network} Network
 * @typedef {import("./network_entry.js").Wanted} Wanted
 */

const TOGETHER = 50; // milliseconds for which an answer waits for those of the other networks

/** The networks of a page. */
export class Networks {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.engine = createClient(context.source.startWorker);
    /** @type {Map<string, Network>} Those that have run. */
    this.loaded = new Map();
    /** @type {Map<string, string>} Why a network could not be loaded. */
    this.failures = new Map();
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    this.timer = 0;
  }

  dispose() {
    clearTimeout(this.timer);
    this.engine.dispose();
  }

  /**
   * Bring the wanted networks up to date with a state.
   *
   * @param {any} state
   */
  run(state) {
    const { catalog } = this.context;
    const wanted = [...new Set([state.model, ...state.models])].filter((name) => catalog.has(name));
    for (const name of wanted) {
      if (!this.entries.has(name)) this.load(name);
      this.show(name, state);
    }
  }

  /** @param {string} name */
  async load(name) {
    const entry = new Entry();
    this.entries.set(name, entry);
    if (this.context.catalog.get(name).server_only) return;
    try {
      const buffer = await this.context.source.program(name);
      const network = createNetwork(readProgram(buffer));
      await this.engine.load(name, buffer);
      entry.network = network;
      await this.answer(name, entry);
    } catch (error) {
      this.fail(name, error);
    }
  }

  /**
   * Take a program with other weights of a network that is loaded; one that is not takes the newest.
   *
   * @param {string} name
   * @param {ArrayBuffer} buffer
   */
  async setProgram(name, buffer) {
    const entry = this.entries.get(name);
    if (!entry?.network) return;
    // What runs now was asked of the program before; everything later is asked of this one.
    [entry.network, entry.edits, entry.asked] = [createNetwork(readProgram(buffer)), new Map(), null];
    entry.isFinal = false;
    await this.engine.load(name, buffer);
    if (!entry.isRunning) await this.answer(name, entry);
  }

  /** Load a network anew when it is next wanted. @param {string} name */
  forget(name) {
    this.entries.get(name)?.abort.abort();
    this.entries.delete(name);
    this.loaded.delete(name);
    this.failures.delete(name);
  }

  /** @param {string} name @param {any} state */
  show(name, state) {
    const entry = /** @type {Entry} */ (this.entries.get(name));
    const shown = this.context.input.pixels(name);
    const inputs = [shown, state.play, state.kernels, state.dropout];
    if (entry.newest && inputs.every((value, k) => value === entry.inputs[k])) return;
    entry.inputs = inputs;
    const { image } = this.context.catalog.get(name);
    let pixels = shown && Float32Array.from(shown);
    if (pixels) for (const transform of this.context.transforms) pixels = transform(pixels, image, state);
    entry.isFinal = false;
    entry.newest = { pixels, edits: editsOf(state.kernels, name), dropout: state.dropout };
    if (entry.network && !entry.isRunning) this.answer(name, entry).catch((error) => this.fail(name, error));
  }

  /**
   * Run a network until it has answered its newest input; others in between are left out.
   *
   * @param {string} name
   * @param {Entry} entry
   */
  async answer(name, entry) {
    entry.abort.abort();
    entry.isRunning = true;
    while (entry.newest && entry.newest !== entry.asked) {
      entry.asked = entry.newest;
      await this.adopt(name, entry, entry.asked);
      entry.isRunning = entry.newest !== entry.asked;
      this.refreshTogether();
    }
    entry.abort = new AbortController();
    await this.refine(name, entry, entry.abort.signal);
  }

  /** Show what has been answered: all networks in one frame, if none is much slower than another. */
  refreshTogether() {
    const isLast = [...this.entries.values()].every(({ isRunning }) => !isRunning);
    if (isLast) this.refresh();
    else if (this.timer === 0) this.timer = setTimeout(() => this.refresh(), TOGETHER);
  }

  refresh() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.context.store.dispatch({ type: "refresh" });
  }

  /** @param {string} name @param {Entry} entry @param {Wanted} wanted */
  async adopt(name, entry, { pixels, edits, dropout }) {
    const network = /** @type {Network} */ (entry.network);
    const { program } = network;
    const shown = pixels ?? new Float32Array(sizeOf(program.operations[0].shape));
    const { values, outputs } = await this.engine.run(name, { pixels: shown, edits, dropout });
    if (this.entries.get(name) !== entry) return; // forgotten meanwhile
    const weights = weightsToChange(program, edits, entry.edits);
    network.adopt({ pixels: shown, dropout, weights }, outputs);
    entry.pixels = pixels;
    // Of several views, this one's values stand for their mean until the others have run.
    entry.views = pixels && program.views.length === 1 ? [values] : null;
    entry.values = entry.views ? predictionOf(program, entry.views) : pixels && values;
    entry.hasRun = true;
    this.loaded.set(name, network);
  }

  /**
   * Replace the values of one view by the mean over all.
   *
   * @param {string} name
   * @param {Entry} entry
   * @param {AbortSignal} signal
   */
  async refine(name, entry, signal) {
    const { network, asked } = entry;
    if (network && asked?.pixels && network.program.views.length > 1) {
      const { pixels, edits, dropout } = asked;
      try {
        await pause(REST, signal);
        const views = await this.engine.predict(name, { pixels, edits, dropout }, signal);
        if (!signal.aborted) [entry.views, entry.values] = [views, predictionOf(network.program, views)];
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
    }
    if (signal.aborted) return;
    entry.isFinal = true;
    this.refreshTogether();
  }

  /** @param {string} name @param {unknown} error */
  fail(name, error) {
    this.failures.set(name, error instanceof Error ? error.message : String(error));
    this.refresh();
  }

  /** Whether some network has still to answer. @param {any} state */
  isBusy({ model, models }) {
    const { catalog } = this.context;
    return [model, ...models].some((name) => catalog.has(name) && !catalog.get(name).server_only
      && !this.failures.has(name) && !this.entries.get(name)?.isFinal);
  }

  /** What a network has run on, or will. @param {string} name @returns {Float32Array | null} */
  pixels(name) {
    const entry = this.entries.get(name);
    return (entry?.hasRun ? entry.pixels : entry?.newest?.pixels) ?? null;
  }

  /** The newest input, which a network may not have answered yet. @param {string} name @returns {Float32Array | null} */
  newest(name) {
    return this.entries.get(name)?.newest?.pixels ?? null;
  }

  /** Values in each of a model's views, or null until they are known. @param {string} name @returns {Float64Array[] | null} */
  views(name) {
    return this.entries.get(name)?.views ?? null;
  }

  /** What a network answers, which may still be to the input before; null if there is none now. @param {string} name @returns {Float64Array | null} */
  values(name) {
    const entry = this.entries.get(name);
    return entry?.newest?.pixels ? entry.values : null;
  }
}

/**
 * Wait; rejected at once if the signal is aborted meanwhile.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
