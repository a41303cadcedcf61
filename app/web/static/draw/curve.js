// @ts-check
/** Curves of shares between 0 and 1 over one quantity, as SVG: one line per network, named at its end. */

import { nearestLevel } from "../play/changes.js";
import { setText, svgElement } from "../element.js";

const MARGIN = { top: 10, right: 88, bottom: 34, left: 34 };
const HEIGHT = 220;
const LINE = 15; // height of a name
const LETTER = 7.2; // width of one letter of a name
const DASHES = ["none", "7 3", "2 3", "9 3 2 3"]; // so that color is not all that tells lines apart

/**
 * @typedef {object} CurveContent
 * @property {number[]} levels Ascending.
 * @property {{name: string, values: (number | null)[]}[]} series Null where nothing is computed yet.
 * @property {number} cursor
 * @property {string} xLabel
 * @property {string} yLabel
 * @property {string} [progress] How much is computed; "" or none if all is.
 */

/**
 * @param {any} context
 * @param {(level: number) => void} onPick Called with a place on the axis that was clicked or dragged to.
 * @returns {{element: any, update: (content: CurveContent) => void, dispose: () => void}}
 */
export function createCurve(context, onPick) {
  return new Curve(context, onPick);
}

class Curve {
  /** @param {any} context @param {(level: number) => void} onPick */
  constructor(context, onPick) {
    this.lines = svgElement("g", { class: "convlab-curve-lines" });
    this.frame = svgElement("g", { class: "convlab-curve-frame" });
    this.cursor = svgElement("g", { class: "convlab-curve-cursor" });
    this.element = svgElement("svg", { class: "convlab-curve", role: "img", "aria-label": "Curves, not computed yet", height: HEIGHT }, this.frame, this.lines, this.cursor);
    this.width = 0;
    /** @type {CurveContent | null} */
    this.content = null;
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      if (Math.abs(contentRect.width - this.width) < 1) return;
      this.width = contentRect.width;
      this.draw();
    });
    this.observer.observe(this.element);
    const pick = (/** @type {PointerEvent} */ event) => {
      if (event.buttons !== 1 || !this.content) return;
      event.preventDefault();
      const { levels } = this.content;
      const share = (event.clientX - this.element.getBoundingClientRect().left - MARGIN.left) / this.plotWidth;
      onPick(levels[Math.round(Math.min(1, Math.max(0, share)) * (levels.length - 1))]);
    };
    context.listen(this.element, "pointerdown", pick);
    context.listen(this.element, "pointermove", pick);
  }

  get plotWidth() {
    return Math.max(40, this.width - MARGIN.left - this.right);
  }

  /** Room for the longest name. */
  get right() {
    const names = (this.content?.series ?? []).map(({ name }) => name);
    const start = names.length ? sharedStart(names) : 0;
    return Math.max(MARGIN.right, 12 + LETTER * Math.max(0, ...names.map((name) => name.length - start)));
  }

  /** @param {CurveContent} content */
  update(content) {
    this.content = content;
    this.draw();
  }

  draw() {
    if (!this.content || this.width === 0) return;
    const { levels, series, cursor, progress = "" } = this.content;
    this.element.classList.toggle("convlab-unfinished", progress !== "");
    const [low, high] = [levels[0], levels[levels.length - 1]];
    const x = (/** @type {number} */ level) => MARGIN.left + ((level - low) / (high - low)) * this.plotWidth;
    const y = (/** @type {number} */ share) => MARGIN.top + (1 - share) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    this.element.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    this.drawFrame(low, high, x, y);
    this.lines.replaceChildren(...series.map(({ values }, index) => svgElement("path", {
      d: pathOf(levels, values, x, y), class: `convlab-series-${index % DASHES.length}`, "stroke-dasharray": DASHES[index % DASHES.length],
    })));
    this.drawNames(x, y);
    const there = series.map(({ values }) => values[nearestLevel(levels, cursor)]);
    this.cursor.replaceChildren(
      svgElement("line", { x1: x(cursor), x2: x(cursor), y1: y(0), y2: y(1) }),
      ...there.map((value, index) => (value === null ? "" : svgElement("circle", {
        cx: x(cursor), cy: y(value), r: 4.5, class: `convlab-series-${index % DASHES.length}`,
      }))));
    const spoken = series.map(({ name }, index) => `${name} ${there[index] === null ? "not computed yet" : percent(/** @type {number} */ (there[index]))}`);
    this.element.setAttribute("aria-label", `${this.content.yLabel} over ${this.content.xLabel}. At ${shown(cursor)}: ${spoken.join(", ")}.${progress === "" ? "" : ` Computed: ${progress}.`}`);
  }

  /** @param {number} low @param {number} high @param {(level: number) => number} x @param {(share: number) => number} y */
  drawFrame(low, high, x, y) {
    const content = /** @type {CurveContent} */ (this.content);
    const ticks = [low, (3 * low + high) / 4, (low + high) / 2, (low + 3 * high) / 4, high];
    this.frame.replaceChildren(
      ...[0, 0.5, 1].map((share) => svgElement("line", { x1: x(low), x2: x(high), y1: y(share), y2: y(share) })),
      ...[0, 0.5, 1].map((share) => svgElement("text", { x: MARGIN.left - 6, y: y(share) + 4, "text-anchor": "end" }, percent(share))),
      ...ticks.map((tick) => svgElement("text", { x: x(tick), y: HEIGHT - 18, "text-anchor": "middle" }, shown(tick))),
      svgElement("text", { x: MARGIN.left + this.plotWidth / 2, y: HEIGHT - 3, "text-anchor": "middle" }, content.xLabel),
      svgElement("text", { x: MARGIN.left + 4, y: y(1) + 14, class: "convlab-curve-progress" }, content.progress ? `computing, ${content.progress}` : ""));
  }

  /** Names at the ends of their lines, moved apart where they would meet. @param {(level: number) => number} x @param {(share: number) => number} y */
  drawNames(x, y) {
    const { levels, series } = /** @type {CurveContent} */ (this.content);
    const last = levels[levels.length - 1];
    const start = sharedStart(series.map(({ name }) => name));
    const names = series.map(({ name, values }, index) => ({ name: name.slice(start), index, y: y(lastOf(values) ?? 0) })).sort((a, b) => a.y - b.y);
    for (let index = 1; index < names.length; index++) names[index].y = Math.max(names[index].y, names[index - 1].y + LINE);
    const over = Math.max(0, (names[names.length - 1]?.y ?? 0) - y(0));
    this.lines.append(...names.map(({ name, index, y: height }) => {
      const text = svgElement("text", { x: x(last) + 8, y: height - over + 4, class: `convlab-series-${index % DASHES.length}` });
      setText(text, name);
      return text;
    }));
  }

  dispose() {
    this.observer.disconnect();
  }
}

/** A line through the values that exist. @param {number[]} levels @param {(number | null)[]} values @param {(level: number) => number} x @param {(share: number) => number} y */
function pathOf(levels, values, x, y) {
  const points = [];
  for (let index = 0; index < levels.length; index++) {
    const value = values[index];
    if (value !== null) points.push(`${x(levels[index]).toFixed(1)} ${y(value).toFixed(1)}`);
  }
  return points.length > 0 ? `M${points.join("L")}` : "";
}

/** @param {(number | null)[]} values */
function lastOf(values) {
  return values.findLast((value) => value !== null) ?? null;
}

/** Letters up to a hyphen with which all of several names begin. @param {string[]} names */
function sharedStart(names) {
  const length = names[0].indexOf("-") + 1;
  return names.length > 1 && names.every((name) => name.startsWith(names[0].slice(0, length))) ? length : 0;
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(100 * share)}%`;
}

/** @param {number} value */
function shown(value) {
  return String(Number(value.toFixed(2))).replace("-", "−");
}
