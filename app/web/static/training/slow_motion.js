// @ts-check
/** One training step, part by part: images, patch, loss, gradient, update, with the numbers of one kernel. */

import { createButton, createChoice } from "../parts/controls.js";
import { createProblem } from "./problem.js";
import { classOf, createMarkLegend, createSheet } from "./batch_sheet.js";
import { element, setText } from "../element.js";
import { partOf, strongestFilter, strongestPatch } from "./dissection_model.js";
import { gradientStage, lossStage, patchStage, updateStage } from "./slow_stages.js";

const STAGES = 5;

/** @param {any} context @param {import("./session.js").Session} session */
export function createSlowMotion(context, session) {
  return new SlowMotion(context, session);
}

class SlowMotion {
  /** @param {any} context @param {import("./session.js").Session} session */
  constructor(context, session) {
    this.session = session;
    this.layer = "";
    this.stage = 0; // the last one that is shown
    this.image = 0;
    this.filter = 0;
    /** @type {ArrayBuffer | null} The network before the step. */
    this.program = null;
    /** @type {any} */
    this.event = null;
    this.drawn = "";
    this.layers = createChoice(context, { label: "Layer", onChange: (layer) => this.set({ layer }) });
    this.filters = createChoice(context, { label: "Filter or unit", onChange: (text) => this.set({ filter: Number(text) }) });
    this.problem = createProblem();
    this.start = createButton(context, "Make one step in slow motion", () => this.make());
    this.next = createButton(context, "Next part", () => this.set({ stage: this.stage + 1 }), { class: "convlab-button convlab-main" });
    this.note = element("p", { class: "convlab-note" });
    this.sheet = createSheet("Images of the batch; choose one", (image) => this.set({ image }), "chosen");
    this.legend = createMarkLegend("chosen", "the image of the parts below; choose another one");
    this.stages = element("ol", { class: "convlab-stages" });
    this.element = element("div", { class: "convlab-group" }, element("h3", { class: "convlab-heading" }, "One step in slow motion"),
      element("div", { class: "convlab-field" }, this.layers.element, this.start, this.filters.element, this.next), this.note, this.problem.element, this.stages);
  }

  /** @param {Partial<{layer: string, stage: number, image: number, filter: number}>} change */
  set(change) {
    Object.assign(this, change);
    this.session.refresh();
  }

  async make() {
    const { session, layer } = this;
    const { program } = session.live;
    await this.problem.attempt(async () => {
      await session.tell("dissect", { layer });
      Object.assign(this, { program, stage: 0, image: 0 });
    });
  }

  /** @param {string[]} names Layers with a kernel. */
  update(names) {
    const { run } = this.session;
    if (!names.includes(this.layer)) this.layer = names[0] ?? "";
    this.layers.show(names.map((name) => [name, name]), this.layer);
    this.start.disabled = run.state !== "paused" || this.layer === "";
    setText(this.note, run.state === "running" ? "Pause the training first." : "");
    if (run.dissection !== this.event) this.take(run.dissection);
    const isShown = this.event !== null;
    this.filters.element.hidden = this.next.hidden = this.stages.hidden = !isShown;
    if (!isShown) return;
    this.next.disabled = this.stage >= STAGES - 1;
    this.filters.show(filtersOf(this.event), String(this.filter));
    const key = [this.event.step, this.event.layer, this.stage, this.image, this.filter].join();
    if (key !== this.drawn) this.draw();
    this.drawn = key;
  }

  /** @param {any} event */
  take(event) {
    this.event = event;
    this.drawn = "";
    if (event) this.filter = strongestFilter(event.tensors.get("gradient"));
  }

  draw() {
    const { event, image } = this;
    const { tensors } = event;
    const { classes } = this.session.run.network;
    const [kernel, gradient, images] = ["before", "gradient", "images"].map((name) => tensors.get(name));
    const part = partOf(kernel, this.filter, gradient);
    const numbers = { event, part, classes, image };
    this.sheet.update(images, (place) => [classOf(tensors.get("targets"), place, classes), tensors.get("losses").data[place].toFixed(2)], (place) => place === image);
    const [, height, width, channels] = images.shape;
    const pixels = Float32Array.from(images.data.subarray(image * height * width * channels, (image + 1) * height * width * channels));
    const found = this.program && strongestPatch(this.program, event.layer, pixels, part);
    const shown = { pixels, shape: [height, width, channels] };
    const all = [
      () => [element("h4", {}, `Images: ${tensors.get("images").shape[0]} of the ${event.images} of the batch, with class and loss before the update`), this.sheet.element, this.legend],
      () => patchStage(this.element, numbers, shown, found),
      () => lossStage(numbers),
      () => gradientStage(this.element, numbers),
      () => updateStage(this.element, numbers),
    ];
    this.stages.replaceChildren(...all.slice(0, this.stage + 1).map((content, k) =>
      element("li", { class: k === this.stage ? "convlab-active" : "" }, content())));
  }
}

/** @param {any} event @returns {[string, string][]} */
function filtersOf({ tensors }) {
  const { shape } = tensors.get("gradient");
  return Array.from({ length: shape[shape.length - 1] }, (_, k) => [String(k), String(k)]);
}
