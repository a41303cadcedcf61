// @ts-check
/** A map of amounts over an image: the color says the sign, the opacity the magnitude. */

import { largestMagnitude, rampRange, valueColor } from "./color.js";

const MOST_OPAQUE = 0.82;

/**
 * Draw a map that the browser stretches over an image; what is not known yet stays clear.
 * @param {HTMLCanvasElement} canvas
 * @param {{values: ArrayLike<number>, height: number, width: number}} map NaN where it is not known yet.
 * @param {import("./color.js").RampName} ramp
 * @param {import("./color.js").Theme} theme
 * @returns {number} The largest magnitude, which is the most opaque.
 */
export function drawOverlay(canvas, { values, height, width }, ramp, theme) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  const magnitude = largestMagnitude(values);
  const range = rampRange(ramp, magnitude);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (Number.isNaN(value) || magnitude === 0) continue;
    image.data.set(valueColor(value, range, ramp, theme), 4 * index);
    image.data[4 * index + 3] = Math.round(255 * MOST_OPAQUE * (Math.abs(value) / magnitude));
  }
  context.putImageData(image, 0, 0);
  return magnitude;
}
