// @ts-check
// How a network is trained, as it stands in the address; pure. Only what differs from the dataset's own recipe is kept.

import { readValues, writeValues } from "./compact.js";

/** @typedef {{name: string, label: string, kind: "number" | "choice", low?: number, high?: number, step?: number}} Setting */

/** @type {Setting[]} */
export const RECIPE = [
  { name: "epochs", label: "Epochs", kind: "number", low: 1, high: 1000, step: 1 },
  { name: "batch_size", label: "Batch size", kind: "number", low: 1, high: 4096, step: 1 },
  { name: "optimizer", label: "Optimizer", kind: "choice" },
  { name: "learning_rate", label: "Learning rate", kind: "number", low: 1e-7, high: 10 },
  { name: "weight_decay", label: "Weight decay", kind: "number", low: 0, high: 10 },
  { name: "augment", label: "Augmentation", kind: "choice" },
  { name: "limit", label: "Images at most", kind: "number", low: 1, high: 10_000_000, step: 1 },
  { name: "seed", label: "Seed", kind: "number", low: 0, high: 2 ** 31 - 1, step: 1 },
];

/**
 * Return the settings in a text of the address; damaged ones are left out.
 *
 * @param {unknown} text
 * @returns {Record<string, any>}
 */
export function readRecipe(text) {
  const found = readValues(String(text ?? ""));
  return Object.fromEntries(RECIPE.flatMap(({ name, kind }) => {
    const fits = typeof found[name] === (kind === "number" ? "number" : "string");
    return fits ? [[name, found[name]]] : [];
  }));
}

/**
 * Return the text of settings with one of them changed.
 *
 * @param {Record<string, any>} given
 * @param {string} name
 * @param {any} value Undefined for the usual one.
 */
export function withSetting(given, name, value) {
  const { [name]: _, ...others } = given;
  return writeValues(value === undefined ? others : { ...others, [name]: value });
}
