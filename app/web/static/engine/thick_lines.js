// @ts-check
// Lines with a thickness: drawn, and measured where they lie on ink.

const REACH = 12; // pixels above and below a line within which its ink is followed
const NEAR = 3; // pixels from a line where its ink begins
const SAMPLES = 48;

/**
 * @typedef {import("./masks.js").Mask} Mask
 * @typedef {import("./hough.js").Segment} Segment
 */

/**
 * Return a mask of thick lines with round ends.
 *
 * @param {Mask} page What they are drawn upon; only its size counts.
 * @param {Segment[]} segments
 * @param {number} thickness
 * @returns {Mask}
 */
export function withThickLines({ width, height }, segments, thickness) {
  const data = new Uint8Array(width * height);
  const radius = thickness / 2;
  const reach = Math.ceil(radius);
  for (const [x1, y1, x2, y2] of segments) {
    for (let y = Math.max(0, Math.min(y1, y2) - reach); y <= Math.min(height - 1, Math.max(y1, y2) + reach); y++) {
      for (let x = Math.max(0, Math.min(x1, x2) - reach); x <= Math.min(width - 1, Math.max(x1, x2) + reach); x++) {
        if (distanceTo([x1, y1, x2, y2], x, y) <= radius) data[y * width + x] = 1;
      }
    }
  }
  return { width, height, data };
}

/**
 * Return the median thickness of near-horizontal lines: the ink above and below them.
 *
 * @param {Mask} mask
 * @param {Segment[]} segments
 */
export function lineThickness(mask, segments) {
  const runs = [];
  for (const [x1, y1, x2, y2] of segments) {
    for (let k = 0; k < SAMPLES; k++) {
      const share = 0.05 + (0.9 * k) / (SAMPLES - 1);
      const run = runAt(mask, clipped(x1 + (x2 - x1) * share, mask.width), clipped(y1 + (y2 - y1) * share, mask.height));
      if (run > 0) runs.push(run);
    }
  }
  if (runs.length === 0) return 0;
  runs.sort((a, b) => a - b);
  const middle = (runs.length - 1) / 2;
  return (runs[Math.floor(middle)] + runs[Math.ceil(middle)]) / 2;
}

/** The ink above and below the nearest ink of a column, or 0 if there is none near. @param {Mask} mask @param {number} x @param {number} y */
function runAt({ width, height, data }, x, y) {
  const isInk = (/** @type {number} */ offset) => data[Math.min(height - 1, Math.max(0, y + offset)) * width + x] === 1;
  let start = NaN;
  for (let offset = -NEAR; offset <= NEAR; offset++) {
    if (isInk(offset) && !(Math.abs(start) <= Math.abs(offset))) start = offset;
  }
  if (Number.isNaN(start)) return 0;
  let [above, below] = [start, start];
  while (above >= -REACH && isInk(above)) above--;
  while (below <= REACH && isInk(below)) below++;
  return below - above - 1;
}

/** @param {Segment} segment @param {number} x @param {number} y */
function distanceTo([x1, y1, x2, y2], x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1);
  const along = Math.min(1, Math.max(0, share));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/** @param {number} place @param {number} length */
function clipped(place, length) {
  const nearest = Math.round(place);
  const rounded = nearest - place === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
  return Math.min(length - 1, Math.max(0, rounded));
}
