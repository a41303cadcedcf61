// @ts-check
/** Questions to networks about other pictures than the one shown, and the class that panels speak of. */

import { editsOf } from "../engine/edits.js";
import { isUnchanged } from "./changes.js";
import { largest } from "./spread.js";
import { meanOf } from "../engine/predict.js";

/** @type {WeakMap<object, Probes>} */
const known = new WeakMap();

/** The probes of a page; all panels share them. @param {any} context */
export function probesOf(context) {
  const found = known.get(context) ?? new Probes(context);
  known.set(context, found);
  return found;
}

class Probes {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    /** @type {Map<string, {pixels: any, values: Float64Array | null, abort: AbortController}>} */
    this.originals = new Map();
  }

  /** A picture for a network with the edited kernels. @param {string} name @param {ArrayLike<number>} pixels */
  question(name, pixels) {
    return { pixels: Float32Array.from(pixels), edits: editsOf(this.context.store.state.kernels, name) };
  }

  /** One value per class, without dropout. @param {string} name @param {ArrayLike<number>} pixels @param {AbortSignal} signal @returns {Promise<Float64Array>} */
  async values(name, pixels, signal) {
    return meanOf(await this.context.engine.predict(name, this.question(name, pixels), signal));
  }

  /** One score per class, a logit, of one view. @param {string} name @param {ArrayLike<number>} pixels @param {AbortSignal} signal @returns {Promise<Float64Array>} */
  scores(name, pixels, signal) {
    return this.context.engine.score(name, this.question(name, pixels), signal);
  }

  /** One value per class for each seed of dropout. @param {string} name @param {ArrayLike<number>} pixels @param {number[]} seeds @param {AbortSignal} signal @returns {Promise<Float64Array[]>} */
  passes(name, pixels, seeds, signal) {
    return this.context.engine.passes(name, { ...this.question(name, pixels), seeds }, signal);
  }

  /** The values of the picture without sliders, sticker and edits; those of an earlier picture until they come. @param {string} name @returns {Float64Array | null} */
  original(name) {
    const { context } = this;
    const { play, kernels, dropout } = context.store.state;
    const pixels = context.networks.has(name) && context.input.pixels(name);
    if (!pixels) return null;
    if (isUnchanged(play) && dropout === null && editsOf(kernels, name).length === 0) return context.values(name);
    const before = this.originals.get(name);
    if (before?.pixels === pixels) return before.values;
    before?.abort.abort();
    const entry = { pixels, values: before?.values ?? context.values(name), abort: new AbortController() };
    this.originals.set(name, entry);
    context.engine.predict(name, { pixels: Float32Array.from(pixels), edits: [] }, entry.abort.signal).then((/** @type {Float64Array[]} */ views) => {
      entry.values = meanOf(views);
      context.store.dispatch({ type: "refresh" });
    }, () => {}); // a later one has been asked for
    return entry.values;
  }

  /** The class that panels speak of: the chosen one, or the one predicted for the unchanged picture. @param {any} state */
  classIndex(state) {
    const name = this.subject(state);
    const chosen = this.context.catalog.get(name)?.classes.indexOf(String(state.choices.class ?? "")) ?? -1;
    if (chosen >= 0) return chosen;
    const values = this.original(name);
    return values ? largest(values) : 0;
  }

  /** The network that is looked into, or the first that is loaded. @param {any} state @returns {string} */
  subject(state) {
    const { networks } = this.context;
    if (networks.has(state.model)) return state.model;
    return state.models.find((/** @type {string} */ name) => networks.has(name)) ?? state.model;
  }
}
