// @ts-check
/** The arithmetic of a cell as patches, one for each channel, and as lines of a calculation. No DOM. */
import { shortNumber, signedNumber } from "../draw/numbers.js";
import { vectorLayout } from "../draw/vector.js";

/** @typedef {import("../engine/term.js").Term} Term */
/** @typedef {import("./probe.js").CellSum} CellSum */
/** @typedef {import("../engine/program.js").Program} Program */
/**
 * @typedef {{
 *   channel: number|null, rows: number, columns: number, terms: (Term|null)[], subtotal: number, magnitude: number,
 * }} Patch Terms of one channel in the order of the picture, null where there is none.
 */

/** @type {Set<string>} Kinds whose cells are sums of many products. */
const PRODUCTS = new Set(["conv", "depthwise", "local", "dense"]);
/** @type {Set<string>} */
const POOLS = new Set(["max_pool", "average_pool", "l2_pool", "global_max", "global_average"]);

/**
 * Return whether the terms of a kind are shown as patch × kernel, as one patch, or only in the lines.
 * @param {string} kind
 * @returns {"products"|"pool"|"none"}
 */
export function pictureOf(kind) {
  if (PRODUCTS.has(kind)) return "products";
  return POOLS.has(kind) ? "pool" : "none";
}

/**
 * Return the terms of a cell as patches.
 *
 * Terms of a flattened map are laid out as that map.
 * @param {Program} program
 * @param {CellSum} sum
 * @returns {Patch[]} In the order of the channels.
 */
export function patchesOf(program, sum) {
  const shape = mapBehind(program, sum.terms[0]?.from.name);
  /** @type {Map<number|null, {row: number, column: number, term: Term}[]>} */
  const groups = new Map();
  for (const term of sum.terms) {
    const { channel, row, column } = placeOnMap(term, shape);
    const group = groups.get(channel);
    if (group) group.push({ row, column, term });
    else groups.set(channel, [{ row, column, term }]);
  }
  return [...groups].map(([channel, placed]) => patchOf(channel, placed));
}

/**
 * Return the shape of the map that a vector was flattened from.
 * @param {Program} program
 * @param {string|undefined} name
 * @returns {number[]|null} (H, W, C), or null for a map or another vector.
 */
export function mapBehind(program, name) {
  let operation = program.byName.get(name ?? "");
  while (operation?.kind === "dropout") operation = program.byName.get(operation.inputs[0]);
  if (operation?.kind !== "flatten") return null;
  const shape = program.byName.get(operation.inputs[0])?.shape ?? [];
  return shape.length === 3 && shape[0] * shape[1] > 1 ? shape : null;
}

/**
 * Return the cell that a unit of a flattened map has been.
 * @param {number[]} shape (H, W, C)
 * @param {number} unit
 * @returns {{channel: number, row: number, column: number}}
 */
export function cellBehind([, width, channels], unit) {
  const place = Math.floor(unit / channels);
  return { channel: unit % channels, row: Math.floor(place / width), column: place % width };
}

/**
 * Return the calculation of a cell, a line for each operation.
 * @param {CellSum[]} steps
 * @param {Program} program
 * @returns {{operation: string, text: string}[]}
 */
export function calculationOf(steps, program) {
  return steps.map((sum) => ({
    operation: sum.cell.name,
    text: `${lineOf(sum, program.byName.get(sum.cell.name)?.attributes ?? {})} = ${shortNumber(sum.value, 4)}`,
  }));
}

/**
 * @param {CellSum} sum
 * @param {any} attributes
 * @returns {string}
 */
