// @ts-check
// The tools of the board: pen or eraser, its width, undo, clear, an image from the machine.

import { PEN_WIDTHS, USUAL_WIDTH } from "../strokes.js";
import { element, setProperties } from "../element.js";

const GIVEN = new Set(["image", "sample"]);
const WHY_GIVEN = "This network reads photographs: open an image, or choose a sample.";

/**
 * Return the tools.
 *
 * @param {any} context
 */
export function createTools(context) {
  const { store, listen, catalog } = context;
  const button = (/** @type {string} */ text, /** @type {() => void} */ act) => {
    const made = element("button", { class: "convlab-button", type: "button" }, text);
    listen(made, "click", act);
    return made;
  };
  const pen = button("Draw", () => setErases(false));
  const eraser = button("Erase", () => setErases(true));
  const undo = button("Undo", () => store.dispatch({ type: "undo" }));
  const clear = button("Clear", () => store.dispatch({ type: "clear" }));
  const width = createWidth(listen);
  const camera = createChooser(context, "Take photo", { capture: "environment" });
  camera.classList.add("convlab-touch-only");
  let erases = false;
  let isGiven = false;
  function setErases(/** @type {boolean} */ value) {
    erases = value;
    pen.setAttribute("aria-pressed", String(!erases));
    eraser.setAttribute("aria-pressed", String(erases));
  }
  setErases(false);
  return {
    element: element("div", { class: "convlab-tools", role: "toolbar", "aria-label": "Drawing" },
      element("div", { class: "convlab-tools-row" }, pen, eraser, width.element),
      element("div", { class: "convlab-tools-row" },
        undo, clear, createChooser(context, "Open image", {}), camera)),
    get erases() { return erases; },
    get isGiven() { return isGiven; },
    get width() { return width.value; },
    toggleEraser: () => setErases(!erases),
    update(/** @type {any} */ { history, input, model }) {
      isGiven = GIVEN.has(input.kind) && catalog.get(model)?.mnist_style === false;
      for (const tool of [pen, eraser, width.element]) setProperties(tool, { disabled: isGiven, title: isGiven ? WHY_GIVEN : "" });
      pen.setAttribute("aria-pressed", String(!erases && !isGiven));
      eraser.setAttribute("aria-pressed", String(erases && !isGiven));
      undo.disabled = history.length === 0;
      clear.disabled = input.kind === "drawing" && input.strokes.length === 0;
    },
  };
}

/** @param {any} listen */
function createWidth(listen) {
  const slider = element("input", {
    type: "range", class: "convlab-slider", min: 0, max: PEN_WIDTHS.length - 1, step: 1,
    value: PEN_WIDTHS.indexOf(USUAL_WIDTH), "aria-label": "Width of the pen",
  });
  const name = () =>
    slider.setAttribute("aria-valuetext", `${PEN_WIDTHS[slider.valueAsNumber]} of 256`);
  listen(slider, "input", name);
  name();
  return { element: slider, get value() { return PEN_WIDTHS[slider.valueAsNumber]; } };
}

/**
 * Return a button that opens the browser's dialog for an image.
 *
 * @param {any} context
 * @param {string} text
 * @param {any} properties
 */
function createChooser({ listen, input }, text, properties) {
  const field = element("input", {
    type: "file", accept: "image/*", class: "convlab-unseen", tabIndex: -1, "aria-hidden": "true",
  });
  for (const [name, value] of Object.entries(properties)) field.setAttribute(name, value);
  const button = element("button", { class: "convlab-button", type: "button" }, text);
  listen(button, "click", () => field.click());
  listen(field, "change", () => {
    if (field.files?.length) input.choose(field.files[0]);
    field.value = "";
  });
  return element("span", { class: "convlab-chooser" }, button, field);
}
