// @ts-check
/** The images of one cell of the confusion matrix; the chosen one is the input of the page. */

import { countOf, imagesText } from "./confusion_model.js";
import { createButton } from "./controls.js";
import { createCanvas, putPixels } from "../raster.js";
import { element, setText } from "../element.js";
import { isSheet } from "./card_sheet.js";

/** @typedef {import("./confusion_model.js").Cell} Cell */
/** @typedef {import("./confusion_model.js").Confusion} Confusion */
/** @typedef {{model: string, cell: Cell, confusion: Confusion, classes: string[]}} Subject */

const COUNT = 24; // pictures at first, and as many more each time

/** @param {any} context */
export function createConfusionImages(context) {
  return new ConfusionImages(context);
}

class ConfusionImages {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    /** @type {Subject|null} */
    this.subject = null;
    this.key = "";
    this.limit = COUNT;
    this.stop = 0; // position of the tab stop
    /** @type {{button: HTMLElement, canvas: HTMLCanvasElement, drawn: any}[]} */
    this.pictures = [];
    this.title = element("h3", { class: "convlab-heading" });
    this.grid = element("div", { class: "convlab-confusion-images", role: "listbox", "aria-label": "Images of the chosen cell" });
    this.note = element("p", { class: "convlab-note", role: "status" });
    this.more = createButton(context, "Show more", () => this.showMore());
    this.score = createButton(context, "", () => this.pin(this.subject?.cell.predicted));
    this.other = createButton(context, "", () => this.pin(this.subject?.cell.truth));
    this.element = element("div", { class: "convlab-confusion-cell" }, this.title, this.grid, this.note,
      element("div", { class: "convlab-row" }, this.more, this.score, this.other));
    context.listen(this.grid, "click", (/** @type {any} */ event) => this.choose(this.pictures.findIndex(({ button }) => button.contains(event.target))));
    context.listen(this.grid, "keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
  }

  /** @param {any} state @param {Subject|null} subject Null: no cell is chosen. */
  update(state, subject) {
    this.element.hidden = subject === null;
    if (!subject) return;
    const key = [subject.model, subject.cell.truth, subject.cell.predicted].join("\n");
    if (key !== this.key) [this.key, this.limit, this.stop, this.pictures] = [key, COUNT, 0, []];
    this.subject = subject;
    const { cell, classes, confusion } = subject;
    const count = countOf(confusion, cell);
    setText(this.title, `${imagesText(count)} with true class ${classes[cell.truth]}, predicted class ${classes[cell.predicted]}`);
    const { samples, problem } = this.samples(Math.min(count, this.limit));
    this.show(samples);
    const shown = this.shownOf(state.input, samples);
    this.pictures.forEach(({ button }, k) => button.setAttribute("aria-selected", String(k === shown)));
    this.say(samples, problem, shown, count);
    this.more.hidden = samples.length < this.limit || count <= this.limit;
    this.showButtons(state, shown);
  }

  /** Which input shows an image of this cell. @param {number} index */
  inputOf(index) {
    const { model, cell } = /** @type {Subject} */ (this.subject);
    return { kind: "sample", model, order: "first", seed: 0, index, label: cell.truth, predicted: cell.predicted };
  }

  /**
   * The position of the image that is the input, or −1. The images of a network that trains change
   * their places, but they have names.
   *
   * @param {any} input
   * @param {any[]} samples
   */
  shownOf(input, samples) {
    /** @type {any} */
    const wanted = this.inputOf(input.index);
    if (!Object.keys(wanted).every((name) => wanted[name] === input[name])) return -1;
    const { caption } = this.context.input;
    return caption ? samples.findIndex((sample) => sample?.name === caption) : samples[input.index] ? input.index : -1;
  }

  /** @param {number} count */
  samples(count) {
    /** @type {any[]} */
    const samples = [];
    for (let index = 0; index < count; index++) {
      const sample = this.context.input.samples.get(this.inputOf(index));
      if (sample?.problem) return { samples, problem: index === 0 ? sample.problem : "" };
      samples.push(sample);
    }
    return { samples, problem: "" };
  }

