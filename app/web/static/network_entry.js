// @ts-check
// One of the compared networks: what it is shown, and what it answers.

/**
 * @typedef {import("./engine/network.js").Network} Network
 * @typedef {{pixels: Float32Array | null, edits: import("./engine/edits.js").Edit[],
 *   dropout: {seed: number} | null}} Wanted
 */

/** What one network is shown and what it answers. */
export class Entry {
  constructor() {
    /** @type {Network | null} Loaded; its outputs are those of `pixels`. */
    this.network = null;
    /** @type {Map<string, string>} Edits that it has, by operation. */
    this.edits = new Map();
    /** @type {any[]} What the newest input was made of. */
    this.inputs = [];
    /** @type {Wanted | null} The newest input. */
    this.newest = null;
    /** @type {Wanted | null} The input that it runs on, or has run on. */
    this.asked = null;
    this.isRunning = false;
    this.hasRun = false;
    /** Whether its values are those of the newest input, the mean over all views. */
    this.isFinal = false;
    /** @type {Float32Array | null} */
    this.pixels = null;
    /** @type {Float64Array | null} */
    this.values = null;
    /** @type {Float64Array[] | null} Values in each view; `values` is their mean, once there are any. */
    this.views = null;
    this.abort = new AbortController();
  }
}
