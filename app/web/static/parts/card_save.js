// @ts-check
/** Take the numbers along: tensors as CSV or NumPy files, the panel as a picture. */
import { copyText, createAction } from "./action.js";
import { csvText, saveCanvas, saveTensor } from "../draw/save.js";
import { element } from "../element.js";
import { panelImage } from "../draw/panel_image.js";
import { shapeText } from "../draw/numbers.js";

/** @typedef {{name: string, label: string, values: ArrayLike<number>, shape: number[]}} Tensor */

/**
 * Return the controls.
 * @param {() => Tensor[]} tensorsOf What can be taken along now.
 * @param {Element} panel
 * @param {(text: string) => void} announce
 * @returns {{element: HTMLElement, update: () => void}}
 */
export function createSaving(tensorsOf, panel, announce) {
  const select = element("select", { class: "convlab-select" });
  const chosen = () => tensorsOf()[Math.max(select.selectedIndex, 0)];
  const save = (/** @type {string} */ suffix) => () => {
    saveTensor(`${chosen().name}.${suffix}`, chosen().values, chosen().shape);
    return "Saved";
  };
  const picture = () => saveCanvas(`${chosen().name}.png`, panelImage(panel));
  const line = element("div", { class: "convlab-saving" },
    element("label", {}, "Numbers", select),
    createAction(announce, "Copy as CSV", () => copyText(csvText(chosen().values, chosen().shape))),
    createAction(announce, "Save as .csv", save("csv")),
    createAction(announce, "Save as .npy", save("npy"), { title: "A file of NumPy" }),
    createAction(announce, "Save as PNG", picture, { title: "A picture of this panel", what: "a picture of the arithmetic" }));
  return {
    element: line,
    update() {
      const labels = tensorsOf().map(({ label, shape }) => `${label}, ${shapeText(shape)}`);
      if (labels.join("\n") === [...select.options].map(({ text }) => text).join("\n")) return;
      select.replaceChildren(...labels.map((label) => element("option", {}, label)));
    },
  };
}
