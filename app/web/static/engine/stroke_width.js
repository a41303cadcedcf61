// @ts-check
// Strokes that would vanish when a digit is reduced are thickened, those that would merge thinned.

const [THINNEST, THICKEST, USUAL] = [1.3, 4.6, 2.4]; // pixels of the 20 that a digit is high
const WORKING_SIDE = 160; // pixels of the longer side while strokes are changed
// Steps to a straight, a diagonal and a knight's neighbor: a good approximation of the distance.
const [STRAIGHT, DIAGONAL, KNIGHT] = [1, 1.4, 2.1969];

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
  const offsets = ellipse(change + 1);
  if (width > THICKEST) return morphed(working, offsets, Math.min);
  const thick = morphed(padded(working, (change >> 1) + 1), offsets, Math.max);
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
  const distance = distanceToPaper(width, height, data);
  let [sum, count] = [0, 0];
  for (const value of distance) {
    if (value > 0) [sum, count] = [sum + value, count + 1];
  }
  return count === 0 ? 0 : Math.max(1, (4 * sum) / count - 2);
}

/** @param {number} width @param {number} height @param {Float32Array} data @returns {Float32Array} with a margin of 2 */
function distanceToPaper(width, height, data) {
  const row = width + 4;
  const distance = new Float32Array(row * (height + 4));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (data[y * width + x] > 127) distance[(y + 2) * row + x + 2] = Infinity;
  }
  const near = [[-1, STRAIGHT], [-row, STRAIGHT], [-row - 1, DIAGONAL], [-row + 1, DIAGONAL],
    [-row - 2, KNIGHT], [-row + 2, KNIGHT], [-2 * row - 1, KNIGHT], [-2 * row + 1, KNIGHT]];
  const last = distance.length - 2 * row - 3;
  for (const way of [1, -1]) {
    for (let k = way > 0 ? 2 * row + 2 : last; way > 0 ? k <= last : k >= 2 * row + 2; k += way) {
      if (distance[k] === 0) continue;
      for (const [offset, step] of near) distance[k] = Math.min(distance[k], distance[k + way * offset] + step);
    }
  }
  return distance;
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

/** @param {number} side @returns {{y: number, left: number, right: number}[]} Rows of a disc, from its anchor. */
function ellipse(side) {
  const radius = side >> 1;
  return Array.from({ length: side }, (_, row) => {
    const y = row - radius;
    const reach = radius === 0 ? 0 : Math.round(radius * Math.sqrt((radius * radius - y * y) / (radius * radius)));
    return { y, left: Math.max(-radius, -reach), right: Math.min(side - 1 - radius, reach) };
  });
}

/** @param {Plane} plane @param {{y: number, left: number, right: number}[]} rows @param {(a: number, b: number) => number} better @returns {Plane} */
function morphed({ width, height, data }, rows, better) {
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = data[y * width + x];
      for (const { y: down, left, right } of rows) {
        const line = y + down;
        for (let k = x + left; k <= x + right; k++) {
          const inside = line >= 0 && line < height && k >= 0 && k < width;
          value = better(value, inside ? data[line * width + k] : 0);
        }
      }
      result[y * width + x] = value;
    }
  }
  return { width, height, data: result };
}
