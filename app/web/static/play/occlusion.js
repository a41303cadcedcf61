// @ts-check
/** Occlusion in the page: how much of a class's value is lost when a patch of the image is covered. */

const PATCH_SHARE = 5;

/**
 * The covered places, as in the Python program: `cells × cells` patches of a fifth of the shorter side, evenly spread.
 * They come coarse to fine, first the middle, then halfway between, …, so that the map can be drawn while it is computed.
 * @param {{height: number, width: number}} size @param {number} cells
 * @returns {{cell: number, top: number, left: number, side: number}[]}
 */
export function occlusionPlaces({ height, width }, cells) {
  const side = Math.max(1, Math.floor(Math.min(height, width) / PATCH_SHARE));
  const start = (/** @type {number} */ index, /** @type {number} */ length) =>
    roundHalfEven(((index + 0.5) * length) / cells - side / 2);
  const halvings = Array.from({ length: cells }, (_, place) => halvingsUntil(place, cells));
  const level = (/** @type {number} */ cell) => Math.max(halvings[Math.floor(cell / cells)], halvings[cell % cells]);
  return Array.from({ length: cells * cells }, (_, cell) => cell).sort((a, b) => level(a) - level(b) || a - b)
    .map((cell) => ({ cell, top: start(Math.floor(cell / cells), height), left: start(cell % cells, width), side }));
}

/**
 * A map without gaps: what is not known yet is as the nearest known place.
 * @param {{values: ArrayLike<number>, height: number, width: number}} map NaN where it is not known yet.
 */
export function withoutGaps({ values, height, width }) {
  const known = Array.from({ length: values.length }, (_, cell) => cell).filter((cell) => !Number.isNaN(values[cell]));
  if (known.length === 0 || known.length === values.length) return { values, height, width };
  const away = (/** @type {number} */ a, /** @type {number} */ b) =>
    Math.hypot(Math.floor(a / width) - Math.floor(b / width), (a % width) - (b % width));
  const nearest = (/** @type {number} */ cell) =>
    known.reduce((best, other) => (away(cell, other) < away(cell, best) ? other : best));
  return { values: Float32Array.from(values, (value, cell) => (Number.isNaN(value) ? values[nearest(cell)] : value)), height, width };
}

/** How often places are halved until one is the middle. @param {number} place @param {number} count */
function halvingsUntil(place, count) {
  let [first, end, halvings] = [0, count, 0];
  for (let middle = count >> 1; middle !== place; middle = (first + end) >> 1) {
    if (place < middle) end = middle;
    else first = middle + 1;
    halvings++;
  }
  return halvings;
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
