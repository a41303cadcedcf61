// @ts-check
// Straight segments of a mask by the progressive probabilistic Hough transform (Matas, Galambos and
// Kittler, 2000), with the random numbers and the whole-number steps of the library that Python uses:
// both find the same segments.

const ANGLES = 360; // of half a turn
const FACTOR = 4164903690n; // of a random generator that multiplies with carry
const [LOW, HALF_WORD] = [0xffffffffn, 32n];
const ONE = 65536; // steps along a line are whole multiples of 1 / ONE

/**
 * @typedef {[x1: number, y1: number, x2: number, y2: number]} Segment
 * @typedef {import("./masks.js").Mask} Mask
 * @typedef {{x: number, y: number}} Point
 * @typedef {{x: number, y: number, dx: number, dy: number}} Walk In multiples of 1 / ONE.
 */

/** Angles, and their cosines and sines in single precision. */
const TURNS = Array.from({ length: ANGLES }, (_, n) => n * Math.fround(Math.PI / ANGLES));
const COSINES = Float32Array.from(TURNS, Math.cos);
const SINES = Float32Array.from(TURNS, Math.sin);

/**
 * Return the segments of a mask.
 *
 * @param {Mask} mask
 * @param {{votes: number, length: number, gap: number}} least Pixels that make a line, the length of
 *   a segment, and the largest gap in it.
 * @returns {Segment[]}
 */
export function findLines(mask, { votes, length, gap }) {
  const open = mask.data.slice();
  const ballot = new Ballot(mask.width, mask.height);
  /** @type {Segment[]} */
  const segments = [];
  for (const place of inRandomOrder(mask.data)) {
    if (!open[place]) continue; // it belongs to a segment
    const point = { x: place % mask.width, y: Math.floor(place / mask.width) };
    const angle = ballot.vote(point, votes);
    if (angle < 0) continue;
    const ways = waysAlong(point, COSINES[angle], SINES[angle]);
    const places = ways.map((way) => placesAlong(way, mask, open, gap));
    const [from, to] = places.map((passed) => passed[passed.length - 1]);
    const isLong = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y)) >= length;
    for (const passed of places.flat()) {
      const k = passed.y * mask.width + passed.x;
      if (open[k] && isLong) ballot.withdraw(passed);
      open[k] = 0;
    }
    if (isLong) segments.push([from.x, from.y, to.x, to.y]);
  }
  return segments;
}

/** The lines through the pixels seen so far, by angle and distance. */
class Ballot {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.distances = 2 * (width + height) + 1;
    this.counts = new Int32Array(ANGLES * this.distances);
  }

  /** Count a pixel; return the angle of the line with most pixels through it, or −1 below a least number. @param {Point} point @param {number} least */
  vote({ x, y }, least) {
    const { counts, distances } = this;
    let [most, best] = [least - 1, -1];
    let row = (distances - 1) >> 1;
    for (let angle = 0; angle < ANGLES; angle++, row += distances) {
      const count = ++counts[row + distanceOf(x, y, angle)];
      if (count > most) {
        most = count;
        best = angle;
      }
    }
    return best;
  }

  /** @param {Point} point */
  withdraw({ x, y }) {
    const { counts, distances } = this;
    let row = (distances - 1) >> 1;
    for (let angle = 0; angle < ANGLES; angle++, row += distances) counts[row + distanceOf(x, y, angle)]--;
  }
}

/** @param {number} x @param {number} y @param {number} angle */
function distanceOf(x, y, angle) {
  const distance = Math.fround(Math.fround(x * COSINES[angle]) + Math.fround(y * SINES[angle]));
  const nearest = Math.floor(distance + 0.5) | 0;
  return nearest - distance === 0.5 && (nearest & 1) === 1 ? nearest - 1 : nearest;
}

/** @param {Uint8Array} data @returns {Generator<number>} */
function* inRandomOrder(data) {
  const places = [];
  for (let k = 0; k < data.length; k++) if (data[k]) places.push(k);
  let state = (1n << 64n) - 1n;
  for (let count = places.length; count > 0; count--) {
    state = (state & LOW) * FACTOR + (state >> HALF_WORD);
    const index = Number(state & LOW) % count;
    yield places[index];
    places[index] = places[count - 1];
  }
}

/** Both ways along a line from a point: a pixel at a time along the axis that it is closer to. @param {Point} point @param {number} cos @param {number} sin @returns {Walk[]} */
function waysAlong({ x, y }, cos, sin) {
  const isFlat = sin > Math.abs(cos);
  const step = roundHalfEven(isFlat ? (cos * ONE) / sin : (-sin * ONE) / Math.abs(cos));
  const way = isFlat ? { dx: -ONE, dy: step } : { dx: step, dy: cos > 0 ? ONE : -ONE };
  const start = isFlat ? { x: x * ONE, y: y * ONE + ONE / 2 } : { x: x * ONE + ONE / 2, y: y * ONE };
  return [{ ...start, ...way }, { ...start, dx: -way.dx, dy: -way.dy }];
}

/** The pixels of a way up to the last one with ink before a large gap. @param {Walk} walk @param {Mask} mask @param {Uint8Array} open @param {number} gap @returns {Point[]} */
function placesAlong({ x, y, dx, dy }, { width, height }, open, gap) {
  const places = [];
  let [known, missing] = [0, 0];
  for (; missing <= gap; x += dx, y += dy) {
    const place = { x: Math.floor(x / ONE), y: Math.floor(y / ONE) };
    if (place.x < 0 || place.x >= width || place.y < 0 || place.y >= height) break;
    places.push(place);
    const isInk = open[place.y * width + place.x] === 1;
    missing = isInk ? 0 : missing + 1;
    if (isInk) known = places.length;
  }
  return places.slice(0, known);
}

/** @param {number} value */
function roundHalfEven(value) {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
