// @ts-check
// The steps from an image to what the network is shown, as small pictures. Those of a digit can be left out.

import { createCanvas, putPixels } from "../raster.js";
import { element, setProperties, setText } from "../element.js";
import { photographSteps } from "./photograph_steps.js";

/** @type {{[step: string]: {title: string, hint: string}}} */
const STEPS = {
  drawing: { title: "image", hint: "The image as it is, in gray" },
  invert: { title: "invert", hint: "Ink is bright and paper is dark, as in MNIST" },
  crop: { title: "crop", hint: "The digit is cut out, specks are removed" },
  scale: { title: "scale", hint: "The longer side becomes 20 pixels; strokes get a usual width" },
  center: { title: "center", hint: "The center of mass lies in the middle of 28 × 28 pixels" },
  sample: { title: "sample", hint: "A sample of the dataset is used as it is" },
};
const SWITCHES = new Set(["invert", "crop", "scale", "center"]);

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
  /** @type {any[]} */
  let shown = [];
  let listed = "";
  return {
    element: element("section", { class: "convlab-strip", "aria-label": "Preprocessing" },
      element("h2", { class: "convlab-heading" }, "Preprocessing"), list, note),
    update(/** @type {any} */ state) {
      const { input, catalog, networks } = context;
      const now = [input.steps, input.problem, state.model, networks.get(state.model), catalog.has(state.model) && input.pixels(state.model)];
      if (now.every((part, index) => part === shown[index])) return;
      shown = now;
      const photograph = photographSteps(context, state.model);
      const steps = photograph?.steps ?? input.steps;
      for (const { name } of steps) {
        if (!figures.has(name)) figures.set(name, createFigure(context, name));
      }
      const names = steps.map((/** @type {any} */ { name }) => name).join(" ");
      if (names !== listed) {
        const items = steps.map((/** @type {any} */ { name }) => figures.get(name).element);
        list.replaceChildren(...items);
        list.classList.toggle("convlab-strip-photograph", photograph !== null);
        listed = names;
      }
      for (const step of steps) figures.get(step.name).update(step, state.steps[step.name]);
      setText(note, input.problem || (photograph?.note ?? (steps.length === 1 ? STEPS.sample.hint : "")));
    },
    dispose() {},
  };
}

/** @param {any} context @param {string} name */
function createFigure({ store, listen }, name) {
  const { canvas } = createCanvas(28, 28);
  canvas.className = "convlab-strip-picture";
  canvas.setAttribute("aria-hidden", "true"); // its step is named below it
  const isSwitch = SWITCHES.has(name);
  const box = isSwitch ? element("input", { type: "checkbox", checked: true }) : null;
  if (box) listen(box, "change", () => store.dispatch({ type: "step", step: name, on: box.checked }));
  const text = element("span", {}, STEPS[name]?.title ?? "");
  const detail = element("small", { class: "convlab-strip-detail" });
  const caption = element(isSwitch ? "label" : "span", { class: "convlab-strip-name" }, box, text);
  const item = element("li", { title: STEPS[name]?.hint ?? "" }, canvas, caption, detail);
  return {
    element: item,
    update(/** @type {any} */ step, /** @type {boolean | undefined} */ on) {
      putPixels(canvas, step);
      if (step.title) setText(text, step.title);
      if (step.hint) setProperties(item, { title: step.hint });
      setText(detail, step.detail ?? "");
      if (box && box.checked !== on) box.checked = on;
      canvas.classList.toggle("convlab-faint", on === false);
    },
  };
}
