// @ts-check
// Real samples with their true class: in order, at random, or those that the network gets wrong.

import { createCanvas, putPixels } from "../raster.js";
import { element, setText } from "../element.js";

const COUNT = 12; // pictures at a time
const COLUMNS = 6;
/** @type {{[order: string]: string}} */
const ORDERS = { first: "in order", random: "at random", errors: "errors" };

/**
 * Return the gallery; its element is hidden where the source has no samples.
 *
 * @param {any} context
 */
export function createGallery(context) {
  const { store, source, listen } = context;
  /** @type {any} */
  let wanted = { order: "first", seed: 0, index: 0, label: null, model: "" };
  const order = element("select", { class: "convlab-select", "aria-label": "Which samples" },
    Object.entries(ORDERS).map(([value, text]) => element("option", { value }, text)));
  const next = element("button", { class: "convlab-button", type: "button", title: "Show the next sample that the network gets wrong" }, "Next error");
  const note = element("p", { class: "convlab-note" });
  const go = (/** @type {any} */ change) => {
    wanted = { ...wanted, ...change, model: store.state.model };
    store.dispatch({ type: "input", input: { kind: "sample", ...wanted } });
  };
  listen(order, "change", () => go({ order: order.value, index: 0, label: null, seed: order.value === "random" ? randomSeed() : 0 }));
  listen(next, "click", () => go(wanted.order === "errors" && store.state.input.kind === "sample"
    ? { index: wanted.index + 1 } : { order: "errors", label: null, index: 0, seed: randomSeed() }));
  const grid = createGrid(context, () => wanted, go);
  return {
    element: element("section", { class: "convlab-gallery", "aria-label": "Samples", hidden: !source.abilities.has("samples") },
      element("div", { class: "convlab-line" }, element("h2", { class: "convlab-heading" }, "Samples"), order, next), grid.element, note),
    update(/** @type {any} */ state) {
      if (!source.abilities.has("samples") || !context.catalog.has(state.model)) return;
      if (state.input.kind === "sample") wanted = state.input;
      if (!context.catalog.has(wanted.model)) wanted = { ...wanted, model: state.model };
      if (order.value !== wanted.order) order.value = wanted.order;
      const chosen = state.input.kind === "sample" ? wanted.index : -1;
      setText(note, grid.update(wanted, chosen));
    },
    dispose() {},
  };
}

/** @returns {number} */
function randomSeed() {
  return Math.floor(Math.random() * 2 ** 31);
}

/**
 * Return the pictures: one tab stop, arrows move, a typed digit shows the next sample of it.
 *
 * @param {any} context
 * @param {() => any} wanted
 * @param {(change: any) => void} go
 */
function createGrid(context, wanted, go) {
  const { listen, input, catalog } = context;
  const pictures = Array.from({ length: COUNT }, () => {
    const { canvas } = createCanvas(28, 28);
    return { canvas, element: element("button", { class: "convlab-gallery-picture", type: "button", role: "option", tabIndex: -1 }, canvas) };
  });
  const grid = element("div", { class: "convlab-gallery-grid", role: "listbox", "aria-label": "Samples" }, pictures.map((picture) => picture.element));
  const start = () => wanted().index - (wanted().index % COUNT);
  pictures.forEach((picture, k) => listen(picture.element, "click", () => go({ index: start() + k })));
  listen(grid, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { index, label, model } = wanted();
    const step = /** @type {any} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS, PageDown: COUNT, PageUp: -COUNT })[event.key];
    const typed = /^\d$/.test(event.key) ? catalog.get(model)?.classes.indexOf(event.key) : -1;
    if (step) go({ index: Math.max(0, index + step) });
    else if (typed >= 0) go(label === typed ? { index: index + 1 } : { label: typed, index: 0 });
    else return;
    event.preventDefault();
    pictures[wanted().index % COUNT].element.focus();
  });
  /** @type {any[]} */
  let drawn = [];
  return {
    element: grid,
    /** @param {any} now @param {number} chosen @returns {string} what is to be said below */
    update(now, chosen) {
      const { classes, image } = catalog.get(now.model);
      const samples = pictures.map((_, k) => input.samples.get({ ...now, index: start() + k }));
      pictures.forEach((picture, k) => {
        const isChosen = chosen === start() + k;
        picture.element.setAttribute("aria-selected", String(isChosen));
        picture.element.tabIndex = k === now.index % COUNT ? 0 : -1;
        const sample = samples[k];
        if (drawn[k]?.pixels === sample?.pixels && drawn[k]) return;
        drawn[k] = sample;
        picture.element.classList.toggle("convlab-empty", !sample?.pixels);
        picture.element.disabled = !sample?.pixels;
        if (!sample?.pixels) return;
        putPixels(picture.canvas, { ...image, data: sample.pixels });
        picture.element.setAttribute("aria-label", describe(sample, classes));
      });
      const sample = chosen >= 0 ? samples[chosen % COUNT] : samples.find((other) => other?.problem || other?.note);
      if (!sample) return "";
      if (sample.problem) return sample.problem;
      return chosen >= 0 ? [describe(sample, classes), sample.note].filter(Boolean).join(" · ") : sample.note;
    },
  };
}

/** @param {any} sample @param {string[]} classes */
function describe({ label, predicted }, classes) {
  const parts = [];
  if (label !== null) parts.push(`true class ${classes[label]}`);
  if (predicted !== null && predicted !== label) parts.push(`predicted ${classes[predicted]}`);
  return parts.join(", ") || "sample";
}
