// @ts-check
/** What the sliders and the sticker do to an image before the network sees it. */

import { normals } from "./random_numbers.js";
import { IDENTITY, resample, transformMatrix } from "./resample.js";

/**
 * @typedef {object} Sticker A square that hides a part of the image.
 * @property {number} x Center as a share of the width.
 * @property {number} y Center as a share of the height.
 * @property {number} size Share of the shorter side.
 * @property {number} [shade] 0 black to 255 white; white unless said.
 */

/**
 * @typedef {object} Changes
 * @property {number} shift_x Share of the width to the right.
 * @property {number} shift_y Share of the height downward.
 * @property {number} rotation Degrees counterclockwise.
 * @property {number} zoom Times the size.
 * @property {number} brightness Times the light.
 * @property {number} noise Standard deviation in levels of 0–255.
 * @property {Sticker | null} sticker
 */

/** @type {Changes} Changes nothing. */
export const UNCHANGED = { shift_x: 0, shift_y: 0, rotation: 0, zoom: 1, brightness: 1, noise: 0, sticker: null };

/**
 * One slider: a quantity, its range and its words.
 * @type {Record<string, {label: string, unit: string, low: number, high: number, step: number, digits: number}>}
 */
export const SLIDERS = {
  shift_x: { label: "Shift right", unit: "of the width", low: -0.5, high: 0.5, step: 1 / 28, digits: 2 },
  shift_y: { label: "Shift down", unit: "of the height", low: -0.5, high: 0.5, step: 1 / 28, digits: 2 },
  rotation: { label: "Rotation", unit: "degrees counterclockwise", low: -180, high: 180, step: 5, digits: 0 },
  zoom: { label: "Scale", unit: "factor", low: 0.3, high: 2, step: 0.05, digits: 2 },
  brightness: { label: "Brightness", unit: "factor", low: 0, high: 3, step: 0.05, digits: 2 },
  noise: { label: "Noise", unit: "standard deviation", low: 0, high: 128, step: 4, digits: 0 },
};

/** Whether nothing is changed. @param {Partial<Changes>} changes */
export function isUnchanged(changes) {
  return Object.entries(UNCHANGED).every(([name, value]) => (/** @type {any} */ (changes)[name] ?? value) === value);
}

/** What is changed, in words. @param {Changes} changes @returns {string[]} */
export function changeWords(changes) {
  /** @type {any} */
  const [now, usual] = [changes, UNCHANGED];
  const moved = Object.entries(SLIDERS).filter(([name]) => now[name] !== usual[name]);
  const words = moved.map(([name, { label, digits }]) => `${label.toLowerCase()} ${now[name].toFixed(digits).replace("-", "−")}`);
  return changes.sticker ? [...words, "a sticker"] : words;
}

/**
 * The image after all changes: moved, lit, covered, then noise. An image that is not changed comes back as it is.
 * @param {Float32Array | Uint8Array} pixels (H, W, C), 0–255
 * @param {import("./resample.js").Size} size
 * @param {Partial<Changes>} changes
 * @returns {Float32Array | Uint8Array} (H, W, C)
 */
export function changedPixels(pixels, size, changes) {
  if (isUnchanged(changes)) return pixels;
  const all = { ...UNCHANGED, ...changes };
  let result = moved(pixels, size, all);
  if (all.brightness !== 1) result = result.map((level) => Math.min(255, level * all.brightness));
  if (all.sticker) cover(result, size, all.sticker);
  if (all.noise > 0) {
    const noise = normals(1, result.length);
    result = result.map((level, index) => Math.min(255, Math.max(0, level + all.noise * noise[index])));
  }
  return result.map(Math.round);
}

/** @param {Float32Array | Uint8Array} pixels @param {import("./resample.js").Size} size @param {Changes} changes */
function moved(pixels, size, changes) {
  const { shift_x, shift_y, rotation, zoom } = changes;
  if (shift_x === 0 && shift_y === 0 && rotation === 0 && zoom === 1) return Float32Array.from(pixels);
  const transform = { ...IDENTITY, rotation, zoomX: 1 / zoom, zoomY: 1 / zoom };
  const matrix = transformMatrix(transform, size);
  // The content moves after it was turned, so the shift is taken off the result's coordinates.
  const [x, y] = [Math.round(shift_x * size.width), Math.round(shift_y * size.height)];
  matrix[2] -= matrix[0] * x + matrix[1] * y;
  matrix[5] -= matrix[3] * x + matrix[4] * y;
  return resample(pixels, size, matrix);
}

/**
 * The pixels under a sticker, clipped to the image: rows `top` to `bottom − 1`, columns `left` to `right − 1`.
 * @param {{height: number, width: number}} size @param {Sticker} sticker
 */
export function stickerBounds({ height, width }, { x, y, size }) {
  const length = Math.max(1, Math.round(size * Math.min(height, width)));
  const top = Math.round(y * height - length / 2);
  const left = Math.round(x * width - length / 2);
  return {
    top: Math.max(0, top), left: Math.max(0, left),
    bottom: Math.min(height, top + length), right: Math.min(width, left + length),
  };
}

/** @param {Float32Array} pixels @param {import("./resample.js").Size} size @param {Sticker} sticker */
function cover(pixels, size, sticker) {
  const { top, left, bottom, right } = stickerBounds(size, sticker);
  for (let row = top; row < bottom; row++) {
    pixels.fill(sticker.shade ?? 255, (row * size.width + left) * size.channels, (row * size.width + right) * size.channels);
  }
}

/** The values at which the curve of a slider is computed, from the lowest to the highest. @param {string} name */
export function sliderLevels(name) {
  const { low, high, step } = SLIDERS[name];
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, index) => low + ((high - low) * index) / count);
}

/** Index of the level that is nearest to a value. @param {number[]} levels @param {number} value */
export function nearestLevel(levels, value) {
  return levels.reduce((best, level, index) => (Math.abs(level - value) < Math.abs(levels[best] - value) ? index : best), 0);
}

/** The order in which a curve is computed: one level first, then coarse steps from it, then the levels between. @param {number} count @param {number} [first] */
export function coarseFirst(count, first = 0) {
  const order = [first];
  const seen = new Set(order);
  for (let stride = 2 ** Math.ceil(Math.log2(Math.max(1, count - 1))); stride >= 1; stride /= 2) {
    for (let index = first % stride; index < count; index += stride) {
      if (!seen.has(index)) order.push(index);
      seen.add(index);
    }
  }
  return order;
}
