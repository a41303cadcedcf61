// @ts-check
/** The errors of the network that is looked into: its confusion matrix, and the images of a cell of it. */

import { createButton } from "./controls.js";
import { createConfusionImages } from "./confusion_images.js";
import { createConfusionTable } from "./confusion_table.js";
import { createPanel } from "./panel.js";
import { describeCell, percentText, readCell, readConfusion, shareOf, summarize, writeCell } from "./confusion_model.js";
import { element, setText } from "../element.js";

const WORDS = {
  name: "confusion", title: "Errors",
  term: "The confusion matrix has a row for each true class and a column for each predicted class; the diagonal counts the right predictions. Choose a cell to see its images.",
};
const COMPUTING = "Evaluating the network on the validation images. The first time, this may take some minutes …";
const PAUSE = 2000; // milliseconds until an unfinished evaluation is asked for again

/** @param {any} context */
export function createConfusion(context) {
  return new Errors(context);
}

class Errors {
  /** @param {any} context */
  constructor(context) {
    const { store, source } = context;
    this.context = context;
    this.isAvailable = source.abilities.has("evaluation") && source.abilities.has("samples");
    /** @type {Map<string, {evaluation?: any, confusion?: any, problem?: string, waiting?: string, measured?: number}>} By network. */
    this.answers = new Map();
    /** @type {import("./confusion_model.js").Cell|null} */
    this.pointed = null;
    /** @type {Set<ReturnType<typeof setTimeout>>} */
    this.timers = new Set();
    this.table = createConfusionTable(context, {
      onChoose: (cell) => store.dispatch({ type: "choose", name: "cell", value: writeCell(cell) }),
      onPoint: (cell) => {
        this.pointed = cell;
        this.sayLegend();
      },
    });
    this.legend = element("p", { class: "convlab-note convlab-confusion-legend" });
    this.images = createConfusionImages(context);
    this.again = createButton(context, "Try again", () => this.forget(store.state.model), { hidden: true });
    this.content = element("div", { hidden: true }, this.legend,
      element("div", { class: "convlab-confusion-body" }, this.table.element, this.images.element));
    this.panel = createPanel(context, WORDS, this.content, this.again);
    this.element = this.panel.element;
    this.element.hidden = !this.isAvailable;
    this.model = "";
  }

  /** @param {any} state */
  update(state) {
    if (!this.isAvailable || !this.context.catalog.has(state.model) || !this.panel.isVisible()) return;
    this.model = state.model;
    const { measured } = this.context.catalog.get(state.model); // more than once: the network trains
    const known = this.answers.get(state.model);
    if (!known || known.measured !== measured) this.ask(state.model, measured);
    const { evaluation, confusion, problem, waiting } = /** @type {any} */ (this.answers.get(state.model));
    this.content.hidden = !confusion;
    this.again.hidden = !problem;
    this.element.setAttribute("aria-busy", String(!confusion && !problem));
    if (!confusion) return this.panel.say(problem ?? waiting ?? COMPUTING);
    const { classes } = evaluation;
    const cell = readCell(state.choices.cell, classes.length);
    this.panel.say(summarize(evaluation, confusion, classes));
    this.table.update(confusion, classes, cell);
    this.images.update(state, cell && { model: state.model, cell, confusion, classes });
    this.sayLegend();
  }

  /** @param {string} model @param {number|undefined} measured */
  async ask(model, measured) {
    this.answers.set(model, { ...this.answers.get(model), measured });
    try {
      const evaluation = await this.context.source.evaluation(model);
      this.answers.set(model, { evaluation, confusion: readConfusion(evaluation.matrix), measured });
    } catch (/** @type {any} */ error) {
      if (error?.isUnfinished) return this.askLater(model, error.message);
      this.answers.set(model, { measured, problem: error instanceof Error ? error.message : String(error) });
    }
    this.context.store.dispatch({ type: "refresh" });
  }

  /** @param {string} model @param {string} reason */
  askLater(model, reason) {
    this.answers.set(model, { measured: this.answers.get(model)?.measured, waiting: `${reason} Trying again …` });
    this.context.store.dispatch({ type: "refresh" });
    this.timers.add(setTimeout(() => this.forget(model), PAUSE));
  }

  /** Ask for a network's evaluation when it is next in sight. @param {string} model */
  forget(model) {
    this.answers.delete(model);
    this.context.store.dispatch({ type: "refresh" });
  }

  /** What the pointer is at, otherwise what the shade means. */
  sayLegend() {
    const { evaluation, confusion } = this.answers.get(this.model) ?? {};
    if (!confusion) return;
    const pointed = this.pointed && describeCell(confusion, evaluation.classes, this.pointed);
    const shade = confusion.worst
      ? `Shade: share of the row, up to ${percentText(shareOf(confusion, confusion.worst))}. The diagonal is not shaded.`
      : "The network makes no errors.";
    setText(this.legend, pointed ? `${pointed[0].toUpperCase()}${pointed.slice(1)}` : shade);
  }

  dispose() {
    for (const timer of this.timers) clearTimeout(timer);
    this.panel.dispose();
  }
}
