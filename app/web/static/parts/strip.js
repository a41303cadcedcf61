// @ts-check
// The steps from a drawing to what the network is shown, as small pictures; each can be left out.

import { createCanvas, putPixels } from "../raster.js";
import { element, setText } from "../element.js";

/** @type {{[step: string]: {title: string, hint: string}}} */
const STEPS = {
  drawing: { title: "image", hint: "The image as it is, in gray" },
  invert: { title: "invert", hint: "Ink is bright and paper is dark, as in MNIST" },
  crop: { title: "crop", hint: "The digit is cut out; specks are left out" },
  scale: { title: "scale", hint: "The longer side becomes 20 pixels, strokes keep a usual width" },
  center: { title: "center", hint: "The center of mass lies in the middle of 28 × 28 pixels" },
  sample: { title: "sample", hint: "A sample of the data set is shown as it is" },
};

/**
 * Return the strip.
 *
 * @param {any} context
 */
export function createStrip(context) {
  const list = element("ol", { class: "convlab-strip-steps" });
  const note = element("p", { class: "convlab-note" });
  /** @type {Map<string, any>} */
  const figures = new Map();
  /** @type {any} */
  let shown = null;
  let listed = "";
  return {
    element: element("section", { class: "convlab-strip", "aria-label": "Preprocessing" },
      element("h2", { class: "convlab-heading" }, "Preprocessing"), list, note),
    update(/** @type {any} */ state) {
      const { steps, problem } = context.input;
      if (steps === shown) return;
      shown = steps;
      for (const { name } of steps) {
        if (!figures.has(name)) figures.set(name, createFigure(context, name));
      }
      const names = steps.map((/** @type {any} */ { name }) => name).join(" ");
      if (names !== listed) {
        const items = steps.map((/** @type {any} */ { name }) => figures.get(name).element);
        list.replaceChildren(...items);
        listed = names;
      }
      for (const step of steps) figures.get(step.name).update(step, state.steps[step.name]);
      setText(note, problem || (steps.length === 1 ? STEPS.sample.hint : ""));
    },
    dispose() {},
  };
}

/** @param {any} context @param {string} name */
function createFigure({ store, listen }, name) {
  const { canvas } = createCanvas(28, 28);
  canvas.className = "convlab-strip-picture";
  const { title, hint } = STEPS[name];
  const isSwitch = name !== "drawing" && name !== "sample";
  const box = isSwitch ? element("input", { type: "checkbox", checked: true }) : null;
  if (box) listen(box, "change", () => store.dispatch({ type: "step", step: name, on: box.checked }));
  const caption = element(isSwitch ? "label" : "span", { class: "convlab-strip-name" }, box, title);
  return {
    element: element("li", { title: hint }, canvas, caption),
    update(/** @type {any} */ step, /** @type {boolean | undefined} */ on) {
      putPixels(canvas, step);
      if (box && box.checked !== on) box.checked = on;
      canvas.classList.toggle("convlab-faint", on === false);
    },
  };
}
