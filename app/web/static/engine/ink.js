// @ts-check
// The largest digit of a drawing: its core, the soft edges of its strokes, and what else is near.

import { boxAround, componentsOf, widened } from "./components.js";
import { distanceToZero } from "./distance.js";
import { isDigitShaped, largestDigit, sizeOf, touchesBorder } from "./grouping.js";
import { cropped } from "./masks.js";
import { withoutLines } from "./ruling.js";

const MARGIN = 2; // pixels around ink
const NOISE = 8; // gray levels; less is no ink
const [STRICT, LOOSE] = [0.5, 0.2]; // of the strongest ink: half of a stroke's maximum, its skirt
const ONE_DIGIT_SIDE = 40; // pixels; smaller images hold one digit
const LARGEST_SPECK = 0.006; // of the longer side
const [LEAST_FAINT, GAP_OF_FAINT] = [0.08, 0.12]; // of a digit's extent

/**
 * @typedef {import("./components.js").Part} Part
 * @typedef {import("./grouping.js").Page} Page
 * @typedef {{ink: Uint8Array, labels: Int32Array, digit: Part[]}} Found
 */

/**
 * Return the digit cut out of a drawing, its strokes as bright as 255, or null if there is none.
 *
 * @param {Uint8Array} drawing Bright on 0.
 * @param {number} width
 * @param {number} height
 * @returns {{width: number, height: number, data: Float32Array} | null}
 */
export function findDigit(drawing, width, height) {
  const { page, ink } = inked(drawing, width, height);
  const isOneDigit = Math.max(width, height) <= ONE_DIGIT_SIDE;
  const most = strongest(ink, page);
  for (let level = (isOneDigit ? LOOSE : STRICT) * most; 2 * level > NOISE; level /= 2) {
    const threshold = Math.max(level, NOISE);
    const found = isOneDigit ? allAbove(ink, threshold, page) : largestAbove(ink, threshold, page);
    if (found !== null) return cutOut(found.ink, grown(found.ink, found.labels, found.digit, page), page);
    if (isOneDigit || level <= NOISE) break;
  }
  return null;
}

/**
 * Return the part of a drawing beyond which there is nothing: most of a board is empty.
 *
 * @param {Uint8Array} drawing
 * @param {number} width
 * @param {number} height
 * @returns {{ink: Uint8Array, page: Page}}
 */
function inked(drawing, width, height) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    const row = drawing.subarray(y * width, (y + 1) * width);
    const first = row.findIndex((value) => value > 0);
    if (first < 0) continue;
    [top, bottom] = [Math.min(top, y), y + 1];
    [left, right] = [Math.min(left, first), Math.max(right, row.findLastIndex((value) => value > 0) + 1)];
  }
  const whole = { width, height };
  const box = right === 0 ? { left: 0, top: 0, ...whole } : {
    left: Math.max(0, left - MARGIN), top: Math.max(0, top - MARGIN),
    width: Math.min(width, right + MARGIN) - Math.max(0, left - MARGIN),
    height: Math.min(height, bottom + MARGIN) - Math.max(0, top - MARGIN),
  };
  return { ink: cropped({ width, height, data: drawing }, box).data, page: { ...box, whole } };
}

/**
 * Return all ink above a threshold as one digit, or null if there are only specks.
 *
 * @param {Uint8Array} ink
 * @param {number} threshold
 * @param {Page} page
 * @returns {Found | null}
 */
function allAbove(ink, threshold, page) {
  const { labels, parts } = componentsOf(maskAbove(ink, threshold), page.width, page.height);
  return parts.some((part) => isDigitShaped(part, page)) ? { ink, labels, digit: parts } : null;
}

/**
 * Return the largest digit above a threshold and the ink without the page's lines, or null.
 *
 * @param {Uint8Array} ink
 * @param {number} threshold
 * @param {Page} page
 * @returns {Found | null}
 */
function largestAbove(ink, threshold, page) {
  const { width, height } = page;
  const { labels, parts } = componentsOf(maskAbove(ink, threshold), width, height);
  const least = Math.max(2, LARGEST_SPECK * Math.max(page.whole.width, page.whole.height));
  const strokes = { width, height, data: maskOf(labels, parts.filter((part) => part.extent >= least)) };
  const mask = withoutLines(strokes, page);
  const components = componentsOf(mask.data, width, height);
  const digit = largestDigit(components, page);
  if (digit.length === 0) return null;
  if (mask === strokes) return { ink, labels: components.labels, digit };
  const lines = widened(strokes.data.map((value, k) => value & ~mask.data[k]), width, height);
  const rest = ink.map((value, k) => (lines[k] && !mask.data[k] ? 0 : value));
  return { ink: rest, labels: components.labels, digit };
}

/** @param {Uint8Array} ink @param {number} threshold */
function maskAbove(ink, threshold) {
  return ink.map((value) => (value > threshold ? 1 : 0));
}

