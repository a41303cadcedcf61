// @ts-check
/** What panels with long computations have in common: probes, work, the choice of a class, and their end. */

import { createChoice } from "./controls.js";
import { createPanel } from "./panel.js";
import { createWork } from "../play/work.js";
import { probesOf } from "../play/probes.js";

export class Experiment {
  /**
   * @param {any} context
   * @param {{name: string, title: string, term: string}} words As for `createPanel`.
   */
  constructor(context, words) {
    this.context = context;
    this.store = context.store;
    this.probes = probesOf(context);
    this.panel = createPanel(context, words);
    this.element = this.panel.element;
    this.work = createWork(this.element, () => this.draw());
    this.classes = createChoice(context, { label: "Class", onChange: (value) => this.choose("class", value) });
  }

  /** Show what is known so far. */
  draw() {}

  /** @param {string} name @param {string | number} value */
  choose(name, value) {
    this.store.dispatch({ type: "choose", name, value });
  }

  /** Offer the classes. @param {string[]} classes @param {string} [usual] What is spoken of if none is chosen. */
  showClasses(classes, usual = "the predicted class") {
    const options = classes.map((name) => /** @type {[string, string]} */ ([name, name]));
    this.classes.show([["", usual], ...options], String(this.store.state.choices.class ?? ""));
  }

  dispose() {
    this.work.stop();
    this.panel.dispose();
  }
}
