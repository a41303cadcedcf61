// @ts-check
/** The scale of the colors: a switch between map, layer and network, with the legends of the ramps. */
import { createLegend } from "../draw/legend.js";
import { element } from "../element.js";
import { rampRange } from "../draw/color.js";

/** Values of `state.scale`, with what they are called and what they mean. */
const SCALES = [
  { value: "unit", label: "map", meaning: "Each map has its own scale, which shows its pattern and hides its strength." },
  { value: "layer", label: "layer", meaning: "The maps of a layer share one scale, which shows which maps are strong." },
  { value: "global", label: "network", meaning: "All layers share one scale." },
];

/**
 * Return the switch and the legends.
 * @param {any} store
 * @returns {{element: HTMLElement, legends: HTMLElement, update: (state: any, theme: import("../draw/color.js").Theme, magnitude: number) => void}}
 */
export function createScale(store) {
  const legends = { activations: createLegend("activation"), weights: createLegend("edge weight") };
  const buttons = SCALES.map(({ value, label, meaning }) =>
    element("button", {
      type: "button", class: "convlab-chip", title: meaning,
      onclick: () => store.dispatch({ type: "scale", scale: value }),
    }, label));
  const group = element(
    "div", { class: "convlab-field convlab-scale-choice", role: "group", "aria-label": "Scale of the colors" },
    element("span", {}, "Color scale per"), element("span", { class: "convlab-chips" }, buttons),
  );
  return {
    element: group,
    legends: element("div", { class: "convlab-scale" }, legends.activations.element, legends.weights.element),
    update(state, theme, magnitude) {
      SCALES.forEach(({ value }, index) => buttons[index].setAttribute("aria-pressed", String(value === state.scale)));
      const label = { unit: "map", layer: "layer", global: "" }[/** @type {"unit"} */ (state.scale)];
      const range = rampRange("activations", state.scale === "global" ? magnitude : 1);
      legends.activations.update({ ramp: "activations", range, theme }, label && `÷ ${label}’s largest`);
      legends.weights.update({ ramp: "weights", range: rampRange("weights", 1), theme }, "÷ largest");
    },
  };
}
