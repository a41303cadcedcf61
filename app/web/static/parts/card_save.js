// @ts-check
/** Take the numbers along: tensors as CSV or NumPy files, the panel as a picture. */
import { csvText, saveFile, saveTensor } from "../draw/save.js";
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
  const select = element("select", { class: "convlab-select", "aria-label": "Numbers to take along" });
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => element("button", { type: "button", class: "convlab-button", onclick }, text);
  const chosen = () => tensorsOf()[Math.max(select.selectedIndex, 0)];
  const line = element("div", { class: "convlab-saving" }, select,
    button("Copy CSV", async () => {
      const { label, values, shape } = chosen();
      announce(await copied(csvText(values, shape)) ? `Copied: ${label}` : "The browser refused to copy.");
    }),
    button("CSV", () => saveTensor(`${chosen().name}.csv`, chosen().values, chosen().shape)),
    button("NPY", () => saveTensor(`${chosen().name}.npy`, chosen().values, chosen().shape)),
    button("PNG of this panel", () => panelImage(panel).toBlob((blob) => {
      if (blob) saveFile(`${chosen().name}.png`, blob, "image/png");
    })));
  return {
    element: line,
    update() {
      const labels = tensorsOf().map(({ label, shape }) => `${label} ${shapeText(shape)}`);
      if (labels.join("\n") === [...select.options].map(({ text }) => text).join("\n")) return;
      select.replaceChildren(...labels.map((label) => element("option", {}, label)));
    },
  };
}

/** @param {string} text @returns {Promise<boolean>} */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not allowed, or not a secure page
  }
}
