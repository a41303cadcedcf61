// @ts-check
/** Loss and accuracy over training steps: single batches pale, epochs on validation images as points. */

import { svgElement } from "../element.js";

const [USUAL_WIDTH, HEIGHT] = [360, 200];
const MARGIN = { top: 22, right: 8, bottom: 30, left: 44 };

/**
 * @param {{label: string, points: "loss" | "accuracy", row: string, least: number, most: number | null}} options
 *   Where the values are; `most` null for the largest one.
 */
export function createRunCurve({ label, points, row, least, most }) {
  const frame = svgElement("g", { class: "convlab-curve-frame" });
  const line = svgElement("path", { class: "convlab-run-batches" });
  const mean = svgElement("path", { class: "convlab-run-mean" });
  const marks = svgElement("g", { class: "convlab-run-epochs" });
  const svg = svgElement("svg", { class: "convlab-run-curve", role: "img", "aria-label": label }, frame, line, mean, marks);
  let drawn = "";
  return {
    element: svg,
    /** @param {import("./run.js").Run} run */
    update(run) {
      const { step, [points]: values } = run.points;
      const width = svg.clientWidth || USUAL_WIDTH;
      const key = [run.run, step.length, step[step.length - 1], run.rows.length, width].join();
      if (key === drawn) return;
      drawn = key;
      svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
      const perEpoch = run.network?.batches ?? 1;
      const end = Math.max(1, step[step.length - 1] ?? 1);
      const top = most ?? Math.max(1e-6, ...values, ...run.rows.map((/** @type {any} */ one) => one[row]));
      const x = (/** @type {number} */ at) => MARGIN.left + (at / end) * (width - MARGIN.left - MARGIN.right);
      const y = (/** @type {number} */ value) =>
        MARGIN.top + (1 - (Math.min(top, value) - least) / (top - least)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
      const path = (/** @type {number[]} */ heights) =>
        heights.map((value, k) => `${k ? "L" : "M"}${x(step[k]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
      line.setAttribute("d", path(values));
      mean.setAttribute("d", path(smoothed(values)));
      marks.replaceChildren(...run.rows.map((/** @type {any} */ one) =>
        svgElement("circle", { cx: x(Math.min(end, one.epoch * perEpoch)), cy: y(one[row]), r: 4 })));
      frame.replaceChildren(...[least, (least + top) / 2, top].flatMap((value) => [
        svgElement("line", { x1: x(0), x2: x(end), y1: y(value), y2: y(value) }),
        svgElement("text", { x: MARGIN.left - 6, y: y(value) + 4, "text-anchor": "end" }, shown(value)),
      ]), svgElement("text", { class: "convlab-run-title", x: MARGIN.left, y: 10 }, label), svgElement("text", { x: (MARGIN.left + width - MARGIN.right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, `training step (${end.toLocaleString("en")})`));
      const last = run.rows[run.rows.length - 1];
      const spoken = values.length ? `${label}: ${shown(values[values.length - 1])} in the last batch` : `${label}, nothing yet`;
      svg.setAttribute("aria-label", last ? `${spoken}; ${shown(last[row])} on validation images after epoch ${last.epoch}.` : `${spoken}.`);
    },
  };
}

/** The mean of each value and some before it. @param {number[]} values */
function smoothed(values) {
  const reach = Math.max(1, Math.round(values.length / 40));
  let sum = 0;
  return values.map((value, k) => {
    sum += value - (k >= reach ? values[k - reach] : 0);
    return sum / Math.min(k + 1, reach);
  });
}

/** @param {number} value */
function shown(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
