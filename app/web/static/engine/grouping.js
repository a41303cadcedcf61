// @ts-check
// Which parts of a drawing are its largest digit: strokes that do not touch, such as the bar of a 5,
// are joined to it; dots, dashes and other digits are not.

import { boxAround } from "./components.js";
import { distanceToZero } from "./distance.js";

const LEAST_EXTENT = 0.025; // of the page's longer side
const LEAST_PIXELS = 4;
const LARGEST_DOT = 0.12; // of the page's longer side
const WIDEST_SHAPE = 2.5; // width by height
const SMALL_PART = 0.6; // of a digit's extent; smaller pieces belong to the nearest digit
const [GAP, SMALL_GAP] = [0.1, 0.3]; // of a digit's extent

/**
 * @typedef {import("./components.js").Part} Part
 * @typedef {import("./components.js").Components} Components
 * @typedef {{width: number, height: number, left: number, top: number,
 *   whole: {width: number, height: number}}} Page The part of a page that holds its ink, and where it is.
 */

/**
 * Return whether a part may be a digit, or most of one: no dot, no dash.
 *
 * @param {Part} part
 * @param {Page} page
 */
export function isDigitShaped({ width, height, area, extent }, page) {
  const side = Math.max(page.whole.width, page.whole.height);
  const [fill, ratio] = [area / (width * height), width / height];
  const isDot = side >= 64 && extent < LARGEST_DOT * side
    && fill > 0.74 && ratio > 0.6 && ratio < 1.7;
  return extent >= Math.max(LEAST_PIXELS, LEAST_EXTENT * side) && !isDot && ratio <= WIDEST_SHAPE;
}

/**
 * Return the parts of the largest digit, none if there is no digit.
 *
 * @param {Components} components
 * @param {Page} page
 * @returns {Part[]}
 */
export function largestDigit({ labels, parts }, page) {
  const isSeed = parts.map((part) => isDigitShaped(part, page));
  if (!isSeed.includes(true)) return [];
  const owner = ownersOf(labels, parts, isSeed, page);
  const owners = [...new Set(owner.filter((own) => own >= 0))].sort((a, b) => a - b);
  let groups = owners.map((own) => parts.filter((_, k) => owner[k] === own));
  const inside = groups.filter((group) => !group.some((part) => touchesBorder(part, page)));
  if (inside.length) groups = inside; // what the border cuts is a digit only if there is no other
  return groups.reduce((best, group) => (sizeOf(group) > sizeOf(best) ? group : best));
}

/** @param {Part[]} group @returns {number} diagonal of its box */
export function sizeOf(group) {
  const { width, height } = boxAround(group);
  return Math.hypot(width, height);
}

/** @param {Part} part @param {Page} page */
export function touchesBorder(part, page) {
  const [left, top] = [part.left + page.left, part.top + page.top];
  return left === 0 || top === 0
    || left + part.width === page.whole.width || top + part.height === page.whole.height;
}

/** @param {Int32Array} labels @param {Part[]} parts @param {boolean[]} isSeed @param {Page} page @returns {number[]} */
function ownersOf(labels, parts, isSeed, page) {
  const owner = parts.map((_, k) => (isSeed[k] ? k : -1));
  const order = parts.map((_, k) => k).sort((a, b) => parts[b].extent - parts[a].extent || a - b);
  for (const k of order) {
    if (owner[k] < 0) continue;
    for (const [other, gap] of neighborsOf(labels, parts, k, page)) {
      const longest = parts[k].extent * (isSeed[other] ? 1 : 1.3);
      if (parts[other].extent > longest || owner[other] === owner[k]) continue;
      if (!belongsTo(parts[other], parts[k], gap)) continue;
      const before = owner[other];
      if (before < 0) owner[other] = owner[k];
      else owner.forEach((own, n) => { if (own === before) owner[n] = owner[k]; });
    }
  }
  return owner;
}

/** @param {Part} other @param {Part} part @param {number} gap Pixels between them. */
function belongsTo(other, part, gap) {
  const isBar = other.width > WIDEST_SHAPE * other.height;
  // A bar below is an underline; one above belongs to a 5 or a 7.
  if (isBar && other.top >= part.top + part.height) return false;
  const overlap = Math.min(part.left + part.width, other.left + other.width)
    - Math.max(part.left, other.left);
  const isStacked = overlap >= 0.5 * Math.min(part.width, other.width)
    && other.height <= 0.5 * part.extent;
  const isSmall = isBar || isStacked || other.extent < SMALL_PART * part.extent;
  return gap <= (isSmall ? SMALL_GAP : GAP) * part.extent;
}

/**
 * Return the parts near one, nearest first, with their distances in pixels.
 *
 * @param {Int32Array} labels
 * @param {Part[]} parts
 * @param {number} k
 * @param {Page} page
 * @returns {[number, number][]}
 */
function neighborsOf(labels, parts, k, page) {
  const part = parts[k];
  const margin = Math.ceil(SMALL_GAP * part.extent) + 1;
  const close = parts.map((_, n) => n).filter((n) => n !== k && isWithin(parts[n], part, margin));
  if (close.length === 0) return [];
  const mask = new Uint8Array(labels.length);
  for (let n = 0; n < labels.length; n++) mask[n] = labels[n] === part.id ? 0 : 1;
  const distance = distanceToZero(mask, page.width, page.height, 1);
  const nearest = new Float64Array(parts.length + 1).fill(Infinity);
  for (let n = 0; n < labels.length; n++) {
    if (distance[n] < nearest[labels[n]]) nearest[labels[n]] = distance[n];
  }
  return close.map((n) => /** @type {[number, number]} */ ([n, nearest[parts[n].id]]))
    .sort((a, b) => a[1] - b[1]);
}

/** @param {Part} other @param {Part} part @param {number} margin */
function isWithin(other, part, margin) {
  return other.left < part.left + part.width + margin
    && other.left + other.width > part.left - margin
    && other.top < part.top + part.height + margin
    && other.top + other.height > part.top - margin;
}
