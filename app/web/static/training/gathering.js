// @ts-check
/** Images of one's own, from the drawing board, the page's input or the camera, gathered into classes. */

import { createButton } from "../parts/controls.js";
import { createCamera } from "./camera.js";
import { createProblem } from "./problem.js";
import { element, setText } from "../element.js";

const FEWEST = 10; // images of a class, so that some are left for validation

/**
 * @param {any} context
 * @param {import("./session.js").Session} session
 * @param {(dataset: string) => void} use Take a folder as the dataset.
 */
export function createGathering(context, session, use) {
  return new Gathering(context, session, use);
}

class Gathering {
  /** @param {any} context @param {import("./session.js").Session} session @param {(dataset: string) => void} use */
  constructor(context, session, use) {
    this.context = context;
    this.session = session;
    /** @type {{[folder: string]: {[label: string]: number}}} */
    this.folders = {};
    /** @type {{[folder: string]: string}} */
    this.paths = {};
    /** @type {string[]} Classes that have no image yet. */
    this.added = [];
    /** @type {Promise<void>} */
    this.last = Promise.resolve();
    this.camera = createCamera(context);
    this.problem = createProblem();
    this.folder = element("input", { type: "text", value: "my-images", "aria-label": "Folder in which the images are kept", spellcheck: false, autocomplete: "off" });
    this.label = element("input", { type: "text", "aria-label": "Name of a class", placeholder: "name of a class", spellcheck: false, autocomplete: "off" });
    this.rows = element("tbody");
    this.use = createButton(context, "Use these images", () => use(this.paths[this.folder.value]));
    const add = () => this.addClass();
    context.listen(this.label, "keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && add());
    context.listen(this.folder, "change", () => this.show());
    context.listen(this.rows, "click", (/** @type {any} */ event) => this.press(event));
    context.listen(this.rows, "pointerdown", (/** @type {any} */ event) => this.hold(event));
    this.element = element("details", { class: "convlab-fold convlab-gathering" }, element("summary", {}, "Gather images of your own"),
      element("p", { class: "convlab-note" }, `Two classes or more, ${FEWEST} images of each or more. They are kept in a folder of the data on this machine, and go nowhere else.`),
      element("div", { class: "convlab-field" }, element("label", { class: "convlab-choice" }, element("span", {}, "folder"), this.folder), this.label, createButton(context, "Add a class", add)),
      this.camera.element,
      element("table", { class: "convlab-classes" }, this.rows), element("div", { class: "convlab-field" }, this.use), this.problem.element);
    context.listen(this.element, "toggle", () => this.element.open && this.load());
    this.shown = "";
  }

  async load() {
    await this.problem.attempt(async () => {
      ({ folders: this.folders, datasets: this.paths } = await this.context.source.collected());
    });
    this.show();
  }

  /** @returns {{[label: string]: number}} Images of each class. */
  get counts() {
    const empty = Object.fromEntries(this.added.map((label) => [label, 0]));
    return { ...empty, ...this.folders[this.folder.value] };
  }

  addClass() {
    const label = this.label.value.trim();
    if (label) this.added = [...this.added, label];
    this.label.value = "";
    this.show();
  }

  /** @param {any} event */
  press(event) {
    const { act, label } = event.target.closest("button")?.dataset ?? {};
    if (act === "draw") this.addInput(label);
    if (act === "back") this.send(label, null);
    if (act === "camera" && event.detail === 0) this.camera.once((blob) => this.send(label, blob)); // by keyboard
  }

  /** @param {any} event */
  hold(event) {
    const { act, label } = event.target.closest("button")?.dataset ?? {};
    if (act === "camera" && event.button === 0) this.camera.hold((blob) => this.send(label, blob));
  }

  /** Take what the page shows: the drawing as it stands on the board, or the chosen image. @param {string} label */
  addInput(label) {
    const { input } = this.context;
    if (input.shown.chosen) return this.send(label, input.shown.chosen.blob);
    return new Promise((resolve) => input.board.canvas.toBlob((/** @type {Blob} */ blob) => resolve(this.send(label, blob)), "image/png"));
  }

  /** @param {string} label @param {Blob | null} blob Null takes the newest one back. */
  send(label, blob) {
    this.last = this.last.then(() => this.sendNow(label, blob)); // one after the other: each answer is a count
    return this.last;
  }

  /** @param {string} label @param {Blob | null} blob */
  async sendNow(label, blob) {
    const folder = this.folder.value;
    await this.problem.attempt(async () => {
      const { count, dataset } = await this.context.source.collect(folder, label, blob);
      this.folders = { ...this.folders, [folder]: { ...this.folders[folder], [label]: count } };
      this.paths = { ...this.paths, [folder]: dataset };
    });
    this.show();
  }

  update() {
    const isOn = this.camera.isOn();
    for (const button of this.rows.querySelectorAll("[data-act=camera]")) button.hidden = !isOn;
    const hasInput = this.context.input.steps.length > 0 && this.context.store.state.input.kind !== "sample";
    for (const button of this.rows.querySelectorAll("[data-act=draw]")) button.disabled = !hasInput;
  }

  show() {
    const { counts } = this;
    const text = JSON.stringify(counts);
    const buttonOf = (/** @type {string} */ act, /** @type {string} */ label, /** @type {string} */ words) =>
      element("button", { type: "button", class: "convlab-button", "data-act": act, "data-label": label }, words);
    if (Object.keys(counts).join("\n") !== Object.keys(JSON.parse(this.shown || "{}")).join("\n")) {
      this.rows.replaceChildren(...Object.keys(counts).map((label) => element("tr", {},
        element("th", { scope: "row" }, label), element("td", {}), element("td", {}, buttonOf("draw", label, "Add the drawing or image"),
          buttonOf("camera", label, "Hold to photograph"), buttonOf("back", label, "Take the last one back")))));
    }
    this.shown = text;
    Object.values(counts).forEach((count, k) => setText(this.rows.children[k].children[1], `${count} ${count === 1 ? "image" : "images"}`));
    const filled = Object.values(counts).filter((count) => count >= FEWEST);
    this.use.disabled = filled.length < 2 || !(this.folder.value in this.paths);
    this.update();
  }

  dispose() {
    this.camera.dispose();
  }
}
