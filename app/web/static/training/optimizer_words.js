// @ts-check
// What an optimizer makes its step of, in words and numbers for one weight; units of small numbers. No DOM.

import { fixedNumber, shortNumber, signedNumber } from "../draw/numbers.js";

const [FEWEST, MOST] = [2, 8]; // digits after the point

/** Digits after the point with which a number shows two digits. @param {number} value */
export function decimalsFor(value) {
  const magnitude = Math.abs(value);
  return magnitude === 0 ? FEWEST : Math.min(MOST, Math.max(FEWEST, 1 - Math.floor(Math.log10(magnitude))));
}

/**
 * Return the unit in which small numbers are read with two digits after the point, and what one of them means.
 *
 * @param {number[]} values
 * @returns {{scale: number, words: string}} Scale 1 and no words if they are not small.
 */
export function unitOf(values) {
  const largest = values.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  const power = largest === 0 ? 0 : Math.floor(Math.log10(Math.abs(largest)));
  if (power >= -1) return { scale: 1, words: "" };
  const scale = 10 ** power;
  return { scale, words: `in units of ${scale.toFixed(-power)}: ${fixedNumber(largest / scale, 2)} means ${fixedNumber(largest, 2 - power)}` };
}

/**
 * Return sentences on the step of one weight.
 *
 * @param {any} event A finished step, see `app/web/training/optimizer_step.py`.
 * @param {number} index Position of the weight in the tensors.
 * @returns {string[]}
 */
export function wordsOfStep({ optimizer, learning_rate: rate, weight_decay: decay, memory, tensors }, index) {
  const at = (/** @type {string} */ name) => tensors.get(name)?.data[index];
  const change = at("after") - at("before");
  const shrunk = -rate * decay * at("before");
  const used = `${optimizer}, learning rate ${shortNumber(rate, 3)}${decay > 0 ? `, weight decay ${shortNumber(decay, 2)}` : ""}.`;
  const numbers = { rate, gradient: at("gradient"), average: at("average"), spread: at("spread"), velocity: at("velocity") };
  const parts = [`${stepText(optimizer, memory, numbers)} = ${shortNumber(change - shrunk, 3)}`];
  if (decay > 0) parts.push(`decay −${shortNumber(rate, 3)} · ${shortNumber(decay, 2)} · ${bracketed(at("before"))} = ${shortNumber(shrunk, 2)}`);
  return [
    [used, WORDS[/** @type {keyof typeof WORDS} */ (optimizer)]?.(memory) ?? "", decay > 0 ? "Weight decay also shrinks the weight, by rate · decay · weight." : ""].filter(Boolean).join(" "),
    `Gradient ${shortNumber(numbers.gradient, 3)}; ${parts.join("; ")}; change ${signedNumber(change, 3)}.`,
  ];
}

const WORDS = {
  AdamW: (/** @type {number[]} */ [first, second]) =>
    `It does not step by this gradient alone: for each weight it keeps a moving average m of its gradients (${first} of the average before and ${shortNumber(1 - first, 1)} of this gradient) and v of their squares (${second} and ${shortNumber(1 - second, 1)}), and steps by −rate · m / √v. So a weight may even move along this gradient, if the ones before it pointed the other way, and a small gradient may move it as far as a large one.`,
  SGD: (/** @type {number[]} */ [momentum]) => (momentum === undefined ? "It steps by −rate · gradient."
    : `It does not step by this gradient alone: it keeps a velocity (${momentum} of the velocity before, minus rate · gradient) and steps by ${momentum} · velocity − rate · gradient. So a weight may even move along this gradient, if the ones before it pointed the other way.`),
  RMSprop: (/** @type {number[]} */ [rho]) =>
    `It keeps a moving average v of each weight's squared gradients (${rho} of the average before and ${shortNumber(1 - rho, 1)} of this square), and steps by −rate · gradient / √v.`,
};

/** @param {string} optimizer @param {number[]} memory @param {Record<string, number>} numbers */
function stepText(optimizer, [momentum], { rate, gradient, average, spread, velocity }) {
  const by = `−${shortNumber(rate, 3)}`;
  if (optimizer === "AdamW" && average !== undefined) return `step ${by} · m / √v = ${by} · ${bracketed(average)} / ${shortNumber(spread, 3)}`;
  if (optimizer === "RMSprop" && spread !== undefined) return `step ${by} · ${bracketed(gradient)} / ${shortNumber(spread, 3)}`;
  if (optimizer === "SGD" && velocity !== undefined) return `step ${momentum} · ${bracketed(velocity)} − ${shortNumber(rate, 3)} · ${bracketed(gradient)}`;
  return "step";
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${shortNumber(value, 3)})` : shortNumber(value, 3);
}
