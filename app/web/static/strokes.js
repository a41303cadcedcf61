// @ts-check
// Strokes of a drawing. Coordinates are whole numbers from 0 to 255 on a square board, so that a
// drawing is the same wherever its address is opened.

export const BOARD = 256;
export const PEN_WIDTHS = [10, 20, 28, 40]; // of the board
export const USUAL_WIDTH = 20;
const LONGEST = 4096; // points of a stroke

/** @typedef {{width: number, erase: boolean, points: number[]}} Stroke  points: x, y, x, y, … */

/**
 * Return the points of a stroke without those that the curve does without.
 *
 * @param {number[]} points x, y, x, y, …
 * @param {number} [tolerance] Greatest distance, in units of the board.
 * @returns {number[]}
 */
export function simplify(points, tolerance = 1) {
  const count = points.length / 2;
  if (count < 3) return points;
  const keep = new Uint8Array(count);
  keep[0] = keep[count - 1] = 1;
  const spans = [[0, count - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span;
    let farthest = 0;
    let distance = tolerance;
    for (let k = first + 1; k < last; k++) {
      const away = distanceToSegment(points, k, first, last);
      if (away > distance) [farthest, distance] = [k, away];
    }
    if (farthest > 0) {
      keep[farthest] = 1;
      spans.push([first, farthest], [farthest, last]);
    }
  }
  return points.filter((_, k) => keep[k >> 1] === 1);
}

/** @param {number[]} points @param {number} k @param {number} first @param {number} last */
function distanceToSegment(points, k, first, last) {
  const [x, y] = [points[2 * k] - points[2 * first], points[2 * k + 1] - points[2 * first + 1]];
  const dx = points[2 * last] - points[2 * first];
  const dy = points[2 * last + 1] - points[2 * first + 1];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / square));
  return Math.hypot(x - along * dx, y - along * dy);
}

/**
 * Return strokes as a short text of the letters that an address may hold.
 *
 * @param {Stroke[]} strokes
 * @returns {string}
 */
export function writeStrokes(strokes) {
  return strokes.map(({ width, erase, points }) => {
    const bytes = [width, erase ? 1 : 0, ...points];
    const text = btoa(String.fromCharCode(...bytes));
    return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }).join(".");
}

/**
 * Return the strokes of such a text, or null if it is damaged.
 *
 * @param {string} text
 * @returns {Stroke[] | null}
 */
export function readStrokes(text) {
  if (text === "") return [];
  if (!/^[\w.-]+$/.test(text)) return null;
  /** @type {Stroke[]} */
  const strokes = [];
  for (const part of text.split(".")) {
    if (part.length % 4 === 1) return null;
    const letters = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Array.from(letters, (letter) => letter.charCodeAt(0));
    if (bytes.length < 4 || bytes.length % 2 === 1 || bytes.length > LONGEST) return null;
    if (bytes[0] === 0 || bytes[1] > 1) return null;
    strokes.push({ width: bytes[0], erase: bytes[1] === 1, points: bytes.slice(2) });
  }
  return strokes;
}
