// @ts-check
// What the parts of the training section share: the connection, the run, and what is about to be built.

import { initialRun, reduceRun } from "./run.js";
import { LiveNetwork } from "./live_network.js";
import { LIVE } from "./live_source.js";
import { createChoice } from "../parts/picker.js";
import { readStack, writeStack } from "./stack.js";

const PATIENCE = 150; // milliseconds of stillness before a stack is sized

/** A page's side of a live run. */
export class Session {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.run = initialRun();
    /** @type {any} */
    this.connection = null;
    this.isConnected = false;
    /** @type {any} What is known of the dataset, once it is loaded. */
    this.prepared = null;
    /** @type {any[]} Sizes of the layers. */
    this.rows = [];
    this.python = "";
    this.sizeProblem = "";
    this.live = new LiveNetwork(context);
    this.chooseNetwork = createChoice(context);
    this.timer = 0;
  }

  get isOpen() {
    return this.connection !== null;
  }

  /** @returns {import("./stack.js").Layer[]} */
  get stack() {
    return readStack(this.context.store.state.choices.stack);
  }

  open() {
    this.connection = this.context.source.connect(
      (/** @type {any} */ event) => this.take(event),
      (/** @type {boolean} */ isOpen) => this.reopen(isOpen));
    this.refresh();
  }

  /** The server tells everything anew. @param {boolean} isOpen */
  reopen(isOpen) {
    this.isConnected = isOpen;
    if (isOpen) this.run = { ...initialRun(), kinds: this.run.kinds, names: this.run.names };
    this.refresh();
  }

  /** @param {any} event */
  async take(event) {
    const { run } = this.run;
    this.run = reduceRun(this.run, event);
    if (event.topic === "network") this.begin(event, event.run !== run);
    if (event.topic === "validation") this.live.measure(event);
    this.refresh();
    if (event.topic === "weights") await this.live.take(event.tensors);
    this.connection?.drawn(event.topic);
  }

  /** @param {any} event @param {boolean} isNew */
  begin(event, isNew) {
    const canCompute = this.live.begin(event);
    if (canCompute && isNew) this.chooseNetwork(this.context.catalog.get(LIVE));
  }

  /**
   * @param {string} command
   * @param {Record<string, any>} [values]
   * @returns {Promise<any>}
   */
  tell(command, values = {}) {
    return this.connection.tell(command, values);
  }

  /** @param {Record<string, any>} values Dataset, and its size of images if it is not the usual one. */
  async prepare(values) {
    this.prepared = await this.tell("prepare", values);
    const { presets } = this.prepared;
    const usual = presets.convnet ?? Object.values(presets)[0];
    if (this.context.store.state.choices.stack) this.size();
    else this.change(usual);
  }

  /** @param {import("./stack.js").Layer[]} stack */
  change(stack) {
    this.choose("stack", writeStack(stack, this.run.kinds));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.size(), PATIENCE);
  }

  /** Ask what each layer makes of its input. */
  async size() {
    const { image, classes } = this.prepared;
    try {
      const { rows, python } = await this.tell("size", { layers: this.stack, image, classes: classes.length });
      [this.rows, this.python, this.sizeProblem] = [rows, python, ""];
    } catch (error) {
      this.sizeProblem = error instanceof Error ? error.message : String(error);
    }
    this.refresh();
  }

  /** Keep a choice in the address. @param {string} name @param {string} value */
  choose(name, value) {
    const { store } = this.context;
    if (String(store.state.choices[name] ?? "") !== value) store.dispatch({ type: "choose", name, value });
  }

  refresh() {
    this.context.store.dispatch({ type: "refresh" });
  }

  dispose() {
    clearTimeout(this.timer);
    this.connection?.close();
    this.connection = null;
  }
}