  /** @param {any[]} samples Null: on its way. */
  show(samples) {
    const { image } = this.context.catalog.get(this.subject?.model);
    while (this.pictures.length < samples.length) this.pictures.push(createPicture());
    this.pictures.length = samples.length;
    const buttons = this.pictures.map(({ button }) => button);
    const isSame = buttons.length === this.grid.children.length && buttons.every((button, k) => button === this.grid.children[k]);
    if (!isSame) this.grid.replaceChildren(...buttons);
    this.stop = Math.min(this.stop, Math.max(0, samples.length - 1));
    this.pictures.forEach((picture, k) => {
      const sample = samples[k];
      picture.button.setAttribute("tabindex", k === this.stop ? "0" : "-1");
      picture.button.classList.toggle("convlab-empty", !sample);
      if (!sample || sample === picture.drawn) return;
      picture.drawn = sample;
      picture.button.setAttribute("aria-label", ["Image", k + 1, sample.name].filter(Boolean).join(" "));
      putPixels(picture.canvas, { ...image, data: sample.pixels });
    });
  }

  /** @param {any[]} samples @param {string} problem @param {number} shown @param {number} count */
  say(samples, problem, shown, count) {
    if (problem && count > 0) return setText(this.note, problem);
    if (count === 0) return setText(this.note, "No image is in this cell.");
    if (samples.includes(null)) return setText(this.note, "Loading the images …");
    const held = Math.min(count, this.limit);
    const missing = samples.length < held ? `${samples.length} of the ${imagesText(count)} are on this page. ` : "";
    const input = samples[shown] ? `Input of the page: image ${[shown + 1, samples[shown].name].filter(Boolean).join(", ")}.` : "Choose an image: it becomes the input of the page.";
    setText(this.note, missing + input);
  }

  /** @param {any} state @param {number} shown */
  showButtons(state, shown) {
    const { cell, classes } = /** @type {Subject} */ (this.subject);
    const isThere = shown >= 0 && this.context.networks.has(state.model);
    this.score.hidden = !isThere;
    this.other.hidden = !isThere || cell.truth === cell.predicted || this.outputs(state.model) === 1;
    setText(this.score, `Arithmetic of ${classes[cell.predicted]}`);
    setText(this.other, `Arithmetic of ${classes[cell.truth]}`);
  }

  /** Number of outputs of a network. @param {string} model */
  outputs(model) {
    const operation = this.context.networks.get(model)?.program.operations.at(-1);
    return operation ? operation.shape[operation.shape.length - 1] : 0;
  }

  /** Pin the output of a class, so that its arithmetic is shown. @param {number|undefined} index */
  pin(index) {
    const { store, networks, root } = this.context;
    const network = networks.get(store.state.model);
    if (!network || index === undefined) return;
    const channel = Math.min(index, this.outputs(store.state.model) - 1);
    store.dispatch({ type: "pin", pin: { operation: network.program.operations.at(-1).name, row: 0, column: 0, channel } });
    const toCard = () => {
      const card = root.querySelector(".convlab-arithmetic");
      const { top } = card.getBoundingClientRect();
      const isHigh = top >= 0 && top <= root.ownerDocument.documentElement.clientHeight / 2;
      if (!isSheet(card) && !isHigh) card.scrollIntoView({ block: "start" });
      card.querySelector(".convlab-title").focus({ preventScroll: true }); // whoever uses keys goes on there
    };
    requestAnimationFrame(() => requestAnimationFrame(toCard));
  }

  /** @param {number} index Nothing happens without such an image. */
  choose(index) {
    if (!this.pictures[index]?.drawn) return;
    this.stop = index;
    this.context.scrolling.hold(this.grid); // panels above show what they have for the new input
    this.context.store.dispatch({ type: "input", input: this.inputOf(index) });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tops = this.pictures.map(({ button }) => button.offsetTop);
    const columns = tops.filter((top) => top === tops[0]).length;
    const last = this.pictures.length - 1;
    /** @type {{[key: string]: number}} */
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -last, End: last };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    this.choose(Math.min(last, Math.max(0, this.stop + moves[event.key])));
    this.pictures[this.stop].button.focus();
  }

  showMore() {
    this.limit += COUNT;
    this.context.store.dispatch({ type: "refresh" });
  }
}

function createPicture() {
  const { canvas } = createCanvas(28, 28);
  const button = element("button", { type: "button", role: "option", class: "convlab-gallery-picture convlab-empty", "aria-label": "Loading" }, canvas);
  return { button, canvas, drawn: null };
}
