// @ts-check
/** The answer of one view beside those of a model's other views, whose mean is the prediction. */
import { element, setText } from "../element.js";
import { isIdentity, viewOf } from "../engine/views.js";
import { outputValues } from "../engine/predict.js";

/** @typedef {import("../engine/network.js").Network} Network */

/** @type {WeakMap<object, (Float64Array|null)[]>} Values of every view by the pixels of the image. */
const known = new WeakMap();

/**
 * Return a table of the views, or null if there is one only. The other views are run one after the other.
 * @param {Network} network
 * @param {Float32Array} pixels Of the image, (H, W, C).
 * @param {number} index Class.
 * @returns {HTMLElement|null}
 */
export function createViews(network, pixels, index) {
  const { program } = network;
  if (program.views.length < 2) return null;
  const values = known.get(pixels) ?? program.views.map(() => null);
  known.set(pixels, values);
  const cells = program.views.map(() => element("td"));
  const mean = element("td");
  const rows = program.views.map((view, place) => element("tr", {}, element("th", { scope: "row" }, nameOf(view)), cells[place]));
  const table = element("table", { class: "convlab-shares" },
    element("thead", {}, element("tr", {}, ["view", `“${program.classes[index]}”`].map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, rows), element("tfoot", {}, element("tr", {}, element("th", { scope: "row" }, "mean, the prediction"), mean)));
  const show = () => {
    const shares = values.map((all) => all?.[index] ?? Number.NaN);
    shares.forEach((share, place) => setText(cells[place], textOf(share)));
    setText(mean, textOf(shares.reduce((sum, share) => sum + share, 0) / shares.length));
    const next = values.indexOf(null);
    if (next >= 0) setTimeout(() => runNext(next), 0);
  };
  const runNext = (/** @type {number} */ place) => {
    if (!table.isConnected && place > 0) return; // another cell is shown
    values[place] ??= valuesOf(network, pixels, program.views[place]);
    show();
  };
  show();
  return table;
}

/** @param {Network} network @param {Float32Array} pixels @param {import("../engine/views.js").View} view */
function valuesOf(network, pixels, view) {
  const { program } = network;
  const [input] = program.operations;
  const output = isIdentity(view) ? network.output(program.operations[program.operations.length - 1].name) : network.peek(viewOf(view, pixels, input.shape));
  return outputValues(program, output);
}

/** @param {import("../engine/views.js").View} view */
function nameOf(view) {
  if (isIdentity(view)) return "this view, in the network";
  const { crop, rotation, rows, columns, flip } = view;
  return [
    crop === 1 ? "" : `middle ${Math.round(1000 * crop) / 10}%, enlarged`,
    rotation === 0 ? "" : `turned ${rotation > 0 ? "left" : "right"} by ${Math.abs(rotation)}°`,
    moveText(rows, "down", "up"), moveText(columns, "right", "left"), flip ? "mirrored" : "",
  ].filter(Boolean).join(", ");
}

/** @param {number} pixels @param {string} forth @param {string} back */
function moveText(pixels, forth, back) {
  if (pixels === 0) return "";
  return `${Math.abs(pixels)} ${Math.abs(pixels) === 1 ? "pixel" : "pixels"} ${pixels > 0 ? forth : back}`;
}

/** @param {number} share */
function textOf(share) {
  return Number.isNaN(share) ? "…" : `${(100 * share).toFixed(1)}%`;
}
