// @ts-check
/** Questions to networks about other pictures than the one shown, and the class that panels speak of. */

import { editsOf } from "../engine/edits.js";
import { isUnchanged } from "./changes.js";
import { largest } from "./spread.js";
import { predictionOf } from "../engine/predict.js";

/** @typedef {{pixels: ArrayLike<number>, values: Float64Array | null, abort: AbortController}} Answer */
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
    /** @type {Map<string, Answer>} */
    this.originals = new Map();
    /** @type {Map<string, Answer>} */
    this.shown = new Map();
    /** @type {Map<string, number>} Class of the last picture without changes, until that of a new one is known. */
    this.last = new Map();
  }

  /** A picture for a network with the edited kernels. @param {string} name @param {ArrayLike<number>} pixels */
  question(name, pixels) {
    return { pixels: Float32Array.from(pixels), edits: editsOf(this.context.store.state.kernels, name) };
  }

  /** One value per class, without dropout. @param {string} name @param {ArrayLike<number>} pixels @param {AbortSignal} signal @returns {Promise<Float64Array>} */
  async values(name, pixels, signal) {
    const views = await this.context.engine.predict(name, this.question(name, pixels), signal);
    return predictionOf(this.context.networks.get(name).program, views);
  }

  /** One score per class, a logit, of one view. @param {string} name @param {ArrayLike<number>} pixels @param {AbortSignal} signal @returns {Promise<Float64Array>} */
  scores(name, pixels, signal) {
    return this.context.engine.score(name, this.question(name, pixels), signal);
  }

  /** One value per class for each seed of dropout. @param {string} name @param {ArrayLike<number>} pixels @param {(number | null)[]} seeds Null is without dropout. @param {AbortSignal} signal @returns {Promise<Float64Array[]>} */
  passes(name, pixels, seeds, signal) {
    return this.context.engine.passes(name, { ...this.question(name, pixels), seeds }, signal);
  }

  /** The values of the picture without sliders, sticker, edits and dropout, or null until they come. @param {string} name @returns {Float64Array | null} */
  original(name) {
    const pixels = this.context.input.pixels(name);
    return isUnchanged(this.context.store.state.play) ? this.trained(name) : this.asTrained(this.originals, name, pixels);
  }

  /** The values of the picture as the network is shown it, without edits and dropout, or null until they come. @param {string} name @returns {Float64Array | null} */
  trained(name) {
    const { kernels, dropout } = this.context.store.state;
    if (dropout === null && editsOf(kernels, name).length === 0) return this.context.values(name);
    return this.asTrained(this.shown, name, this.context.pixels(name));
  }

  /** @param {Map<string, Answer>} answers To the last question about each network. @param {string} name @param {ArrayLike<number> | null} pixels */
  asTrained(answers, name, pixels) {
    const { context } = this;
    if (!pixels || !context.networks.has(name)) return null;
    const before = answers.get(name);
    if (before && isSame(before.pixels, pixels)) {
      before.pixels = pixels; // the same picture again, of a network with other edits
      return before.values;
    }
    before?.abort.abort();
    /** @type {Answer} */
    const entry = { pixels, values: null, abort: new AbortController() };
    answers.set(name, entry);
    context.engine.predict(name, { pixels: Float32Array.from(pixels), edits: [] }, entry.abort.signal).then((/** @type {Float64Array[]} */ views) => {
      entry.values = predictionOf(context.networks.get(name).program, views);
      context.store.dispatch({ type: "refresh" });
    }, () => {}); // a later one has been asked for
    return entry.values;
  }

  /** The class that panels speak of: the chosen one, or the one that is predicted for the picture as the network is shown it. @param {any} state */
  classIndex(state) {
    const name = this.subject(state);
    return this.chosenClass(state, name) ?? largestOf(this.context.values(name));
  }

  /** The same, but of the picture without any change: that of the digit itself. @param {any} state */
  originalClass(state) {
    const name = this.subject(state);
    const chosen = this.chosenClass(state, name);
    if (chosen !== null) return chosen;
    const values = this.original(name);
    if (values) this.last.set(name, largest(values));
    return this.last.get(name) ?? largestOf(this.context.values(name));
  }

  /** @param {any} state @param {string} name @returns {number | null} */
  chosenClass(state, name) {
    const chosen = this.context.catalog.get(name)?.classes.indexOf(String(state.choices.class ?? "")) ?? -1;
    return chosen < 0 ? null : chosen;
  }

  /** The network that is looked into, or the first that is loaded. @param {any} state @returns {string} */
  subject(state) {
    const { networks } = this.context;
    if (networks.has(state.model)) return state.model;
    return state.models.find((/** @type {string} */ name) => networks.has(name)) ?? state.model;
  }
}

/** @param {ArrayLike<number>} before @param {ArrayLike<number>} now */
function isSame(before, now) {
  return before === now || (before.length === now.length && Array.prototype.every.call(before, (value, index) => value === now[index]));
}

/** @param {Float64Array | null} values */
function largestOf(values) {
  return values ? largest(values) : 0;
}
