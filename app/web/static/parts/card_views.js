// @ts-check
/** The answer of one view beside those of a model's other views: their mean, at the model's temperature, is the prediction. */
import { element } from "../element.js";
import { isIdentity } from "../engine/views.js";
import { meanOf, predictionOf } from "../engine/predict.js";
import { temperatureText } from "./prediction_text.js";

/**
 * Return a table of the views, or null if there is one only, which is the prediction.
 * @param {import("../engine/program.js").Program} program
 * @param {Float64Array[]|null} values Of each view; null until they are known.
 * @param {number} index Class.
 * @returns {HTMLElement|null}
 */
export function createViews(program, values, index) {
  const { views, classes, temperature } = program;
  const steps = [];
  if (views.length > 1) steps.push({ name: "mean", of: meanOf });
  if (temperature !== 1) steps.push({ name: temperatureText(temperature), of: (/** @type {Float64Array[]} */ rows) => predictionOf(program, rows) });
  if (!steps.length) return null;
  steps[steps.length - 1].name += ", the prediction";
  const row = (/** @type {string} */ name, /** @type {number|undefined} */ share) =>
    element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, share === undefined ? "computing …" : `${(100 * share).toFixed(1)}%`));
  return element("table", { class: "convlab-shares" },
    element("thead", {}, element("tr", {}, ["view", `“${classes[index]}”`].map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, views.map((view, place) => row(nameOf(view), values?.[place][index]))),
    element("tfoot", {}, steps.map(({ name, of }) => row(name, values ? of(values)[index] : undefined))));
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
