// @ts-check
// Lines that belong to the page: ruled and squared paper, underlines, frames, form boxes. The same as
// `app.data.mnist_style.ruling` in Python.

import { chosen, cropped, dilated, opened, transposed } from "./masks.js";
import { componentsOf } from "./components.js";
import { findLines } from "./hough.js";
import { lineThickness, withThickLines } from "./thick_lines.js";

const THICKEST = 0.022; // of the page's longer side
const LEAST_SIDE = 64; // pixels; smaller images are digits alone
const HOUGH_SIDE = 400;
const [ACROSS, ALONG] = [0.75, 0.9]; // of the page's width and height; a "1" is a vertical line, too
const SLOPE = Math.tan((15 * Math.PI) / 180);
const LATTICE = 0.6; // of the width or height of the frame that a line belongs to
const LATTICE_SIDE = 0.08; // of the page's longer side
const MOST_LATTICES = 16;
const RULED = 3; // long segments that make a ruling
const LEAST_LENGTH = 0.1; // of the longer side
const GAP = 0.15; // of the longer side: a stroke across a line, a dash's distance
const COVERAGE = 0.3; // share of each third of a segment that is ink
const FINEST = 0.06; // of the shorter side of a frame: the thickest line of it
const SLACK = 12; // pixels that rounding in a reduced mask may add to a segment
const LEAST_INK = COVERAGE / 3; // pixels in each of a segment that is covered: a pixel covers three
const DENSEST = 0.2; // share of the mask; more is no line drawing

/**
 * @typedef {import("./masks.js").Mask} Mask
 * @typedef {import("./hough.js").Segment} Segment
 * @typedef {{across: Segment[], along: Segment[]}} Segments
 */

/**
 * Return an ink mask without the page's lines; where a pen's stroke crosses a line, the stroke stays.
 *
 * @param {Mask} mask
 * @param {{left: number, top: number, whole: {width: number, height: number}}} page Where it is in a page.
 * @returns {Mask} The mask itself if it has no such lines.
 */
export function withoutLines(mask, { left, top, whole }) {
  const side = Math.max(whole.width, whole.height);
  if (Math.min(whole.width, whole.height) < LEAST_SIDE) return mask;
  const thickest = Math.max(2, roundHalfEven(THICKEST * side));
  const rest = withoutLattices(mask, thickest, LATTICE_SIDE * side);
  const least = { across: ACROSS * whole.width, along: ALONG * whole.height };
  if (!couldHold(inkOf(rest), least)) return rest;
  const page = cropped(rest, { left: -left, top: -top, ...whole });
  return cropped(withoutPageLines(page, thickest, least), { ...mask, left, top });
}

/** @param {Mask} mask @param {number} thickest @param {{across: number, along: number}} least */
function withoutPageLines(mask, thickest, least) {
  const { across, along } = findSegments(thin(mask, thickest), least);
  const lines = {
    across: longLines(across, least.across, 0, mask.width),
    along: longLines(along.map(swapped), least.along, 0, mask.height).map(swapped),
  };
  return lines.across.length + lines.along.length > 0 ? erased(mask, lines, thickest) : mask;
}

/** The strokes of a mask that are not thick. @param {Mask} mask @param {number} thickest */
function thin(mask, thickest) {
  const thick = opened(mask, thickest + 1, thickest + 1);
  return chosen(mask, (value, k) => value === 1 && thick.data[k] === 0);
}

/** The near-horizontal segments that cross a page with these ends. @param {Segment[]} segments @param {number} least @param {number} first @param {number} end */
function longLines(segments, least, first, end) {
  const isLong = (/** @type {Segment} */ [x1, y1, x2, y2]) => Math.hypot(x2 - x1, y2 - y1) >= least;
  if (segments.filter(isLong).length < RULED) return segments.filter(isLong);
  // A digit has cut some lines of this ruling: what is left of them begins at an edge.
  const margin = 0.02 * (end - first);
  return segments.filter((segment) => isLong(segment)
    || Math.min(segment[0], segment[2]) <= first + margin || Math.max(segment[0], segment[2]) >= end - margin);
}

/** Remove frames and rows of boxes: lines that cross as two and two at least. @param {Mask} mask @param {number} thickest @param {number} least Pixels of a side. */
function withoutLattices(mask, thickest, least) {
  const { labels, parts } = componentsOf(mask.data, mask.width, mask.height);
  const large = parts.filter(({ width, height }) => width >= least && height >= least)
    .sort((a, b) => b.area - a.area).slice(0, MOST_LATTICES);
  let rest = mask;
  for (const { id, left, top, width, height } of large) {
    const box = { left: left - thickest, top: top - thickest, width: width + 2 * thickest, height: height + 2 * thickest };
    const part = partOf(labels, id, mask, box);
    // The strokes of a small digit are as thick as lines, but not in relation to its size.
    const finest = Math.min(thickest, Math.max(2, roundHalfEven(FINEST * Math.min(width, height))));
    const long = { across: LATTICE * width, along: LATTICE * height };
    const found = findSegments(thin(part, finest), long);
    const across = longLines(found.across, long.across, thickest, thickest + width);
    const along = longLines(found.along.map(swapped), long.along, thickest, thickest + height).map(swapped);
    const isLattice = extent(across.map(([, y1, , y2]) => (y1 + y2) / 2)) >= 0.5 * height
      && extent(along.map(([x1, , x2]) => (x1 + x2) / 2)) >= 0.5 * width;
    if (!isLattice) continue;
    const strokes = cropped(erased(part, { across, along }, thickest), {
      left: -box.left, top: -box.top, width: mask.width, height: mask.height,
    });
    rest = { ...mask, data: rest.data.map((value, k) => (labels[k] === id ? strokes.data[k] : value)) };
  }
  return rest;
}

