// @ts-check
/** A confusion matrix as a table: one tab stop, arrow keys move, Enter or Space chooses a cell. */

import { cellsOf, countOf, describeCell, shadeOf } from "./confusion_model.js";
import { countText } from "../draw/numbers.js";
import { element, setStyle } from "../element.js";

/** @typedef {import("./confusion_model.js").Cell} Cell */
/** @typedef {import("./confusion_model.js").Confusion} Confusion */
/** @type {{[key: string]: [number, number]}} */
const MOVES = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  Home: [0, -Infinity], End: [0, Infinity],
};
const SHORT = 3; // letters of a class name that stands upright above its column

/**
 * @param {any} context
 * @param {{onChoose: (cell: Cell|null) => void, onPoint: (cell: Cell|null) => void}} handlers Null: none any more.
 */
export function createConfusionTable(context, handlers) {
  return new ConfusionTable(context, handlers);
}

class ConfusionTable {
  /** @param {any} context @param {{onChoose: (cell: Cell|null) => void, onPoint: (cell: Cell|null) => void}} handlers */
  constructor({ listen }, { onChoose, onPoint }) {
    /** @type {HTMLElement[]} Row by row. */
    this.fields = [];
    /** @type {Cell[]} */
    this.cells = [];
    this.stop = 0; // position of the tab stop
    /** @type {Confusion|null} */
    this.shown = null;
    this.table = element("table", { class: "convlab-confusion-table", role: "grid", "aria-label": "Confusion matrix: rows are true classes, columns predicted classes" });
    this.element = element("div", { class: "convlab-confusion-frame" }, this.table);
    const cellOf = (/** @type {any} */ event) => this.cells[this.fields.indexOf(event.target.closest("td"))] ?? null;
    this.onChoose = onChoose;
    listen(this.table, "click", (/** @type {any} */ event) => this.choose(cellOf(event)));
    listen(this.table, "pointerover", (/** @type {any} */ event) => onPoint(cellOf(event)));
    listen(this.table, "pointerleave", () => onPoint(null));
    listen(this.table, "focusin", (/** @type {any} */ event) => onPoint(cellOf(event)));
    listen(this.table, "focusout", () => onPoint(null));
    listen(this.table, "keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
  }

  /** @param {Cell|null} cell */
  choose(cell) {
    if (!cell) return;
    this.moveStop(this.positionOf(cell));
    this.onChoose(cell);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    const { truth, predicted } = this.cells[this.stop];
    if (event.key === "Enter" || event.key === " ") this.choose(this.cells[this.stop]);
    else if (event.key === "Escape" && this.table.querySelector("[aria-selected='true']")) this.onChoose(null);
    else if (move) {
      const last = Math.sqrt(this.cells.length) - 1;
      const within = (/** @type {number} */ place) => Math.min(last, Math.max(0, place));
      this.moveStop(this.positionOf({ truth: within(truth + move[0]), predicted: within(predicted + move[1]) }));
      this.fields[this.stop].focus();
    } else return;
    event.preventDefault();
  }

  /** @param {Cell} cell */
  positionOf({ truth, predicted }) {
    return truth * Math.sqrt(this.cells.length) + predicted;
  }

  /** @param {number} position */
  moveStop(position) {
    this.fields[this.stop]?.setAttribute("tabindex", "-1");
    this.stop = position;
    this.fields[position].setAttribute("tabindex", "0");
  }

  /** @param {Confusion} confusion @param {string[]} classes @param {Cell|null} chosen */
  update(confusion, classes, chosen) {
    if (confusion !== this.shown) this.build(confusion, classes);
    const selected = chosen ? this.positionOf(chosen) : -1;
    this.fields.forEach((field, position) => field.setAttribute("aria-selected", String(position === selected)));
  }

  /** @param {Confusion} confusion @param {string[]} classes */
  build(confusion, classes) {
    this.shown = confusion;
    this.cells = cellsOf(confusion);
    this.fields = this.cells.map((cell) => fieldOf(confusion, classes, cell));
    const size = classes.length;
    const upright = classes.every((name) => name.length <= SHORT);
    this.table.classList.toggle("convlab-upright", upright);
    this.table.classList.toggle("convlab-many", size > 4);
    const names = classes.map((name) => element("th", { scope: "col", title: name }, element("span", {}, name)));
    const rows = classes.map((name, truth) => element("tr", {},
      truth === 0 ? element("th", { scope: "rowgroup", rowSpan: size, class: "convlab-confusion-axis" }, element("span", {}, "true class")) : null,
      element("th", { scope: "row", title: name }, name),
      this.fields.slice(truth * size, (truth + 1) * size)));
    this.table.replaceChildren(
      element("thead", {},
        element("tr", {}, element("td", { colSpan: 2 }), element("th", { scope: "colgroup", colSpan: size, class: "convlab-confusion-axis" }, "predicted class")),
        element("tr", {}, element("td", { colSpan: 2 }), names)),
      element("tbody", {}, rows));
    this.moveStop(Math.min(this.stop, this.cells.length - 1));
  }
}

/** @param {Confusion} confusion @param {string[]} classes @param {Cell} cell */
function fieldOf(confusion, classes, cell) {
  const count = countOf(confusion, cell);
  const isRight = cell.truth === cell.predicted;
  const kind = isRight ? "convlab-right" : count === 0 ? "convlab-none" : "convlab-wrong";
  const field = element("td", { class: kind, tabIndex: -1, "aria-label": describeCell(confusion, classes, cell) }, countText(count));
  setStyle(field, { "--share": shadeOf(confusion, cell).toFixed(4) });
  return field;
}
