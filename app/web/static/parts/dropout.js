// @ts-check
/** Dropout switched on: its mask, and the answers of N passes with other masks. */

import { createButton, createCheck, createSlider } from "./controls.js";
import { createPanel } from "./panel.js";
import { createSpread } from "../draw/spread.js";
import { createWork } from "../play/work.js";
import { customProperty, themeOf } from "../draw/theme.js";
import { drawMask } from "../draw/mask.js";
import { dropoutMask, dropoutsOf, stochasticPass } from "../play/passes.js";
import { element, setText } from "../element.js";
import { probesOf } from "../play/probes.js";
import { spreadOf } from "../play/spread.js";

const PASSES = 30;
const WORDS = {
  name: "dropout", title: "Dropout",
  term: "In training, dropout sets a random share of the features to zero and scales the others by 1 / (1 − rate). Here it is also switched on for predictions: the spread shows how much the answer depends on single features.",
};

/** @param {any} context */
export function createDropout(context) {
  return new Dropout(context);
}

class Dropout {
  /** @param {any} context */
  constructor(context) {
    const { store } = context;
    this.context = context;
    this.probes = probesOf(context);
    this.work = createWork(() => this.draw());
    /** @type {Float64Array[]} */
    this.passes = [];
    /** @type {WeakMap<any, any>} What dropout each network has. */
    this.applied = new WeakMap();
    context.preparations.push((/** @type {any} */ state) => this.prepare(state));
    this.on = createCheck(context, "Use dropout on the whole page", (on) => store.dispatch({ type: "dropout", dropout: on ? { seed: 1 } : null }));
    this.other = createButton(context, "Draw another mask", () => store.dispatch({ type: "dropout", dropout: { seed: this.seed + 1 } }));
    this.count = createSlider(context, { label: "Passes", low: 2, high: 100, step: 1, digits: 0, onInput: (value) => store.dispatch({ type: "choose", name: "passes", value: Math.round(value) }) });
    this.mask = element("canvas", { class: "convlab-mask", role: "img" });
    this.maskNote = element("figcaption");
    this.spread = createSpread();
    const legend = element("p", { class: "convlab-mask-legend" }, element("i", { class: "convlab-swatch convlab-kept" }), "kept ", element("i", { class: "convlab-swatch convlab-dropped" }, "×"), "dropped");
    this.body = element("div", { class: "convlab-split" }, this.spread.element, element("figure", {}, this.mask, legend, this.maskNote));
    this.panel = createPanel(context, WORDS, element("div", { class: "convlab-row" }, this.on.element, this.other), this.count.element, this.body);
    this.element = this.panel.element;
  }

  get seed() {
    return this.context.store.state.dropout?.seed ?? 0;
  }

  /** @param {any} state */
  prepare(state) {
    for (const network of this.context.networks.values()) {
      if ((this.applied.get(network) ?? null) === state.dropout) continue;
      network.setDropout(state.dropout);
      this.applied.set(network, state.dropout);
    }
  }

  /** The network looked into, or another one that has dropout. @param {any} state @returns {string | undefined} */
  subject(state) {
    return [this.probes.subject(state), ...state.models].find((name) => {
      const network = this.context.networks.get(name);
      return network && dropoutsOf(network.program).length > 0;
    });
  }

  /** @param {any} state */
  update(state) {
    this.on.show(state.dropout !== null);
    this.other.hidden = state.dropout === null;
    const count = Math.min(100, Math.max(2, Number(state.choices.passes ?? PASSES) || PASSES));
    this.count.show(count);
    if (!this.panel.isVisible()) return;
    this.name = this.subject(state);
    const pixels = this.name && this.context.pixels(this.name);
    this.body.hidden = !pixels;
    if (this.name && !pixels) return this.panel.say(this.context.input.problem);
    if (!this.name || !pixels) return this.panel.say("None of the loaded networks has a dropout layer.");
    this.operations = dropoutsOf(this.context.networks.get(this.name).program);
    this.work.start([this.name, pixels, state.kernels, count], () => this.compute(/** @type {string} */ (this.name), pixels, count));
    this.drawMask(this.operations[this.operations.length - 1], this.seed || 1);
  }

  /** @param {string} name @param {ArrayLike<number>} pixels @param {number} count */
  *compute(name, pixels, count) {
    this.passes = [];
    const { passes } = this;
    for (let pass = 1; pass <= count; pass++) {
      this.probes.rerun(name, pixels); // other panels use the same network between two pieces
      passes.push(stochasticPass(this.probes.network(name), pass));
      yield;
    }
  }

  /** @param {any} operation @param {number} seed */
  drawMask(operation, seed) {
    const theme = themeOf(this.element);
    if (this.masked?.operation === operation && this.masked.seed === seed && this.masked.theme === theme) return;
    this.masked = { operation, seed, theme };
    const mask = dropoutMask(operation, seed);
    const units = operation.attributes.maps ? mask.slice(0, operation.shape[operation.shape.length - 1]) : mask;
    const dropped = units.filter((value) => value === 0).length;
    const columns = Math.min(32, Math.ceil(Math.sqrt(units.length)));
    drawMask(this.mask, units, columns, { kept: customProperty(this.element, "--accent", "gray"), dropped: customProperty(this.element, "--warn", "gray") });
    setText(this.maskNote, `Mask ${seed} of ${operation.layer}: ${dropped} of ${units.length} units dropped (rate ${operation.attributes.rate}), the others × ${(1 / (1 - operation.attributes.rate)).toFixed(2)}.`);
    this.mask.setAttribute("aria-label", /** @type {string} */ (this.maskNote.textContent));
  }

  draw() {
    if (!this.name || this.passes.length === 0) return;
    const { classes } = this.context.catalog.get(this.name);
    const spread = spreadOf(this.passes);
    this.spread.update(classes, this.passes, spread, this.probes.original(this.name));
    const best = spread.votes.indexOf(Math.max(...spread.votes));
    this.panel.say(`${this.name} predicts “${classes[best]}” in ${spread.votes[best]} of ${this.passes.length} passes; its probability is ${(100 * spread.mean[best]).toFixed(1)} ± ${(100 * spread.deviation[best]).toFixed(1)}%.`);
  }

  dispose() {
    this.work.stop();
    this.panel.dispose();
  }
}
