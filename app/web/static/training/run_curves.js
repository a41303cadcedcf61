// @ts-check
/** Loss and accuracy over training steps: single batches pale, epochs on validation images as points, changed settings as lines. */

import { countText, shortNumber } from "../draw/numbers.js";
import { logTicks, roundTicks, tickTexts } from "../draw/ticks.js";
import { svgElement } from "../element.js";
import { evenPoints, reachOf, runningMean } from "./run_points.js";

const [USUAL_WIDTH, HEIGHT] = [360, 210];
const MARGIN = { top: 22, right: 12, bottom: 38, left: 44 };
const ROOM = 90; // CSS pixels of the words at a change
const LETTERS = { learning_rate: "rate", weight_decay: "decay", dropout: "dropout", strength: "augmentation" };

/** @typedef {{label: string, points: "loss" | "accuracy", row: string, most: number | null}} Options Where the values are; `most` null for the largest one. */

/** @param {Options} options */
export function createRunCurve(options) {
  return new RunCurve(options);
}

class RunCurve {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.frame = svgElement("g", { class: "convlab-curve-frame" });
    this.changes = svgElement("g", { class: "convlab-run-changes" });
    this.line = svgElement("path", { class: "convlab-run-batches" });
    this.mean = svgElement("path", { class: "convlab-run-mean" });
    this.marks = svgElement("g", { class: "convlab-run-epochs" });
    this.element = svgElement("svg", { class: "convlab-run-curve", role: "img", "aria-label": options.label },
      this.frame, this.line, this.mean, this.marks, this.changes);
    this.drawn = "";
    this.width = USUAL_WIDTH;
  }

  /** @param {import("./run.js").Run} run @param {boolean} isLogarithmic */
  update(run, isLogarithmic) {
    const { step } = run.points;
    this.width = this.element.clientWidth || USUAL_WIDTH;
    const key = [run.run, step.length, step[step.length - 1], run.rows.length, run.changes.length, this.width, isLogarithmic].join();
    if (key === this.drawn) return;
    this.drawn = key;
    this.element.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    this.draw(run, isLogarithmic);
    this.describe(run);
  }

  /** @param {import("./run.js").Run} run @param {boolean} isLogarithmic */
  draw(run, isLogarithmic) {
    const { points: name, row, most } = this.options;
    const { points } = evenPoints(run.points);
    const { step, [name]: values } = points;
    const perEpoch = run.network?.batches ?? 1;
    const end = Math.max(1, step[step.length - 1] ?? 1);
    const measured = [...values, ...run.rows.map((/** @type {any} */ one) => one[row])].filter(Number.isFinite);
    const ticks = measured.length === 0 && most === null ? [] : ticksOf(measured, most, isLogarithmic);
    const [low, high] = [ticks[0] ?? 0, ticks[ticks.length - 1] ?? 1];
    const scale = isLogarithmic ? Math.log : (/** @type {number} */ value) => value;
    const x = (/** @type {number} */ at) => MARGIN.left + (at / end) * (this.width - MARGIN.left - MARGIN.right);
    const y = (/** @type {number} */ value) => MARGIN.top + (1 - (scale(Math.min(high, Math.max(low, value))) - scale(low)) / (scale(high) - scale(low)))
      * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const path = (/** @type {number[]} */ heights) =>
      heights.map((value, k) => `${k ? "L" : "M"}${x(step[k]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    this.line.setAttribute("d", path(values));
    this.mean.setAttribute("d", path(runningMean(step, values)));
    this.marks.replaceChildren(...run.rows.map((/** @type {any} */ one) =>
      svgElement("circle", { cx: x(Math.min(end, one.epoch * perEpoch)), cy: y(one[row]), r: 4 })));
    this.drawFrame({ ticks, texts: tickTexts(ticks, isLogarithmic) }, measured.length ? end : 0, x, y);
    this.drawChanges(changesOf(run.changes, end), x);
  }

  /** @param {{ticks: number[], texts: string[]}} heights @param {number} end Last step, or 0. @param {(at: number) => number} x @param {(value: number) => number} y */
  drawFrame({ ticks, texts }, end, x, y) {
    const bottom = HEIGHT - MARGIN.bottom;
    const right = this.width - MARGIN.right;
    const steps = end ? roundTicks(0, end, Math.max(2, Math.min(5, this.width / 90))).filter((at) => at <= end && Number.isInteger(at)) : [];
    this.frame.replaceChildren(
      ...ticks.flatMap((tick, k) => [
        svgElement("line", { x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick) }),
        svgElement("text", { x: MARGIN.left - 6, y: y(tick) + 4, "text-anchor": "end" }, texts[k]),
      ]),
      ...steps.flatMap((at) => [
        svgElement("line", { x1: x(at), x2: x(at), y1: bottom, y2: bottom + 4 }),
        svgElement("text", { x: x(at), y: bottom + 16, "text-anchor": "middle" }, countText(at)),
      ]),
      svgElement("line", { x1: MARGIN.left, x2: right, y1: bottom, y2: bottom }),
      svgElement("text", { class: "convlab-run-title", x: MARGIN.left, y: 10 }, this.options.label),
      svgElement("text", { x: (MARGIN.left + right) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, "training step"),
      end ? "" : svgElement("text", { x: (MARGIN.left + right) / 2, y: HEIGHT / 2, "text-anchor": "middle" }, "no batch yet"));
  }

  /** @param {{step: number, words: string}[]} changes @param {(at: number) => number} x */
  drawChanges(changes, x) {
    const height = this.options.most === null ? MARGIN.top + 10 : HEIGHT - MARGIN.bottom - 6; // where the curve is not
    let free = 0;
    this.changes.replaceChildren(...changes.flatMap(({ step, words }) => {
      const at = x(step);
      const line = svgElement("line", { x1: at, x2: at, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }, svgElement("title", {}, `after step ${countText(step)}: ${words}`));
      if (at < free) return [line];
      free = at + ROOM;
      const isRight = at + ROOM > this.width;
      return [line, svgElement("text", { x: at + (isRight ? -3 : 3), y: height, "text-anchor": isRight ? "end" : "start" }, words)];
    }));
  }

  /** @param {import("./run.js").Run} run */
  describe({ points: { [this.options.points]: values }, rows }) {
    const { label, row } = this.options;
    const last = rows[rows.length - 1];
    const spoken = values.length ? `${label}: ${shortNumber(values[values.length - 1])} in the last batch` : `${label}, nothing yet`;
    this.element.setAttribute("aria-label", last ? `${spoken}; ${shortNumber(last[row])} on validation images after epoch ${last.epoch}.` : `${spoken}.`);
  }
}

/** @param {number[]} values @param {number | null} most @param {boolean} isLogarithmic */
function ticksOf(values, most, isLogarithmic) {
  const top = most ?? Math.max(...values);
  const positive = values.filter((value) => value > 0);
  if (isLogarithmic && positive.length) return logTicks(Math.max(1e-7, Math.min(...positive)), Math.max(...positive));
  return roundTicks(0, top || 1, 5);
}

/** Changes of settings in words, those before the same batch as one. @param {any[]} changes @param {number} end Last step. */
function changesOf(changes, end) {
  /** @type {Map<number, Record<string, number>>} */
  const bySteps = new Map();
  for (const { step, ...values } of changes) bySteps.set(step, { ...bySteps.get(step), ...values });
  return [...bySteps].filter(([step]) => step <= end).map(([step, values]) => ({
    step, words: Object.entries(values).map(([name, value]) => `${LETTERS[/** @type {keyof typeof LETTERS} */ (name)] ?? name} ${shortNumber(value, 2)}`).join(", "),
  }));
}

/** What the lines are, in words. @param {import("./run.js").Run} run @returns {string[]} */
export function wordsOf({ points }) {
  const { points: { step }, batches } = evenPoints(points);
  const reach = reachOf(step.length) * batches;
  return [
    batches === 1 ? "single batches" : `means of ${batches} batches each`,
    reach === 1 ? "mean over several batches" : `mean over the last ${countText(reach)} batches, fewer at the start`,
  ];
}
