// @ts-check
/** Round numbers for an axis. No DOM. */

import { shortNumber } from "./numbers.js";

/**
 * Return round numbers at equal distances, from the last one at or below `low` to the first one at or above `high`.
 * @param {number} low
 * @param {number} high More than `low`.
 * @param {number} count About so many intervals.
 * @returns {number[]}
 */
export function roundTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * 10 ** power >= rough * 0.999999) ?? 10;
  const [first, last] = [Math.floor(low / (factor * 10 ** power) + 1e-9), Math.ceil(high / (factor * 10 ** power) - 1e-9)];
  // A power of ten below one is divided by: 3 / 10 has no last bits, and 3 · 0.1 does.
  const scale = (/** @type {number} */ k) => (power < 0 ? (k * factor) / 10 ** -power : k * factor * 10 ** power);
  return Array.from({ length: last - first + 1 }, (_, k) => scale(first + k));
}

/**
 * Return round numbers for a logarithmic axis that enclose two positive numbers: powers of ten, and 2 and 5 times them
 * if there are few.
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function logTicks(low, high) {
  const [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const all = Array.from({ length: last - first + 1 }, (_, k) => factors.map((factor) => factor * 10 ** (first + k))).flat();
  const below = all.findLastIndex((tick) => tick <= low * 1.000001);
  const above = all.findIndex((tick) => tick >= high * 0.999999);
  const ticks = all.slice(Math.max(0, below), above + 1);
  return ticks.length > 1 ? ticks : [10 ** first, 10 ** (first + 1)];
}

/**
 * Return the numbers of an axis as texts: with the same digits after the point, or each with its own if they are those
 * of a logarithmic axis.
 * @param {number[]} ticks
 * @param {boolean} isLogarithmic
 * @returns {string[]}
 */
export function tickTexts(ticks, isLogarithmic) {
  const texts = ticks.map((tick) => (tick !== 0 && Math.abs(tick) < 1e-4 ? shortNumber(tick, 1) : String(Number(tick.toPrecision(6)))));
  const decimals = Math.max(0, ...texts.map((text) => (text.split(".")[1] ?? "").length));
  return isLogarithmic || texts.some((text) => text.includes("·")) ? texts : ticks.map((tick) => tick.toFixed(decimals));
}
