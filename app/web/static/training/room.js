// @ts-check
/** The training room: data, the stack, the run, and what is seen of it. It begins when it is opened. */

import { classOf, createSheet, topOf } from "./batch_sheet.js";
import { createButton } from "../parts/controls.js";
import { createDataChoice } from "./data_choice.js";
import { createPanel } from "../parts/panel.js";
import { createRunControls } from "./run_controls.js";
import { createRunCurve } from "./run_curves.js";
import { createStackEditor } from "./stack_editor.js";
import { element, setText } from "../element.js";
import { initialRun, reduceRun } from "./run.js";
import { LiveNetwork, LIVE } from "./live_network.js";
import { readStack, writeStack } from "./stack.js";

const WORDS = {
  name: "training", title: "Train a network",
  term: "Choose images, stack layers, and watch the weights change. Your drawing runs through the newest weights; the network above is the one that trains.",
};
const PATIENCE = 150; // milliseconds of stillness before a stack is sized

/** @param {any} context */
export function createTraining(context) {
  return new Room(context);
}

class Room {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.run = initialRun();
    /** @type {any} */
    this.connection = null;
    /** @type {any} */
    this.prepared = null;
    this.dataset = "";
    /** @type {any[]} */
    this.rows = [];
    this.python = "";
    this.live = new LiveNetwork(context);
    const tell = (/** @type {string} */ command, /** @type {any} */ values) => this.tell(command, values);
    this.open = createButton(context, "Open the training room", () => this.begin());
    this.data = createDataChoice(context, tell, (prepared, dataset) => this.prepare(prepared, dataset));
    this.presets = element("select", { "aria-label": "Networks to begin with" });
    context.listen(this.presets, "change", () => this.presets.value && this.change(this.prepared.presets[this.presets.value]));
    this.stack = createStackEditor(context, (stack) => this.change(stack));
    this.build = createButton(context, "Build the network", () => this.start(false));
    this.keep = createButton(context, "Build, and keep weights that fit", () => this.start(true));
    this.problem = element("p", { class: "convlab-problem", role: "alert" });
    this.controls = createRunControls(context, tell);
    this.curves = [
      createRunCurve({ label: "Loss", points: "loss", row: "val_loss", least: 0, most: null }),
      createRunCurve({ label: "Accuracy", points: "accuracy", row: "val_accuracy", least: 0, most: 1 }),
    ];
    this.batch = createSheet("The batch that was trained on last");
    this.strip = createSheet("Validation images with their three most probable classes");
    this.inside = element("div", { class: "convlab-room", hidden: true },
      element("h3", {}, "Images"), this.data.element,
      element("h3", {}, "Layers"), element("label", {}, "Begin with ", this.presets), this.stack.element,
      element("div", { class: "convlab-field" }, this.build, this.keep), this.problem,
      element("h3", {}, "Run"), this.controls.element,
      element("div", { class: "convlab-run-curves" }, this.curves.map((curve) => curve.element)),
      element("h3", {}, "Last batch, with its losses"), this.batch.element,
      element("h3", {}, "Validation images"), this.strip.element);
    this.panel = createPanel(context, WORDS, this.open, this.inside);
    this.element = this.panel.element;
    this.timer = 0;
  }

  /** @param {any} state */
  update(state) {
    this.element.hidden = !this.context.source.abilities.has("training");
    this.inside.hidden = this.connection === null;
    this.open.hidden = this.connection !== null;
    if (this.connection === null) return;
    const stack = readStack(state.choices.stack);
    this.stack.update(stack, this.run.kinds, this.rows);
    this.controls.update(this.run, this.prepared?.defaults ?? {});
    for (const curve of this.curves) curve.update(this.run);
    const classes = this.run.network?.classes ?? [];
    const { batch, validation } = this.run;
    this.batch.update(batch && batch.tensors.get("images"), (place) =>
      `${classOf(batch.tensors.get("labels"), place, classes)} ${batch.tensors.get("losses").data[place].toFixed(2)}`);
    this.strip.update(validation && validation.tensors.get("images"),
      (place) => topOf(validation.tensors.get("probabilities"), place, classes, 3));
  }

  begin() {
    this.connection = this.context.source.connect(
      (/** @type {any} */ event) => this.take(event),
      (/** @type {boolean} */ isOpen) => this.reopen(isOpen));
    this.refresh();
  }

  /** @param {boolean} isOpen */
  reopen(isOpen) {
    this.run = { ...initialRun(), kinds: this.run.kinds };
    setText(this.problem, isOpen ? "" : "The connection was lost. Connecting again …");
    if (isOpen && !this.prepared) this.data.load();
    this.refresh();
  }

  /** @param {any} event */
  async take(event) {
    this.run = reduceRun(this.run, event);
    this.refresh();
    if (event.topic === "network") {
      this.live.begin(event);
      this.context.store.dispatch({ type: "model", model: LIVE });
    }
    if (event.topic === "weights") await this.live.take(event.tensors);
    this.connection.drawn(event.topic);
  }

  /** @param {string} command @param {any} [values] */
  tell(command, values) {
    return this.connection.tell(command, values);
  }

  /** @param {any} prepared @param {string} dataset */
  prepare(prepared, dataset) {
    [this.prepared, this.dataset] = [prepared, dataset];
    const names = Object.keys(prepared.presets);
    this.presets.replaceChildren(element("option", { value: "" }, "…"), ...names.map((name) => element("option", { value: name }, name)));
    if (!this.context.store.state.choices.stack) this.change(prepared.presets.convnet ?? prepared.presets[names[0]]);
    else this.size();
  }

  /** @param {any[]} stack */
  change(stack) {
    this.context.store.dispatch({ type: "choose", name: "stack", value: writeStack(stack, this.run.kinds) });
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.size(), PATIENCE);
  }

  /** Ask what each layer makes of its input. */
  async size() {
    const layers = readStack(this.context.store.state.choices.stack);
    try {
      const { rows, python } = await this.tell("size", { layers, image: this.prepared.image, classes: this.prepared.classes.length });
      [this.rows, this.python] = [rows, python];
      setText(this.problem, "");
    } catch (error) {
      setText(this.problem, error instanceof Error ? error.message : String(error));
    }
    this.refresh();
  }

  /** @param {boolean} keep_weights */
  async start(keep_weights) {
    const layers = readStack(this.context.store.state.choices.stack);
    const { epochs, batch_size, learning_rate, weight_decay, augment, optimizer } = this.prepared.defaults;
    try {
      await this.tell("start", { dataset: this.dataset, layers, keep_weights, epochs, batch_size, learning_rate, weight_decay, augment, optimizer, image_size: this.prepared.image[0] });
      setText(this.problem, "");
    } catch (error) {
      setText(this.problem, error instanceof Error ? error.message : String(error));
    }
  }

  refresh() {
    this.context.store.dispatch({ type: "refresh" });
  }

  dispose() {
    clearTimeout(this.timer);
    this.connection?.close();
    this.panel.dispose();
  }
}
