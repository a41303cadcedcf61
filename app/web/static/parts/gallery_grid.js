// @ts-check
// Twelve samples as pictures: one tab stop, arrows move, a typed digit shows the next one of it.

import { createCanvas, putPixels } from "../raster.js";
import { element } from "../element.js";

const COUNT = 12; // pictures at a time
const COLUMNS = 6;
/** @type {{[key: string]: number}} */
const MOVES = {
  ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS,
  PageDown: COUNT, PageUp: -COUNT,
};

/**
 * Return the pictures.
 *
 * @param {any} context
 * @param {{wanted: any}} gallery Which samples are shown.
 * @param {(change: any) => void} go Shows other ones.
 */
export function createGrid(context, gallery, go) {
  const { listen, input, catalog } = context;
  const pictures = Array.from({ length: COUNT }, createPicture);
  const grid = element("div", {
    class: "convlab-gallery-grid", role: "listbox", "aria-label": "Samples",
    "aria-keyshortcuts": "0 1 2 3 4 5 6 7 8 9",
  }, pictures.map((picture) => picture.element));
  const start = () => gallery.wanted.index - (gallery.wanted.index % COUNT);
  pictures.forEach((picture, k) =>
    listen(picture.element, "click", () => go({ ...gallery.wanted, index: start() + k })));
  listen(grid, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const change = changeOf(event, gallery.wanted, catalog);
    if (!change) return;
    event.preventDefault();
    go(change);
    pictures[gallery.wanted.index % COUNT].element.focus();
  });
  return {
    element: grid,
    /**
     * @param {any} wanted
     * @param {boolean} isShown Whether one of them is the input.
     * @returns {string} what is to be said about them
     */
    update(wanted, isShown) {
      const described = catalog.get(wanted.model);
      const samples = pictures.map((_, k) => input.samples.get({ ...wanted, index: start() + k }));
      const current = wanted.index % COUNT;
      pictures.forEach((picture, k) =>
        picture.update(samples[k], described, k === current, isShown && k === current));
      return noteOf(isShown ? [samples[current]] : samples, described, isShown);
    },
  };
}

/** @param {KeyboardEvent} event @param {any} wanted @param {Map<string, any>} catalog */
function changeOf(event, wanted, catalog) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const step = MOVES[event.key];
  if (step) return { ...wanted, index: Math.max(0, wanted.index + step) };
  const label = /^\d$/.test(event.key) ? catalog.get(wanted.model)?.classes.indexOf(event.key) : -1;
  if (label === undefined || label < 0) return null;
  return wanted.label === label ? { index: wanted.index + 1 } : { label, predicted: null, index: 0 };
}

function createPicture() {
  const { canvas } = createCanvas(28, 28);
  const button = element("button", {
    class: "convlab-gallery-picture", type: "button", role: "option", tabIndex: -1,
  }, canvas);
  /** @type {any} */
  let drawn;
  return {
    element: button,
    /** @param {any} sample @param {any} described @param {boolean} isTabStop @param {boolean} isInput */
    update(sample, { image, classes }, isTabStop, isInput) {
      button.setAttribute("aria-selected", String(isInput));
      button.tabIndex = isTabStop ? 0 : -1;
      if (sample === drawn) return;
      drawn = sample;
      const isThere = Boolean(sample?.pixels);
      button.classList.toggle("convlab-empty", !isThere);
      button.setAttribute("aria-label", isThere ? describe(sample, classes) : "no sample");
      if (isThere) putPixels(canvas, { ...image, data: sample.pixels });
    },
  };
}

/** @param {any[]} samples @param {any} described @param {boolean} isShown */
function noteOf(samples, { classes }, isShown) {
  const told = samples.find((sample) => sample?.problem || sample?.note) ?? samples[0];
  if (!told) return "";
  if (told.problem) return samples.every((sample) => sample?.problem) ? told.problem : "";
  const parts = isShown ? [describe(samples[0], classes), told.note] : [told.note];
  return parts.filter(Boolean).join(" · ");
}

/** @param {any} sample @param {string[]} classes */
function describe({ label, predicted }, classes) {
  const parts = [];
  if (label !== null) parts.push(`true class ${classes[label]}`);
  if (predicted !== null && predicted !== label) parts.push(`predicted ${classes[predicted]}`);
  return parts.join(", ") || "sample";
}
