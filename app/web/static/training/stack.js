// @ts-check
// A stack of layers and its changes; pure. A stack is a list of {layer, …arguments}.

import { readValues, writeValues } from "./compact.js";

/** @typedef {{layer: string, [argument: string]: any}} Layer */

export const FIRST = [{ layer: "Rescaling" }, { layer: "Flatten" }];

const LAYER = /^(\w+)(?:\((.*)\))?$/;

/**
 * Return the stack in a text of the address, such as `Rescaling~Conv2D(filters!8*strides!2)~Flatten`, or the first one
 * if it is none.
 *
 * @param {unknown} text
 * @returns {Layer[]}
 */
export function readStack(text) {
  const parts = String(text ?? "").split("~").map((part) => LAYER.exec(part));
  if (!parts.every(Boolean)) return FIRST;
  return parts.map((part) => ({ layer: /** @type {any} */ (part)[1], ...readValues(part?.[2] ?? "") }));
}

/**
 * Return the shortest text of a stack: arguments with their defaults are left out.
 *
 * @param {Layer[]} stack
 * @param {Record<string, any>} kinds
 * @returns {string}
 */
export function writeStack(stack, kinds) {
  return stack.map(({ layer, ...given }) => {
    const own = Object.entries(given).filter(([name, value]) => value !== kinds[layer]?.arguments[name]?.default);
    return own.length ? `${layer}(${writeValues(Object.fromEntries(own))})` : layer;
  }).join("~");
}

/** @param {Layer[]} stack @param {number} at Position of the new layer. @param {string} layer */
export function withLayer(stack, at, layer) {
  return [...stack.slice(0, at), { layer }, ...stack.slice(at)];
}

/** @param {Layer[]} stack @param {number} at */
export function withoutLayer(stack, at) {
  return stack.filter((_, position) => position !== at);
}

/** @param {Layer[]} stack @param {number} at @param {number} by −1 up, 1 down */
export function withMoved(stack, at, by) {
  const to = at + by;
  if (to < 0 || to >= stack.length) return stack;
  const moved = [...stack];
  [moved[at], moved[to]] = [moved[to], moved[at]];
  return moved;
}

/** @param {Layer[]} stack @param {number} at @param {string} name @param {any} value */
export function withArgument(stack, at, name, value) {
  return stack.map((layer, position) => (position === at ? { ...layer, [name]: value } : layer));
}

/**
 * Return an argument's value as a control gives it, or undefined if it cannot be used.
 *
 * @param {any} argument {default, low, high, names}
 * @param {any} given Text of a field, or whether a box is checked.
 */
export function valueOf(argument, given) {
  if (typeof argument.default === "boolean") return Boolean(given);
  if (argument.names.length > 0) return argument.names.includes(given) ? given : undefined;
  const number = Number(given);
  const isWhole = Number.isInteger(argument.default) && !String(argument.low).includes(".");
  const fits = String(given).trim() !== "" && number >= argument.low && number <= argument.high;
  return fits && (!isWhole || Number.isInteger(number)) ? number : undefined;
}
