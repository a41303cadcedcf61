// @ts-check
/** The legend of a map over an image: its colors on the gray of a dimmed image, what they mean, and their ends. */

import { OVERLAY, overlayColor } from "./overlay.js";
import { element, setText } from "../element.js";
import { shortNumber } from "./numbers.js";

const STEPS = 101; // pixels of the strip
const BEHIND = 90; // gray level

/**
 * Return a legend.
 * @param {{isSigned: boolean, words: string[]}} meaning What the low and the high end mean, in words, the color first.
 * @returns {{element: HTMLElement, update: (magnitude: number | null) => void}} Null: nothing is known yet.
 */
export function createOverlayLegend({ isSigned, words }) {
  const strip = element("canvas", { width: STEPS, height: 1, "aria-hidden": "true" });
  drawStrip(strip, isSigned);
  const ends = [element("span"), element("span", {}, "0"), element("span")];
  const marks = element("span", { class: "convlab-legend-marks" }, isSigned ? ends : ends.slice(1));
  const colors = isSigned ? [OVERLAY.negative, OVERLAY.positive] : [OVERLAY.amount];
  const texts = words.map((text, index) => element("li", {},
    element("i", { class: "convlab-swatch", style: { "background-color": colors[index] } }), text));
  return {
    element: element("div", { class: "convlab-legend convlab-overlay-legend" }, strip, marks, element("ul", {}, texts)),
    update(magnitude) {
      const text = magnitude ? shortNumber(magnitude, 2) : "";
      setText(ends[2], text);
      setText(ends[0], magnitude ? `−${text}` : "");
    },
  };
}

/** @param {HTMLCanvasElement} strip @param {boolean} isSigned */
function drawStrip(strip, isSigned) {
  const context = /** @type {CanvasRenderingContext2D} */ (strip.getContext("2d"));
  const image = context.createImageData(STEPS, 1);
  for (let index = 0; index < STEPS; index++) {
    const place = index / (STEPS - 1);
    const [red, green, blue, opacity] = overlayColor(isSigned ? 2 * place - 1 : place, isSigned);
    const mixed = [red, green, blue].map((part) => BEHIND + (part - BEHIND) * (opacity / 255));
    image.data.set([...mixed, 255], 4 * index);
  }
  context.putImageData(image, 0, 0);
}
