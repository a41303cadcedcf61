// @ts-check
/** Second networks with the same weights, for curves and passes: the shown ones keep their outputs. */

import { applyEdits } from "./edits.js";
import { classValues } from "../engine/predict.js";
import { createNetwork } from "../engine/network.js";
import { largest } from "./spread.js";

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
    /** @type {Map<string, {network: any, applied: Map<string, string>}>} */
    this.probes = new Map();
    /** @type {Map<string, {pixels: any, values: Float64Array}>} */
    this.originals = new Map();
    /** @type {Map<string, ArrayLike<number>>} What each probe has run on last. */
    this.latest = new Map();
  }

  /** A network with the edited kernels and without dropout, or null before it is loaded. @param {string} name */
  network(name) {
    const shown = this.context.networks.get(name);
    if (!shown) return null;
    let probe = this.probes.get(name);
    if (!probe || probe.network.program !== shown.program) {
      probe = { network: createNetwork(shown.program), applied: new Map() };
      this.probes.set(name, probe);
    }
    applyEdits(probe.network, name, this.context.store.state.kernels, probe.applied);
    return probe.network;
  }

  /** One value per class, or null. @param {string} name @param {ArrayLike<number>} pixels @returns {Float64Array | null} */
  values(name, pixels) {
    const network = this.network(name);
    this.latest.set(name, pixels);
    return network ? classValues(network, pixels) : null;
  }

  /** Run a network on a picture unless it was the last one. @param {string} name @param {ArrayLike<number>} pixels */
  rerun(name, pixels) {
    if (this.latest.get(name) === pixels) return;
    this.network(name)?.run(pixels);
    this.latest.set(name, pixels);
  }

  /** The values of the picture without sliders, sticker and edits. @param {string} name @returns {Float64Array | null} */
  original(name) {
    const shown = this.context.networks.get(name);
    const pixels = shown && this.context.input.pixels(name);
    if (!pixels) return null;
    let found = this.originals.get(name);
    if (found?.pixels !== pixels) {
      found = { pixels, values: classValues(createNetwork(shown.program), pixels) };
      this.originals.set(name, found);
    }
    return /** @type {any} */ (found).values;
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
