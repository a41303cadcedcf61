// @ts-check
/** Dropout switched on: its mask, and the answers of N passes with other masks. */

import { createButton, createCheck, createSlider } from "./controls.js";
import { createSpread } from "../draw/spread.js";
import { customProperty, themeOf } from "../draw/theme.js";
import { drawMask } from "../draw/mask.js";
import { dropoutMask, dropoutsOf } from "../play/passes.js";
import { element, setText } from "../element.js";
import { Experiment } from "./experiment.js";
import { oneAhead } from "../play/work.js";
import { largest, spreadOf } from "../play/spread.js";

const PASSES = 30;
const TOGETHER = 5; // passes of one question: what comes before the dropout is computed once for them
const WORDS = {
  name: "dropout", title: "Dropout",
  term: "In training, dropout sets a random share of the features to zero and scales the others by 1 / (1 − rate). Here it is also switched on for predictions: the spread shows how much the answer depends on single features.",
};

/** @param {any} context */
export function createDropout(context) {
  return new Dropout(context);
}

class Dropout extends Experiment {
  /** @param {any} context */
  constructor(context) {
    super(context, WORDS);
    const { store } = context;
    /** @type {Float64Array[]} */
    this.passes = [];
    /** @type {Float64Array | null} Without dropout. */
    this.certain = null;
    this.on = createCheck(context, "Use dropout on the whole page", (on) => store.dispatch({ type: "dropout", dropout: on ? { seed: 1 } : null }));
    this.other = createButton(context, "Draw another mask", () => store.dispatch({ type: "dropout", dropout: { seed: this.seed + 1 } }));
    this.count = createSlider(context, { label: "Passes", low: 2, high: 100, step: 1, digits: 0, onInput: (value) => this.choose("passes", Math.round(value)) });
    this.mask = element("canvas", { class: "convlab-mask", role: "img" });
    this.maskNote = element("figcaption");
    this.spread = createSpread();
    const legend = element("p", { class: "convlab-mask-legend" }, element("i", { class: "convlab-swatch convlab-kept" }), "kept ", element("i", { class: "convlab-swatch convlab-dropped" }, "×"), "dropped");
    this.body = element("div", { class: "convlab-split", hidden: true }, this.spread.element, element("figure", {}, this.mask, legend, this.maskNote));
    this.panel.add(element("div", { class: "convlab-row" }, this.on.element, this.other), this.count.element, this.body);
  }

  get seed() {
    return this.store.state.dropout?.seed ?? 0;
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
    this.work.start([this.name, pixels, state.kernels, count], (signal) => this.compute(/** @type {string} */ (this.name), pixels, count, signal));
    this.drawMask(this.operations[this.operations.length - 1], this.seed || 1);
  }

  /** @param {string} name @param {ArrayLike<number>} pixels @param {number} count @param {AbortSignal} signal */
  async *compute(name, pixels, count, signal) {
    this.passes = [];
    this.certain = null;
    const { passes } = this;
    const seeds = Array.from({ length: count }, (_, pass) => pass + 1);
    const groups = Array.from({ length: Math.ceil(count / TOGETHER) }, (_, group) => seeds.slice(group * TOGETHER, (group + 1) * TOGETHER));
    const [certain] = await this.probes.passes(name, pixels, [null], signal);
    this.certain = certain;
    yield* oneAhead(groups, async (group) => {
      passes.push(...await this.probes.passes(name, pixels, group, signal));
    });
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
    this.spread.update(classes, this.passes, spread, this.certain);
    const best = largest(spread.votes);
    this.panel.say(`${this.name} predicts “${classes[best]}” in ${spread.votes[best]} of ${this.passes.length} passes; its probability is ${(100 * spread.mean[best]).toFixed(1)} ± ${(100 * spread.deviation[best]).toFixed(1)}%.`);
  }
}
