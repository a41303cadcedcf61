// @ts-check
/** Occlusion in the page: how much of a class's value is lost when a patch of the image is covered. */

import { coarseFirst } from "./changes.js";

const PATCH_SHARE = 5;

/**
 * The covered places, as in the Python program: `cells × cells` patches of a fifth of the shorter side, evenly spread.
 * The rows come coarse first, so that the map can be drawn while it is computed.
 * @param {{height: number, width: number}} size @param {number} cells
 * @returns {{cell: number, top: number, left: number, side: number}[]}
 */
export function occlusionPlaces({ height, width }, cells) {
  const side = Math.max(1, Math.floor(Math.min(height, width) / PATCH_SHARE));
  const start = (/** @type {number} */ index, /** @type {number} */ length) =>
    roundHalfEven(((index + 0.5) * length) / cells - side / 2);
  const places = [];
  for (const row of coarseFirst(cells)) {
    for (const column of coarseFirst(cells)) {
      places.push({ cell: row * cells + column, top: start(row, height), left: start(column, width), side });
    }
  }
  return places;
}

/** Mean of the outermost pixels per channel, rounded. @param {ArrayLike<number>} pixels @param {import("./resample.js").Size} size */
export function borderColor(pixels, { height, width, channels }) {
  const sums = new Float64Array(channels);
  let count = 0;
  for (let row = 0; row < height; row++) {
    const edge = row === 0 || row === height - 1;
    for (let column = 0; column < width; column += edge || width === 1 ? 1 : width - 1) {
      for (let channel = 0; channel < channels; channel++) sums[channel] += pixels[(row * width + column) * channels + channel];
      count++;
    }
  }
  return Array.from(sums, (sum) => roundHalfEven(sum / count));
}

/**
 * A copy of the image with one patch covered.
 * @param {Float32Array | Uint8Array} pixels (H, W, C) @param {import("./resample.js").Size} size
 * @param {{top: number, left: number, side: number}} place @param {number[]} color (C)
 */
export function coveredPixels(pixels, { height, width, channels }, { top, left, side }, color) {
  const covered = pixels.slice();
  for (let row = Math.max(0, top); row < Math.min(height, top + side); row++) {
    for (let column = Math.max(0, left); column < Math.min(width, left + side); column++) {
      covered.set(color, (row * width + column) * channels);
    }
  }
  return covered;
}

/** @param {number} value */
function roundHalfEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