function lineOf(sum, attributes) {
  const { kind, terms, bias, rule } = sum;
  const first = shortNumber(terms[0]?.value ?? sum.value, 4);
  const products = shortNumber(sum.sum - bias, 4);
  if (kind === "input") return "pixel";
  if (PRODUCTS.has(kind)) return `sum of ${terms.length} products + bias = ${products} ${plus(bias)}`;
  if (kind === "normalize" || kind === "layer_normalize") return normalizationLine(first, sum.details);
  if (kind === "rescale") return bias === 0 ? `${first} · ${shortNumber(terms[0].weight, 4)}` : `${first} · ${shortNumber(terms[0].weight, 4)} ${plus(bias)}`;
  if (rule === "softmax") return softmaxLine(sum);
  if (rule === "function") return functionLine(sum.note, first, attributes);
  if (rule === "maximum") return `largest of ${terms.length} values`;
  if (rule === "root") return `√ of the sum of ${terms.length} squares`;
  if (rule === "product") return terms.map(({ value }) => shortNumber(value)).join(" · ");
  if (POOLS.has(kind)) return `mean of ${terms.length} values`;
  if (kind === "dropout") return `${first} · ${shortNumber(terms[0].weight)} (${sum.note})`;
  if (terms.length > 1) return terms.map(({ product }, index) => (index === 0 ? shortNumber(product) : plus(product))).join(" ");
  return "the same value";
}

/** @param {string} x @param {Record<string, number|string>} details */
function normalizationLine(x, details) {
  const text = (/** @type {string} */ key) => shortNumber(Number(details[key]), 3);
  return `γ · (x − μ) / √(σ² + ε) + β: ${text("gamma")} · (${x} ${plus(-Number(details.mean))}) / √(${text("variance")} + ${text("epsilon")}) ${plus(Number(details.beta))}`;
}

/** @param {CellSum} sum */
function softmaxLine({ terms, details, sum }) {
  const own = terms[Number(details.own)];
  const shift = Number(details.largest);
  return `e^(${shortNumber(own.value)} − ${shortNumber(shift)}) / Σ e^(x − ${shortNumber(shift)}) = ${shortNumber(own.product)} / ${shortNumber(sum)}`;
}

/** @param {string} name @param {string} x @param {any} attributes */
function functionLine(name, x, attributes) {
  if (name === "relu" && attributes.max_value === undefined && !attributes.negative_slope) return `max(0, ${x})`;
  if (name === "sigmoid") return `1 / (1 + e^(${x.startsWith("−") ? x.slice(1) : `−${x}`}))`;
  return `${name}(${x})`;
}

/** @param {number} value @returns {string} Such as `+ 0.2` or `− 0.2`. */
function plus(value) {
  const text = signedNumber(value);
  return text.startsWith("−") ? `− ${text.slice(1)}` : `+ ${text.replace("+", "")}`;
}

/** @param {Term} term @param {number[]|null} shape */
function placeOnMap({ from }, shape) {
  if (shape !== null) {
    return cellBehind(shape, from.channel);
  }
  if (from.row === undefined || from.column === undefined) return { channel: null, row: 0, column: from.channel };
  return { channel: from.channel, row: from.row, column: from.column };
}

/**
 * @param {number|null} channel
 * @param {{row: number, column: number, term: Term}[]} placed
 * @returns {Patch}
 */
function patchOf(channel, placed) {
  const subtotal = placed.reduce((sum, { term }) => sum + term.product, 0);
  const magnitude = placed.reduce((sum, { term }) => sum + Math.abs(term.product), 0);
  if (channel === null) {
    const { columns, rows } = vectorLayout(placed.length, 84);
    return { channel, rows, columns, terms: placed.map(({ term }) => term), subtotal, magnitude };
  }
  const rows = sortedUnique(placed.map(({ row }) => row));
  const columns = sortedUnique(placed.map(({ column }) => column));
  /** @type {(Term|null)[]} */
  const terms = new Array(rows.length * columns.length).fill(null);
  for (const { row, column, term } of placed) terms[rows.indexOf(row) * columns.length + columns.indexOf(column)] = term;
  return { channel, rows: rows.length, columns: columns.length, terms, subtotal, magnitude };
}

/** @param {number[]} values */
function sortedUnique(values) {
  return [...new Set(values)].sort((a, b) => a - b);
}
