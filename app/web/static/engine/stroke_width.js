// @ts-check
// Strokes that would vanish when a digit is reduced are thickened, those that would merge thinned.

import { distanceToZero } from "./distance.js";

const [THINNEST, THICKEST, USUAL] = [1.3, 4.6, 2.4]; // pixels of the 20 that a digit is high
const WORKING_SIDE = 160; // pixels of the longer side while strokes are changed

/** @typedef {{width: number, height: number, data: Float32Array}} Plane */

/**
 * Return ink with strokes that survive being reduced.
 *
 * @param {Plane} box Ink from 0 to 255.
 * @param {number} inkSide Pixels that its longer side will be reduced to.
 * @returns {Plane}
 */
export function withUsualStrokes(box, inkSide) {
  const width = (strokeWidth(box) * inkSide) / Math.max(box.width, box.height);
  if (width === 0 || (width >= THINNEST && width <= THICKEST)) return box;
  const working = resized(box, WORKING_SIDE / Math.max(box.width, box.height));
  const wanted = width < THINNEST ? USUAL : THICKEST - 0.6;
  const change = Math.round((Math.abs(wanted - width) * WORKING_SIDE) / inkSide);
  const disc = ellipse(change + 1);
  if (width > THICKEST) return morphed(working, disc, Math.min);
  const thick = morphed(padded(working, (change >> 1) + 1), disc, Math.max);
  const top = thick.data.reduce((most, value) => Math.max(most, value), 1);
  return { ...thick, data: thick.data.map((value) => (value / top) * 255) };
}

/**
 * Return the mean width of the strokes in pixels: across a stroke, the distance to its border has a
 * mean of a quarter of its width.
 *
 * @param {Plane} box
 */
export function strokeWidth({ width, height, data }) {
  const mask = new Uint8Array(data.length);
  for (let k = 0; k < data.length; k++) mask[k] = data[k] > 127 ? 1 : 0;
  const distance = distanceToZero(mask, width, height, 0);
  let [sum, count] = [0, 0];
  for (const value of distance) {
    if (value > 0) [sum, count] = [sum + value, count + 1];
  }
  return count === 0 ? 0 : Math.max(1, (4 * sum) / count - 2);
}

/** @param {Plane} plane @param {number} scale @returns {Plane} */
function resized(plane, scale) {
  const width = Math.max(1, Math.round(plane.width * scale));
  const height = Math.max(1, Math.round(plane.height * scale));
  const weigh = scale < 1 ? areaWeights : linearWeights;
  const [columns, rows] = [weigh(plane.width, width), weigh(plane.height, height)];
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [row, share] of rows[y]) {
        for (const [column, part] of columns[x]) sum += plane.data[row * plane.width + column] * share * part;
      }
      data[y * width + x] = sum;
    }
  }
  return { width, height, data };
}

/** @param {number} from @param {number} to @returns {number[][][]} Source pixels and their shares. */
function areaWeights(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, k) => {
    const [start, end] = [k * scale, Math.min(from, (k + 1) * scale)];
    const pairs = [];
    for (let x = Math.floor(start); x < end; x++) {
      const overlap = Math.min(end, x + 1) - Math.max(start, x);
      if (overlap > 1e-9) pairs.push([x, overlap / (end - start)]);
    }
    return pairs;
  });
}

/** @param {number} from @param {number} to @returns {number[][][]} */
function linearWeights(from, to) {
  return Array.from({ length: to }, (_, k) => {
    const place = Math.min(from - 1, Math.max(0, ((k + 0.5) * from) / to - 0.5));
    const below = Math.min(Math.max(0, from - 2), Math.floor(place));
    return [[below, 1 - (place - below)], [Math.min(from - 1, below + 1), place - below]];
  });
}

/** @param {Plane} plane @param {number} margin @returns {Plane} */
function padded({ width, height, data }, margin) {
  const wide = { width: width + 2 * margin, height: height + 2 * margin };
  const result = new Float32Array(wide.width * wide.height);
  for (let y = 0; y < height; y++) {
    result.set(data.subarray(y * width, (y + 1) * width), (y + margin) * wide.width + margin);
  }
  return { ...wide, data: result };
}

/**
 * Return the rows of a disc: how far each reaches to the left of its anchor.
 *
 * @param {number} side
 * @returns {{y: number, reach: number}[]}
 */
function ellipse(side) {
  const radius = side >> 1;
  return Array.from({ length: side }, (_, row) => {
    const y = row - radius;
    const share = radius === 0 ? 0 : Math.sqrt(1 - (y * y) / (radius * radius));
    return { y, reach: Math.round(radius * share) };
  });
}

/**
 * Return the best value within a disc around each pixel; there is none beyond the edge.
 *
 * A row of the disc is one step wider than the next narrower one, so the best value of each row of
 * pixels is kept while it widens.
 *
 * @param {Plane} plane
 * @param {{y: number, reach: number}[]} disc
 * @param {(a: number, b: number) => number} better
 * @returns {Plane}
 */
function morphed({ width, height, data }, disc, better) {
  const side = disc.length;
  const right = side - 1 - (side >> 1); // an even disc is not symmetric
  const across = data.slice();
  const result = data.slice();
  const widest = Math.max(...disc.map(({ reach }) => reach));
  for (let reach = 0; reach <= widest; reach++) {
    if (reach > 0) include(across, data, width, -reach, better);
    if (reach > 0 && reach <= right) include(across, data, width, reach, better);
    for (const { y } of disc.filter((row) => row.reach === reach)) {
      for (let line = 0; line < height; line++) {
        const from = line + y;
        const isInside = from >= 0 && from < height;
        for (let x = 0; x < width; x++) {
          const value = isInside ? across[from * width + x] : 0;
          result[line * width + x] = better(result[line * width + x], value);
        }
      }
    }
  }
  return { width, height, data: result };
}

/** @param {Float32Array} across @param {Float32Array} data @param {number} width @param {number} offset @param {(a: number, b: number) => number} better */
function include(across, data, width, offset, better) {
  for (let k = 0; k < data.length; k++) {
    const x = (k % width) + offset;
    across[k] = better(across[k], x >= 0 && x < width ? data[k + offset] : 0);
  }
}
