// @ts-check
/** Shift, rotate, scale, light and noise: sliders, and the probability of a class over one of them for every network. */

import { SLIDERS, UNCHANGED, changedPixels, coarseFirst, isUnchanged, nearestLevel, sliderLevels } from "../play/changes.js";
import { createButton, createSlider } from "./controls.js";
import { createCurve } from "../draw/curve.js";
import { element } from "../element.js";
import { Experiment } from "./experiment.js";
import { oneAhead } from "../play/work.js";

const WORDS = {
  name: "sliders", title: "Shift, rotation, light",
  term: "Translation, rotation and illumination invariance: the class should stay the same when the image is shifted, rotated or lit differently. Each curve is one network's probability of a class over the slider used last.",
};

/** @param {any} context */
export function createSliders(context) {
  return new Sliders(context);
}

class Sliders extends Experiment {
  /** @param {any} context */
  constructor(context) {
    super(context, WORDS);
    /** @type {Map<string, (Float64Array | null)[]>} Values of all classes along the curve, by network. */
    this.values = new Map();
    context.transforms.push((/** @type {any} */ pixels, /** @type {any} */ image, /** @type {any} */ state) => changedPixels(pixels, image, state.play));
    this.rows = new Map(Object.entries(SLIDERS).map(([name, { label, unit, low, high, step, digits }]) => {
      const row = createSlider(context, { label, unit, low, high, step, digits, onInput: (value) => this.set(name, value) });
      context.listen(row.element, "focusin", () => this.select(name));
      return [name, row];
    }));
    this.curve = createCurve(context, (level) => this.set(this.active, level));
    this.reset = createButton(context, "Reset", () => this.store.dispatch({ type: "play", play: { ...UNCHANGED, sticker: this.store.state.play.sticker } }));
    this.panel.add(
      element("div", { class: "convlab-controls" }, [...this.rows.values()].map((row) => row.element)),
      element("div", { class: "convlab-row" }, this.classes.element, this.reset), this.curve.element);
  }

  /** Name of the slider whose curve is shown. @returns {string} */
  get active() {
    const chosen = String(this.store.state.choices.slider ?? "shift_x");
    return Object.hasOwn(SLIDERS, chosen) ? chosen : "shift_x";
  }

  /** @param {string} name @param {number} value */
  set(name, value) {
    this.select(name);
    this.store.dispatch({ type: "play", play: { [name]: Number(value.toFixed(6)) } });
  }

  /** @param {string} name */
  select(name) {
    if (name !== this.active) this.choose("slider", name);
  }

  /** @param {any} state */
  update(state) {
    for (const [name, row] of this.rows) {
      row.show(state.play[name]);
      row.element.classList.toggle("convlab-active", name === this.active);
    }
    this.reset.disabled = isUnchanged({ ...state.play, sticker: null });
    const names = state.models.filter((/** @type {string} */ name) => this.context.networks.has(name));
    if (names.length === 0 || !this.panel.isVisible()) return;
    const classes = this.context.catalog.get(names[0]).classes;
    this.classIndex = this.probes.originalClass(state);
    this.showClasses(classes, "the class without changes");
    this.title = classes[this.classIndex];
    const shown = names.map((/** @type {string} */ name) => this.context.input.pixels(name));
    const others = JSON.stringify({ ...state.play, [this.active]: null });
    this.work.start([...names, ...shown, others, state.kernels, this.active], (signal) => this.compute(names, shown, signal));
    const now = [state.play, this.active, this.classIndex, ...names.map((/** @type {string} */ name) => this.context.values(name))];
    if (this.drawn && now.length === this.drawn.length && now.every((part, index) => part === this.drawn[index])) return;
    this.drawn = now;
    this.draw();
  }

  /** @param {string[]} names @param {any[]} shown Pixels without any change, by network. @param {AbortSignal} signal */
  compute(names, shown, signal) {
    const { play } = this.store.state;
    const name = this.active;
    const levels = sliderLevels(name);
    this.values = new Map(names.map((network) => [network, levels.map(() => null)]));
    this.valuesOf = name;
    const values = this.values;
    const known = names.map((network, k) => ({ network, pixels: shown[k] })).filter(({ pixels }) => pixels);
    const questions = coarseFirst(levels.length, nearestLevel(levels, play[name])).flatMap((place) => known.map((one) => ({ ...one, place })));
    return oneAhead(questions, async ({ network, pixels, place }) => {
      const { image } = this.context.catalog.get(network);
      const changed = changedPixels(pixels, image, { ...play, [name]: levels[place] });
      /** @type {any} */ (values.get(network))[place] = await this.probes.values(network, changed, signal);
    });
  }

  draw() {
    const { play } = this.store.state;
    const { label, unit } = SLIDERS[this.active];
    const index = /** @type {number} */ (this.classIndex);
    const series = [...this.values].map(([name, values]) => ({ name, values: values.map((all) => all?.[index] ?? null) }));
    if (series.length === 0 || this.valuesOf !== this.active) return; // the values are still those of another slider
    const levels = sliderLevels(this.active);
    const done = Math.min(...series.map(({ values }) => values.filter((value) => value !== null).length));
    const progress = done < levels.length ? `${done} of ${levels.length}` : "";
    const xLabel = `${label}, ${unit}`;
    this.curve.update({ levels, series, cursor: play[this.active], xLabel, progress, yLabel: `Probability of ${this.title}` });
    const now = series.map(({ name }) => ({ name, value: this.context.values(name)?.[index] })).filter(({ value }) => value !== undefined)
      .map(({ name, value }) => `${name} ${(100 * value).toFixed(1)}%`);
    this.panel.say(`Probability of “${this.title}” now: ${now.join(", ")}.`);
  }

  dispose() {
    this.curve.dispose();
    super.dispose();
  }
}
