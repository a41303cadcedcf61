// @ts-check
/** The picture of a sum: patch × kernel = products, channel by channel, the strongest first. */
import { columnNumbers, countText, shortNumber, signedNumber, withPlus } from "../draw/numbers.js";
import { createGrid } from "../draw/grid.js";
import { element } from "../element.js";
import { rampRange } from "../draw/color.js";

/** @typedef {import("./card_model.js").Patch} Patch */
/** @typedef {{ramp: import("../draw/color.js").RampName, range: import("../draw/color.js").Range}} Source Colors of the input. */

const SIDE = 84;
const FIRST = 3;
const MORE = 8;

/**
 * Return the pictures of a sum of products.
 * @param {Patch[]} patches
 * @param {{bias: number, sum: number, nameOf: (channel: number|null) => string}} sum
 * @param {Source|null} source Null for the range of the shown values.
 * @param {import("../draw/color.js").Theme} theme
 * @returns {HTMLElement}
 */
export function createProducts(patches, sum, source, theme) {
  const ordered = [...patches].sort((a, b) => Math.abs(b.subtotal) - Math.abs(a.subtotal));
  const colorings = coloringsOf(patches, source, theme);
  const list = element("div", { class: "convlab-products" }, headings());
  const rest = element("p", { class: "convlab-products-rest" });
  const more = element("button", { type: "button", class: "convlab-button", onclick: () => show(shown + MORE) });
  const sums = columnNumbers(ordered.map(({ subtotal }) => subtotal), 3).map(withPlus);
  let shown = 0;
  const show = (/** @type {number} */ count) => {
    ordered.slice(shown, count).forEach((patch, index) => rest.before(...rowOf(patch, colorings, sum.nameOf(patch.channel), sums[shown + index])));
    shown = Math.min(count, ordered.length);
    const left = ordered.slice(shown).reduce((total, { subtotal }) => total + subtotal, 0);
    rest.textContent = shown < ordered.length ? `${countText(ordered.length - shown)} more channels: ${signedNumber(left)}` : "";
    more.textContent = `Show ${Math.min(MORE, ordered.length - shown)} more`;
    more.hidden = shown === ordered.length;
  };
  list.append(rest, more, totalOf(sum, patches.length));
  show(FIRST);
  return list;
}

/**
 * Return the picture of a pool: its window, with the winner framed.
 * @param {Patch} patch
 * @param {Source|null} source
 * @param {boolean} hasWinner
 * @param {import("../draw/color.js").Theme} theme
 * @returns {HTMLElement}
 */
export function createWindow(patch, source, hasWinner, theme) {
  const values = patch.terms.map((term) => term?.value ?? null);
  const winner = hasWinner ? patch.terms.findIndex((term) => term !== null && term.weight === 1) : -1;
  const coloring = coloringsOf([patch], source, theme).input;
  const label = `window of ${patch.rows} by ${patch.columns} values${hasWinner ? `; the largest is ${shortNumber(values[winner] ?? 0)}` : ""}`;
  return createGrid(values, { rows: patch.rows, columns: patch.columns, side: 140, label, marked: winner }, coloring);
}

function headings() {
  return ["input", "", "kernel", "", "product", "sum"].map((text) => element("span", { class: "convlab-products-head" }, text));
}

/**
 * @param {Patch} patch
 * @param {{input: any, kernel: any, product: any}} colorings
 * @param {string} name
 * @param {string} subtotal
 */
function rowOf({ rows, columns, terms }, colorings, name, subtotal) {
  const grid = (/** @type {"value"|"weight"|"product"} */ key, /** @type {any} */ coloring, /** @type {string} */ what) =>
    createGrid(terms.map((term) => term?.[key] ?? null), { rows, columns, side: SIDE, label: `${what} of ${name}` }, coloring);
  return [
    grid("value", colorings.input, "input"), sign("×"), grid("weight", colorings.kernel, "kernel"), sign("="),
    grid("product", colorings.product, "products"), element("span", { class: "convlab-products-sum" }, element("small", {}, name), subtotal),
  ];
}

/** @param {string} text */
function sign(text) {
  return element("span", { class: "convlab-products-sign" }, text);
}

/**
 * @param {{bias: number, sum: number}} sum
 * @param {number} channels
 */
function totalOf({ bias, sum }, channels) {
  const products = channels === 1 ? "Products" : `Products of ${countText(channels)} channels`;
  return element("p", { class: "convlab-products-total" }, `${products}: ${shortNumber(sum - bias, 4)}, with bias ${signedNumber(bias)}: ${shortNumber(sum, 4)}`);
}

/**
 * @param {Patch[]} patches
 * @param {Source|null} source
 * @param {import("../draw/color.js").Theme} theme
 */
function coloringsOf(patches, source, theme) {
  const largest = (/** @type {"value"|"weight"|"product"} */ key) => patches.reduce((all, { terms }) =>
    terms.reduce((most, term) => Math.max(most, Math.abs(term?.[key] ?? 0)), all), 0);
  const input = source ?? { ramp: "activations", range: rampRange("activations", largest("value")) };
  return {
    input: { ...input, theme },
    kernel: { ramp: "weights", range: rampRange("weights", largest("weight")), theme },
    product: { ramp: "activations", range: rampRange("activations", largest("product")), theme },
  };
}