/** @param {Uint8Array} ink @param {Page} page @returns {number} */
function strongest(ink, { width, height, whole }) {
  let most = 0;
  if (Math.min(whole.width, whole.height) < 64) {
    for (const value of ink) most = Math.max(most, value);
    return most;
  }
  for (let y = 1; y < height - 1; y++) { // of the ink blurred by 3×3
    for (let k = y * width + 1; k < (y + 1) * width - 1; k++) {
      if (ink[k] === 0 || most === 255) continue;
      const [above, below] = [k - width, k + width];
      const sum = ink[above - 1] + ink[above] + ink[above + 1] + ink[k - 1] + ink[k] + ink[k + 1]
        + ink[below - 1] + ink[below] + ink[below + 1];
      most = Math.max(most, sum / 9);
    }
  }
  return most;
}

/**
 * Return the mask of a digit with the faint parts and skirts of its strokes.
 *
 * @param {Uint8Array} ink
 * @param {Int32Array} labels
 * @param {Part[]} digit
 * @param {Page} page
 * @returns {Uint8Array}
 */
function grown(ink, labels, digit, page) {
  const { width, height } = page;
  const size = sizeOf(digit);
  const core = maskOf(labels, digit);
  const level = percentile(ink, core, 90);
  const around = widenedBox(boxAround(digit), Math.max(3, Math.round(0.7 * size)), page);
  const faint = new Uint8Array(ink.length);
  for (let y = around.top; y < around.bottom; y++) {
    for (let k = y * width + around.left; k < y * width + around.right; k++) {
      faint[k] = ink[k] > LOOSE * level ? 1 : 0;
    }
  }
  const reached = faintParts(faint, core, labels, size, page);
  const box = boxAround(componentsOf(reached, width, height).parts);
  if (Math.hypot(box.width, box.height) <= 1.25 * size + 3) return reached;
  // Faint lines or dirt are attached: keep to the skirts of the strokes.
  let near = core;
  for (let k = Math.max(1, Math.round(0.01 * size)); k > 0; k--) near = widened(near, width, height);
  return faint.map((value, k) => value & near[k]);
}

/** @param {any} box @param {number} margin @param {Page} page */
function widenedBox(box, margin, page) {
  return {
    left: Math.max(0, box.left - margin),
    top: Math.max(0, box.top - margin),
    right: Math.min(page.width, box.left + box.width + margin),
    bottom: Math.min(page.height, box.top + box.height + margin),
  };
}

/**
 * Return the faint parts that touch the core, and whole ones close to it that are nothing else's.
 *
 * @param {Uint8Array} faint
 * @param {Uint8Array} core
 * @param {Int32Array} labels
 * @param {number} size
 * @param {Page} page
 */
function faintParts(faint, core, labels, size, page) {
  const found = componentsOf(faint, page.width, page.height);
  const isForeign = new Set();
  const nearest = new Float64Array(found.parts.length + 1).fill(Infinity);
  const distance = found.parts.length > 1
    ? distanceToZero(core.map((value) => 1 - value), page.width, page.height, 1) : null;
  for (let k = 0; k < faint.length; k++) {
    const id = found.labels[k];
    if (!id) continue;
    const away = core[k] ? 0 : distance?.[k] ?? Infinity;
    if (away < nearest[id]) nearest[id] = away;
    if (labels[k] && !core[k]) isForeign.add(id);
  }
  const isWhole = (/** @type {Part} */ part) =>
    !touchesBorder(part, page) || size > 0.8 * Math.max(page.whole.width, page.whole.height);
  return maskOf(found.labels, found.parts.filter((part) => nearest[part.id] === 0
    || (nearest[part.id] <= GAP_OF_FAINT * size && part.extent >= LEAST_FAINT * size
      && isWhole(part) && !isForeign.has(part.id))));
}

/** @param {Int32Array} labels @param {Part[]} parts @returns {Uint8Array} where these parts are */
function maskOf(labels, parts) {
  const chosen = new Uint8Array(labels.length + 1);
  for (const { id } of parts) chosen[id] = 1;
  const mask = new Uint8Array(labels.length);
  for (let k = 0; k < labels.length; k++) mask[k] = chosen[labels[k]];
  return mask;
}

/** @param {Uint8Array} ink @param {Uint8Array} mask @param {Page} page */
function cutOut(ink, mask, { width, height }) {
  const box = boxAround(componentsOf(mask, width, height).parts);
  const wide = widened(mask, width, height); // the smooth edges of the strokes belong to them
  const data = new Float32Array(box.width * box.height);
  const inside = new Uint8Array(mask.length);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const k = (box.top + y) * width + box.left + x;
      if (!wide[k]) continue;
      inside[k] = 1;
      data[y * box.width + x] = ink[k];
    }
  }
  const top = percentile(ink, inside, 99);
  return { ...box, data: data.map((value) => Math.min(255, value * (255 / top))) };
}

/** @param {Uint8Array} values @param {Uint8Array} mask @param {number} share Percent. @returns {number} interpolated between neighbors in order */
function percentile(values, mask, share) {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let k = 0; k < values.length; k++) {
    if (!mask[k]) continue;
    counts[values[k]]++;
    total++;
  }
  const place = ((total - 1) * share) / 100;
  const [below, above] = [Math.floor(place), Math.ceil(place)].map((rank) => {
    let [value, passed] = [0, counts[0]];
    while (passed <= rank) passed += counts[++value];
    return value;
  });
  return below + (place - Math.floor(place)) * (above - below);
}
