// @ts-check
/** Data augmentation: the seven arguments of the lecture as controls, and a grid of samples that follows them. */

import { DIGIT_RANGES, LECTURE_RANGES, augmentationCode, augmented } from "../play/augmentation.js";
import { FILL_MODES } from "../play/resample.js";
import { createButton, createCheck, createChoice, createSlider } from "./controls.js";
import { createMap, drawImage } from "../draw/map.js";
import { element, setStyle, setText } from "../element.js";
import { Experiment } from "./experiment.js";
import { largest } from "../play/spread.js";
import { oneAhead } from "../play/work.js";

const SAMPLES = 12;
const WORDS = {
  name: "augmentation", title: "Data augmentation",
  term: "Random transformations make many training images from few. These are the seven arguments of ImageDataGenerator on the slide; each image here is drawn at random from them, as in training.",
};
/** @type {[string, string, string, number, number, number][]} name, label, unit, high, step, digits */
const SLIDERS = [
  ["rotation_range", "rotation_range", "degrees", 180, 1, 0], ["width_shift_range", "width_shift_range", "of the width", 0.5, 0.01, 2],
  ["height_shift_range", "height_shift_range", "of the height", 0.5, 0.01, 2], ["shear_range", "shear_range", "degrees", 45, 0.5, 1],
  ["zoom_range", "zoom_range", "to either side of 1", 0.8, 0.01, 2],
];

/** The ranges of a state. @param {any} choices @returns {import("../play/augmentation.js").Ranges} */
export function rangesOf(choices) {
  const ranges = /** @type {any} */ ({ ...LECTURE_RANGES });
  for (const [name] of SLIDERS) if (Number.isFinite(choices[name])) ranges[name] = Number(choices[name]);
  if (choices.horizontal_flip !== undefined) ranges.horizontal_flip = Number(choices.horizontal_flip) === 1;
  if (FILL_MODES.includes(String(choices.fill_mode))) ranges.fill_mode = String(choices.fill_mode);
  return ranges;
}

/** @param {any} context */
export function createAugmentation(context) {
  return new AugmentationPanel(context);
}

class AugmentationPanel extends Experiment {
  /** @param {any} context */
  constructor(context) {
    super(context, WORDS);
    this.kept = 0;
    this.sliders = new Map(SLIDERS.map(([name, label, unit, high, step, digits]) =>
      [name, createSlider(context, { label, unit, low: 0, high, step, digits, onInput: (value) => this.choose(name, value) })]));
    this.flip = createCheck(context, "horizontal_flip", (on) => this.choose("horizontal_flip", on ? 1 : 0));
    this.fill = createChoice(context, { label: "fill_mode", onChange: (value) => this.choose("fill_mode", value) });
    this.samples = Array.from({ length: SAMPLES }, () => {
      const picture = createMap();
      const caption = element("figcaption");
      return { picture, caption, element: element("figure", {}, element("div", { class: "convlab-picture" }, picture), caption) };
    });
    this.code = element("code", { class: "convlab-code-line" });
    this.panel.add(
      element("div", { class: "convlab-controls" }, [...this.sliders.values()].map((slider) => slider.element)),
      element("div", { class: "convlab-row" }, this.flip.element, this.fill.element,
        createButton(context, "Use the slide's values", () => this.preset(LECTURE_RANGES)),
        createButton(context, "Use values for digits", () => this.preset(DIGIT_RANGES)),
        createButton(context, "Draw other samples", () => this.choose("epoch", this.epoch + 1))),
      element("div", { class: "convlab-samples" }, this.samples.map((sample) => sample.element)), this.code);
  }

  /** @param {import("../play/augmentation.js").Ranges} ranges */
  preset(ranges) {
    for (const [name, value] of Object.entries(ranges)) this.choose(name, typeof value === "boolean" ? Number(value) : value);
  }

  get epoch() {
    return Number(this.context.store.state.choices.epoch ?? 0);
  }

  /** @param {any} state */
  update(state) {
    const ranges = rangesOf(state.choices);
    for (const [name, slider] of this.sliders) slider.show(/** @type {any} */ (ranges)[name]);
    this.flip.show(ranges.horizontal_flip);
    this.fill.show(FILL_MODES.map((mode) => [mode, mode]), ranges.fill_mode);
    setText(this.code, augmentationCode(ranges));
    const name = this.probes.subject(state);
    const described = this.context.catalog.get(name);
    const pixels = described && this.context.pixels(name);
    if (!pixels || !this.panel.isVisible()) return;
    const hasNetwork = this.context.networks.has(name); // not yet, or only on the server
    this.subject = { name, image: described.image, classes: described.classes, hasNetwork };
    this.work.start([name, pixels, JSON.stringify(ranges), this.epoch, state.kernels, hasNetwork], (signal) => this.compute(pixels, ranges, this.epoch, signal));
  }

  /** Pictures first, then the predictions. @param {ArrayLike<number>} pixels @param {import("../play/augmentation.js").Ranges} ranges @param {number} epoch @param {AbortSignal} signal */
  async *compute(pixels, ranges, epoch, signal) {
    const { name, image, classes, hasNetwork } = /** @type {any} */ (this.subject);
    this.done = "";
    const drawn = [];
    for (let position = 0; position < SAMPLES; position++) {
      const sample = augmented(pixels, image, ranges, { seed: 0, epoch, position });
      drawn.push(sample);
      setStyle(this.samples[position].element, { "--ratio": image.width / image.height });
      drawImage(this.samples[position].picture, sample, [image.height, image.width, image.channels]);
      setText(this.samples[position].caption, hasNetwork ? "computing …" : "");
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (signal.aborted) return;
    }
    if (!hasNetwork) return;
    const expected = largest(await this.probes.values(name, pixels, signal));
    this.kept = 0;
    yield* oneAhead(drawn.entries(), async ([position, sample]) => {
      const values = await this.probes.values(name, sample, signal);
      const best = largest(values);
      if (best === expected) this.kept++;
      setText(this.samples[position].caption, `${classes[best]} ${(100 * values[best]).toFixed(0)}%`);
      this.samples[position].element.classList.toggle("convlab-changed", best !== expected);
      this.done = `${name} keeps its answer “${classes[expected]}” for ${this.kept} of ${position + 1} samples.`;
    });
  }

  draw() {
    if (this.done) this.panel.say(this.done);
  }
}
