// @ts-check
/** A picture of the whole network, with the layers that are out of sight. */
import { createAction } from "./action.js";
import { saveCanvas } from "../draw/save.js";
import { panelImage } from "../draw/panel_image.js";

/**
 * Return the button.
 * @param {any} context
 * @param {{element: HTMLElement, redraw: () => void, name: () => string}} view What is saved; `redraw` draws the overlay
 *   again, which follows the layout.
 * @returns {HTMLElement}
 */
export function createNetworkSaving({ announce }, { element, redraw, name }) {
  return createAction(announce, "Save as PNG", () => {
    element.classList.add("convlab-unrolled"); // for this moment: nothing is painted on the screen before it is undone
    try {
      redraw();
      return saveCanvas(`${name()}.png`, panelImage(element));
    } finally {
      element.classList.remove("convlab-unrolled");
      redraw();
    }
  }, { class: "convlab-button convlab-quiet", "aria-label": "Save as PNG: the network", what: "the network as PNG" });
}
