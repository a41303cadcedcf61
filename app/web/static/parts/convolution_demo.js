// @ts-check
/** The lecture's convolution demo: filters slide over a volume, step by step, with their numbers. */

import { LECTURE_DEMO, demoSteps, exampleLayer, sizeProblem } from "../play/volumes.js";
import { createButton } from "./controls.js";
import { createDemoVolumes } from "./demo_volumes.js";
import { createPanel } from "./panel.js";
import { element, setText } from "../element.js";
import { outputSizeFormula, settingsThatFit } from "../play/sizes.js";

/** @type {[keyof import("../play/volumes.js").DemoSize, string, string, number, number][]} name, symbol, words, least, most */
const FIELDS = [
  ["width", "W", "input width", 1, 12], ["height", "H", "input height", 1, 12], ["depth", "D", "input depth", 1, 4],
  ["filters", "K", "number of filters", 1, 4], ["side", "F", "filter size", 1, 7], ["stride", "S", "stride", 1, 12],
  ["padding", "P", "zero padding", 0, 3], ["seed", "", "seed of the numbers", 0, 4294967295],
];
const PERIOD = 1100; // milliseconds per step
const WORDS = {
  name: "demo", title: "Convolution, step by step",
  term: "Each filter slides over the padded input with stride S. One cell of the output is the sum of F·F·D products and a bias. Output size: (W − F + 2P) / S + 1.",
};

/** The size in the state's text, `5,5,3,2,3,2,1,0`. @param {any} text @returns {import("../play/volumes.js").DemoSize} */
export function readDemo(text) {
  const numbers = String(text ?? "").split(",").map(Number);
  if (numbers.length !== FIELDS.length) return LECTURE_DEMO;
  const entries = FIELDS.map(([name, , , least, most], index) => [name, Math.min(most, Math.max(least, Math.trunc(numbers[index]) || 0))]);
  return Object.fromEntries(entries);
}

/** @param {any} context */
export function createConvolutionDemo(context) {
  return new ConvolutionDemo(context);
}

class ConvolutionDemo {
  /** @param {any} context */
  constructor(context) {
    this.store = context.store;
    this.timer = 0;
    /** @type {import("../play/volumes.js").DemoStep[]} */
    this.steps = [];
    this.shownSize = "";
    this.shownStep = -1;
    /** @type {any} */
    this.volumes = null;
    this.inputs = FIELDS.map(([, symbol, words, least, most]) =>
      element("input", { type: "number", min: least, max: most, "aria-label": `${symbol} ${words}`.trim() }));
    for (const input of this.inputs) context.listen(input, "change", () => this.resize());
    this.formula = element("p", { class: "convlab-demo-formula", role: "status" });
    this.kept = element("p", { class: "convlab-note", hidden: true });
    /** @type {import("../play/volumes.js").DemoSize|null} The last one that fits. */
    this.size = null;
    this.play = createButton(context, "Play", () => this.setPlaying(this.timer === 0));
    this.back = createButton(context, "Back", () => this.pauseAnd(-1));
    this.forth = createButton(context, "Step", () => this.pauseAnd(1));
    this.where = element("input", { type: "range", min: 0, value: 0, "aria-label": "Step of the demo" });
    context.listen(this.where, "input", () => this.choose("demo-step", this.where.valueAsNumber));
    this.count = element("span", { class: "convlab-demo-count" });
    this.stage = element("div", { class: "convlab-demo-stage" });
    this.panel = createPanel(context, WORDS,
      element("div", { class: "convlab-demo-fields" }, FIELDS.map(([, symbol, words], index) =>
        element("label", {}, symbol && element("i", {}, symbol), words, this.inputs[index]))),
      this.formula, this.kept, element("div", { class: "convlab-row" }, this.play, this.back, this.forth, this.where, this.count), this.stage);
    this.element = this.panel.element;
  }

  /** @param {string} name @param {string | number} value */
  choose(name, value) {
    this.store.dispatch({ type: "choose", name, value });
  }

  resize() {
    const size = readDemo(this.inputs.map((input) => input.value).join(","));
    this.choose("demo", FIELDS.map(([field]) => size[field]).join(","));
    this.choose("demo-step", 0);
  }

  get step() {
    return Math.min(Number(this.store.state.choices["demo-step"] ?? 0), Math.max(0, this.steps.length - 1));
  }

