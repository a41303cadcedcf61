// @ts-check
/** The Python that computes what the page shows, to copy. */

import { changeWords } from "../play/changes.js";
import { copyText, createAction } from "./action.js";
import { createPanel } from "./panel.js";
import { editsOf } from "../engine/edits.js";
import { element, setText } from "../element.js";
import { probesOf } from "../play/probes.js";
import { pythonCode } from "../play/python_code.js";
import { rangesOf } from "./augmentation.js";
import { readDemo } from "./convolution_demo.js";
import { sizeProblem } from "../play/volumes.js";
import { wholeLevels } from "../engine/image.js";
import { saveTensor } from "../draw/save.js";

const SAMPLES = 12;
const AUGMENTING = ["rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "horizontal_flip", "fill_mode", "epoch"];
const WORDS = {
  name: "python", title: "The same in Python",
  term: "This program loads the network and the input, and computes what the page shows: predictions, edited kernels, the pinned cell, occlusion, dropout, augmented samples, the demo.",
};

/** @param {any} context */
export function createPythonCode(context) {
  return new PythonCode(context);
}

class PythonCode {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.probes = probesOf(context);
    this.code = element("code");
    this.pre = element("pre", { class: "convlab-code", tabIndex: 0, role: "group", "aria-label": "Python program" }, this.code);
    this.copy = createAction(context.announce, "Copy the program", () => this.copyText(), { what: "the program" });
    this.save = createAction(context.announce, "Save input.npy", () => {
      const { image, pixels } = this.subject;
      saveTensor("input.npy", pixels, [image.height, image.width, image.channels]);
      return "Saved";
    }, { what: "input.npy" });
    this.panel = createPanel(context, WORDS, element("div", { class: "convlab-row" }, this.copy, this.save), this.pre);
    this.element = this.panel.element;
  }

  async copyText() {
    try {
      return await copyText(this.code.textContent ?? "");
    } catch { // a page from a file, or a browser without permission
      getSelection()?.selectAllChildren(this.code);
      throw new Error("The program is selected; copy it with the keyboard.");
    }
  }

  /** @param {any} state */
  update(state) {
    if (!this.panel.isVisible()) return;
    const name = this.probes.subject(state);
    const described = this.context.catalog.get(name);
    const pixels = described && this.context.pixels(name);
    if (!pixels) return this.panel.say(this.context.input.problem);
    const now = [name, pixels, state.kernels, state.pin, state.dropout, state.choices];
    if (this.drawn && now.every((part, index) => part === this.drawn[index])) return;
    this.drawn = now;
    this.subject = this.read(state, name, described, pixels);
    setText(this.code, pythonCode(this.subject));
    this.panel.say(`Run it in the folder of the project. The input of ${name} has ${described.image.height}×${described.image.width}×${described.image.channels} values.`);
  }

  /** @param {any} state @param {string} name @param {any} described @param {ArrayLike<number>} pixels @returns {import("../play/python_code.js").CodeSubject} */
  read(state, name, described, pixels) {
    const program = this.context.networks.get(name)?.program;
    const classIndex = this.probes.classIndex(state);
    const operation = state.pin && program?.byName.get(state.pin.operation);
    const augments = AUGMENTING.some((choice) => state.choices[choice] !== undefined);
    return {
      model: name, image: described.image,
      pixels: wholeLevels(pixels),
      changes: changeWords(state.play), classIndex, className: described.classes[classIndex],
      kernels: program ? editsOf(state.kernels, name).filter(([edited]) => program.byName.has(edited)).map(([edited, place, weights]) => [program.byName.get(edited), place, weights]) : [],
      pin: operation?.layer ? { ...state.pin, layer: operation.layer, isMap: operation.shape.length === 3, isBefore: lastOf(program, operation) !== operation } : null,
      passes: state.dropout ? Number(state.choices.passes ?? 30) : null,
      augmentation: augments ? { ranges: rangesOf(state.choices), epoch: Number(state.choices.epoch ?? 0), count: SAMPLES } : null,
      demo: shownDemo(state.choices),
    };
  }

  dispose() {
    this.panel.dispose();
  }
}

/** The sizes of the demo, if it was used and shows something. @param {any} choices */
function shownDemo(choices) {
  if (choices.demo === undefined && choices["demo-step"] === undefined) return null;
  const size = readDemo(choices.demo);
  return sizeProblem(size) === null ? size : null;
}

/** The operation whose output is that of a layer. @param {any} program @param {any} operation */
function lastOf(program, { layer }) {
  return program.operations.findLast((/** @type {any} */ other) => other.layer === layer);
}