/**
 * @param {Int32Array} labels
 * @param {number} id
 * @param {Mask} page
 * @param {{left: number, top: number, width: number, height: number}} box It may reach beyond the page.
 * @returns {Mask} where a box holds a part
 */
function partOf(labels, id, page, { left, top, width, height }) {
  const data = new Uint8Array(width * height);
  const [first, end] = [Math.max(0, left), Math.min(page.width, left + width)];
  for (let y = Math.max(0, top); y < Math.min(page.height, top + height); y++) {
    for (let x = first; x < end; x++) if (labels[y * page.width + x] === id) data[(y - top) * width + x - left] = 1;
  }
  return { width, height, data };
}

/**
 * The straight segments of a mask of thin strokes; none if there is none of the least lengths.
 *
 * @param {Mask} mask
 * @param {{across: number, along: number}} long Lengths of segments in either direction.
 * @returns {Segments}
 */
function findSegments(mask, long) {
  const scale = Math.min(1, HOUGH_SIDE / Math.max(mask.width, mask.height));
  const small = scale < 1 ? reduced(mask, scale) : mask;
  const ink = inkOf(small);
  const isDense = ink.count >= DENSEST * small.data.length;
  const could = couldHold(ink, { across: scale * long.across, along: scale * long.along });
  if (isDense || !could) return { across: [], along: [] };
  const side = Math.max(small.width, small.height);
  const length = Math.max(8, roundHalfEven(LEAST_LENGTH * side));
  const least = { votes: roundHalfEven(0.6 * length), length, gap: roundHalfEven(GAP * side) };
  const wide = dilated(small, 3, 3);
  const segments = findLines(small, least).filter((segment) => coverage(wide, segment) >= COVERAGE)
    .map((segment) => /** @type {Segment} */ (segment.map((place) => roundHalfEven(place / scale))));
  const isFlat = (/** @type {Segment} */ [x1, y1, x2, y2]) => Math.abs(y2 - y1) <= SLOPE * Math.abs(x2 - x1);
  return { across: segments.filter(isFlat), along: segments.filter((segment) => isFlat(swapped(segment))) };
}

/** The number of pixels with ink, and the sides of the box around them. @param {Mask} mask */
function inkOf({ width, data }) {
  let [count, left, right, top, bottom] = [0, width, -1, 0, -1];
  for (let k = data.indexOf(1); k >= 0; k = data.indexOf(1, k + 1)) {
    const x = k % width;
    if (count === 0) top = Math.floor(k / width);
    bottom = Math.floor(k / width);
    if (x < left) left = x;
    if (x > right) right = x;
    count++;
  }
  return { count, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Whether a segment of one of these lengths could be in a mask: most drawings are decided here, since
 * a digit is narrower than a ruling, and its strokes are thicker.
 *
 * @param {{count: number, width: number, height: number}} ink
 * @param {{across: number, along: number}} long
 */
function couldHold({ count, width, height }, { across, along }) {
  const reach = Math.cos(Math.atan(SLOPE)); // of a sloping segment, along its axis
  const isWide = width + SLACK >= reach * across && count >= LEAST_INK * across;
  const isHigh = height + SLACK >= reach * along && count >= LEAST_INK * along;
  return isWide || isHigh;
}

/** @param {Mask} mask @param {number} scale @returns {Mask} */
function reduced(mask, scale) {
  const reach = Math.ceil(1 / scale);
  const { data } = dilated(mask, reach, reach);
  const [width, height] = [mask.width, mask.height].map((side) => Math.max(1, roundHalfEven(side * scale)));
  const small = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++) small[y * width + x] = data[row + Math.floor((x * mask.width) / width)];
  }
  return { width, height, data: small };
}

/** The least share of ink that a third of a segment has. @param {Mask} mask @param {Segment} segment */
function coverage({ width, data }, [x1, y1, x2, y2]) {
  const counts = [0, 0, 0];
  for (let k = 0; k < 60; k++) {
    const [x, y] = [x1 + ((x2 - x1) * k) / 59, y1 + ((y2 - y1) * k) / 59].map(roundHalfEven);
    counts[Math.floor(k / 20)] += data[y * width + x];
  }
  return Math.min(...counts) / 20;
}

/** Remove lines, but not the strokes that run across them. @param {Mask} mask @param {Segments} lines @param {number} thickest @returns {Mask} */
function erased(mask, lines, thickest) {
  const across = withThickLines(mask, lines.across, thickest + 2);
  const along = withThickLines(mask, lines.along, thickest + 2);
  const thickAcross = Math.min(Math.trunc(lineThickness(mask, lines.across)), thickest) + 3;
  const turned = lineThickness(transposed(mask), lines.along.map(swapped));
  const thickAlong = Math.min(Math.trunc(turned), thickest) + 3;
  const outside = (/** @type {Mask} */ other) => chosen(mask, (value, k) => value === 1 && other.data[k] === 0);
  const strokesDown = opened(outside(along), 1, thickAcross);
  const strokesRight = opened(outside(across), thickAlong, 1);
  const thick = Math.max(thickAcross, thickAlong);
  const strokes = opened(mask, thick, thick);
  return chosen(mask, (value, k) => {
    const isRuled = across.data[k] > strokesDown.data[k] || along.data[k] > strokesRight.data[k];
    return value === 1 && (strokes.data[k] === 1 || !isRuled);
  });
}

/** @param {Segment} segment @returns {Segment} Rows for columns. */
function swapped([x1, y1, x2, y2]) {
  return [y1, x1, y2, x2];
}

/** @param {number[]} places */
function extent(places) {
  return places.length === 0 ? 0 : Math.max(...places) - Math.min(...places);
}

/** @param {number} value */
function roundHalfEven(value) {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