  /** @param {number} by */
  move(by) {
    this.choose("demo-step", (this.step + by + this.steps.length) % this.steps.length);
  }

  /** @param {number} by */
  pauseAnd(by) {
    this.setPlaying(false);
    this.move(by);
  }

  /** @param {boolean} on The pointer over the numbers holds the demo. */
  setPlaying(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.panel.isVisible() && !this.stage.matches(":hover") && this.move(1), PERIOD) : 0;
    setText(this.play, on ? "Pause" : "Play");
  }

  /** @param {import("../play/volumes.js").DemoSize} size */
  rebuild(size) {
    const problem = sizeProblem(size);
    const wrong = size.side > Math.min(size.width, size.height) + 2 * size.padding ? "side" : "stride";
    FIELDS.forEach(([name], index) => {
      if (this.inputs[index].value !== String(size[name])) this.inputs[index].value = String(size[name]);
      this.inputs[index].setAttribute("aria-invalid", String(problem !== null && name === wrong));
    });
    this.formula.classList.toggle("convlab-invalid", problem !== null);
    setText(this.formula, problem === null ? formulaText(size) : `${problem} ${remedy(size)}`);
    this.size = problem === null ? size : this.size ?? LECTURE_DEMO;
    this.kept.hidden = problem === null;
    setText(this.kept, `Shown below are sizes that fit: ${sizeText(this.size)}.`);
    if (problem === null || this.volumes === null) this.build(this.size);
  }

  /** @param {import("../play/volumes.js").DemoSize} size One that fits. */
  build(size) {
    const layer = exampleLayer(size);
    this.steps = demoSteps(layer);
    this.volumes = createDemoVolumes(layer, this.steps);
    this.stage.replaceChildren(this.volumes.element);
    this.where.max = String(this.steps.length - 1);
  }

  /** @param {any} state */
  update(state) {
    const size = readDemo(state.choices.demo);
    const written = JSON.stringify(size);
    if (written !== this.shownSize) {
      this.shownSize = written;
      this.shownStep = -1;
      this.rebuild(size);
    }
    if (this.steps.length === 0 || this.step === this.shownStep) return;
    this.shownStep = this.step;
    this.volumes.show(this.shownStep);
    this.where.value = String(this.shownStep);
    const { filter, row, column, value } = this.steps[this.shownStep];
    setText(this.count, `${this.shownStep + 1} of ${this.steps.length}`);
    this.where.setAttribute("aria-valuetext", `Filter ${filter}, row ${row}, column ${column}: ${value}`);
    const { filters, side, depth } = /** @type {import("../play/volumes.js").DemoSize} */ (this.size);
    this.panel.say(`${filters} filters of ${side}·${side}·${depth} weights and a bias each: ${filters * (side * side * depth + 1)} parameters. `
      + `Now filter ${filter} at row ${row}, column ${column}.`);
  }

  dispose() {
    this.setPlaying(false);
    this.panel.dispose();
  }
}

/** Both output sizes with their numbers. @param {import("../play/volumes.js").DemoSize} size */
function formulaText({ width, height, side, stride, padding }) {
  const across = outputSizeFormula({ width, side, stride, padding });
  return width === height ? `Output size: ${across}` : `Output width: ${across}; height: ${outputSizeFormula({ width: height, side, stride, padding })}`;
}

/** The nearest strides and paddings that fit. @param {import("../play/volumes.js").DemoSize} size */
function remedy({ width, height, side, stride, padding }) {
  const fitting = settingsThatFit({ width, side, stride, padding });
  const other = settingsThatFit({ width: height, side, stride, padding });
  const both = (/** @type {"stride" | "padding"} */ name) => fitting[name].filter((value) => width === height || other[name].includes(value));
  const offers = [["S", both("stride")], ["P", both("padding")]].filter(([, values]) => values.length > 0);
  return offers.length === 0 ? "" : `Fits: ${offers.map(([symbol, values]) => `${symbol} = ${/** @type {number[]} */ (values).join(" or ")}`).join(", ")}.`;
}

/** @param {import("../play/volumes.js").DemoSize} size */
function sizeText(size) {
  return FIELDS.filter(([name]) => name !== "seed").map(([name, symbol]) => `${symbol} = ${size[name]}`).join(", ");
}
