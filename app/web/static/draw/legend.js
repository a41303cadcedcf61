// @ts-check
/** A legend: the ramp as a strip, with the values of its ends and its middle. */
import { TABLE_SIZE, rampTable } from "./color.js";
import { shortNumber } from "./numbers.js";

/** @typedef {import("./map.js").Coloring} Coloring */

/**
 * Return a legend.
 * @param {string} label What the colors show.
 * @returns {{element: HTMLElement, update: (coloring: Coloring, note?: string) => void}}
 */
export function createLegend(label) {
  const figure = document.createElement("figure");
  figure.className = "convlab-legend";
  const [caption, strip, marks] = ["figcaption", "canvas", "span"].map((tag) => document.createElement(tag));
  marks.className = "convlab-legend-marks";
  const ends = [0, 1, 2].map(() => document.createElement("span"));
  marks.append(...ends);
  strip.setAttribute("aria-hidden", "true");
  figure.append(caption, strip, marks);
  let drawn = "";
  return {
    element: figure,
    update({ ramp, range, theme }, note = "") {
      const key = [ramp, range.low, range.high, theme, note].join(" ");
      if (key === drawn) return;
      drawn = key;
      caption.textContent = note ? `${label} ${note}` : label;
      drawStrip(/** @type {HTMLCanvasElement} */ (strip), rampTable(ramp, theme));
      const middle = (range.low + range.high) / 2;
      [range.low, middle, range.high].forEach((value, index) => { ends[index].textContent = shortNumber(value, 2); });
    },
  };
}

/**
 * @param {HTMLCanvasElement} strip One row of pixels; the browser stretches it.
 * @param {Uint32Array} table
 */
function drawStrip(strip, table) {
  strip.width = TABLE_SIZE;
  strip.height = 1;
  const context = /** @type {CanvasRenderingContext2D} */ (strip.getContext("2d"));
  const image = context.createImageData(TABLE_SIZE, 1);
  new Uint32Array(image.data.buffer).set(table);
  context.putImageData(image, 0, 0);
}
