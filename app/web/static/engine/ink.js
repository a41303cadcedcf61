// @ts-check
// Where the digit of a drawing is: its ink without specks, and the soft edges of its strokes.

const NOISE = 8; // grey levels; less is no ink
const [STRICT, LOOSE] = [0.5, 0.2]; // shares of the strongest ink: a stroke's half maximum, and its skirt
const ONE_DIGIT_SIDE = 40; // pixels; smaller images hold one digit
const LEAST_SPECK = 2; // pixels

/**
 * Return the digit cut out of a drawing, its strokes as bright as 255, or null if there is none.
 *
 * @param {Uint8Array} ink Bright on 0.
 * @param {number} width
 * @param {number} height
 * @returns {{width: number, height: number, data: Float32Array, left: number, top: number} | null}
 */
export function findDigit(ink, width, height) {
  const most = strongest(ink, width, height);
  const share = Math.max(width, height) <= ONE_DIGIT_SIDE ? LOOSE : STRICT;
  const threshold = Math.max(NOISE, share * most);
  if (most <= NOISE) return null;
  const core = withoutSpecks(ink.map((value) => (value > threshold ? 1 : 0)), width, height);
  const level = percentile(ink.filter((_, k) => core[k] === 1), 90);
  const reached = grow(core, ink.map((value) => (value > LOOSE * level ? 1 : 0)), width, height);
  const box = boxOf(reached, width, height);
  return box && cutOut(ink, widened(reached, width, height), width, box);
}

/** @param {Uint8Array} ink @param {number} width @param {number} height @returns {number} of the ink blurred by 3×3 */
function strongest(ink, width, height) {
  let most = 0;
  if (Math.min(width, height) < 64) {
    for (const value of ink) most = Math.max(most, value);
    return most;
  }
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const k = y * width + x;
      if (ink[k] * 9 <= most) continue;
      let sum = 0;
      for (const row of [k - width, k, k + width]) sum += ink[row - 1] + ink[row] + ink[row + 1];
      most = Math.max(most, sum / 9);
    }
  }
  return most;
}

/**
 * Return the pixels of the faint mask that are connected to the core.
 *
 * @param {Uint8Array} core
 * @param {Uint8Array} faint
 * @param {number} width
 * @param {number} height
 */
function grow(core, faint, width, height) {
  const reached = core.slice();
  const open = [];
  for (let k = 0; k < core.length; k++) if (core[k]) open.push(k);
  for (let k = open.pop(); k !== undefined; k = open.pop()) {
    for (const next of neighbors(k, width, height)) {
      if (faint[next] && !reached[next]) {
        reached[next] = 1;
        open.push(next);
      }
    }
  }
  return reached;
}

/** @param {Uint8Array} mask @param {number} width @param {number} height */
function withoutSpecks(mask, width, height) {
  const left = mask.slice();
  const kept = new Uint8Array(mask.length);
  for (let k = 0; k < mask.length; k++) {
    if (!left[k]) continue;
    const part = [k];
    left[k] = 0;
    for (let n = 0; n < part.length; n++) {
      for (const next of neighbors(part[n], width, height)) {
        if (left[next]) {
          left[next] = 0;
          part.push(next);
        }
      }
    }
    if (part.length >= LEAST_SPECK) for (const pixel of part) kept[pixel] = 1;
  }
  return kept;
}

/** @param {number} k @param {number} width @param {number} height @returns {number[]} the up to eight neighbors of a pixel */
function neighbors(k, width, height) {
  const [x, y] = [k % width, Math.floor(k / width)];
  const found = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      if (row !== y || column !== x) found.push(row * width + column);
    }
  }
  return found;
}

/** @param {Uint8Array} mask @param {number} width @param {number} height */
function boxOf(mask, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!mask[y * width + x]) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** @param {Uint8Array} mask @param {number} width @param {number} height @returns {Uint8Array} wider by a pixel: the soft edges belong to the strokes */
function widened(mask, width, height) {
  const wide = mask.slice();
  for (let k = 0; k < mask.length; k++) if (mask[k]) for (const next of neighbors(k, width, height)) wide[next] = 1;
  return wide;
}

/** @param {Uint8Array} ink @param {Uint8Array} mask @param {number} width @param {any} box */
function cutOut(ink, mask, width, box) {
  const data = new Float32Array(box.width * box.height);
  const inked = [];
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const k = (box.top + y) * width + box.left + x;
      if (!mask[k]) continue;
      data[y * box.width + x] = ink[k];
      inked.push(ink[k]);
    }
  }
  const top = percentile(Uint8Array.from(inked), 99);
  return { ...box, data: data.map((value) => Math.min(255, (value * 255) / top)) };
}

/** @param {Uint8Array} values @param {number} share Percent. @returns {number} interpolated between neighbors in order */
function percentile(values, share) {
  const sorted = values.slice().sort();
  const place = ((sorted.length - 1) * share) / 100;
  const below = Math.floor(place);
  return sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
}
