// @ts-check
/** A map of amounts over an image, which is shown gray and dimmed: the color says the sign, the opacity the magnitude. */

import { drawImage } from "./map.js";
import { largestMagnitude, parseColor } from "./color.js";

/**
 * Colors that stand out from gray, black and white alike, the same in both themes.
 * @type {{positive: string, negative: string, amount: string}}
 */
export const OVERLAY = { positive: "#2f9bff", negative: "#ff5b3e", amount: "#ffa31a" };

const MOST_OPAQUE = 0.92;
const EXPONENT = 0.75; // of the share, for its opacity
const BRIGHTNESS = 0.6; // of the image
const WEIGHTS = [0.299, 0.587, 0.114]; // of red, green and blue in a gray level

/**
 * Draw an image in gray, dimmed, so that colors over it can be seen.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} pixels (H, W, C)
 * @param {readonly number[]} shape
 */
export function drawDimmed(canvas, pixels, [height, width, channels]) {
  const gray = new Float32Array(height * width);
  for (let place = 0; place < gray.length; place++) {
    const first = place * channels;
    const level = channels < 3 ? pixels[first] : WEIGHTS.reduce((sum, weight, color) => sum + weight * pixels[first + color], 0);
    gray[place] = BRIGHTNESS * level;
  }
  drawImage(canvas, gray, [height, width, 1]);
}

/**
 * Draw a map that the browser stretches over an image; what is not known yet stays clear.
 * @param {HTMLCanvasElement} canvas
 * @param {{values: ArrayLike<number>, height: number, width: number}} map NaN where it is not known yet.
 * @param {boolean} isSigned Whether a negative value means the opposite; otherwise it is an amount.
 * @returns {number} The largest magnitude, which is the most opaque.
 */
export function drawOverlay(canvas, { values, height, width }, isSigned) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  const magnitude = largestMagnitude(values);
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index]) || magnitude === 0) continue;
    image.data.set(overlayColor(values[index] / magnitude, isSigned), 4 * index);
  }
  context.putImageData(image, 0, 0);
  return magnitude;
}

/**
 * Return the color of a share of the largest magnitude.
 * @param {number} share −1 to 1
 * @param {boolean} isSigned
 * @returns {number[]} Red, green, blue and opacity, 0 to 255. Small amounts stay visible.
 */
export function overlayColor(share, isSigned) {
  const color = parseColor(isSigned ? (share < 0 ? OVERLAY.negative : OVERLAY.positive) : OVERLAY.amount);
  const opacity = Math.max(isSigned ? Math.abs(share) : share, 0) ** EXPONENT;
  return [...color, Math.round(255 * MOST_OPAQUE * opacity)];
}
