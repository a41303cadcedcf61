// @ts-check
/** A short vector as a list of cells with their values in them, such as the answer of a network. */
import { captionOf } from "./column_model.js";
import { cssColor, textColor, valueColor } from "../draw/color.js";
import { element, setStyle, setText } from "../element.js";
import { columnNumbers } from "../draw/numbers.js";
import { predictionText } from "./prediction_text.js";
import { silentText } from "./column_notes.js";

/** @typedef {import("./column_model.js").Column} Column */

/**
 * Return the body of a column with a short vector.
 * @param {Column} column
 * @returns {import("./column.js").ColumnBody}
 */
export function createCells(column) {
  const cells = Array.from({ length: column.channels }, (_, channel) =>
    element("span", { class: "convlab-cell", "data-channel": channel }));
  const rows = cells.map((cell, channel) =>
    element("div", { class: "convlab-cell-row" }, element("span", { class: "convlab-cell-name" }, captionOf(column, channel)), cell));
  const layout = { columns: 1, rows: column.channels, cell: 0 };
  return {
    element: element("div", { class: "convlab-cells", "aria-hidden": "true" }, rows),
    layout,
    draw(network, { ramp, theme, rangeOf }) {
      const values = network.output(column.output.name);
      const texts = columnNumbers(Array.from(values), 3);
      cells.forEach((cell, channel) => {
        const color = valueColor(values[channel], rangeOf(channel), ramp, theme);
        setStyle(cell, { "background-color": cssColor(color), color: textColor(color) });
        setText(cell, column.isAnswer ? values[channel].toFixed(3) : texts[channel]);
      });
    },
    note: (network) => (column.isAnswer ? viewText(network.program) : silentText(column, network.output(column.output.name))),
    idle() {
      for (const cell of cells) {
        setStyle(cell, { "background-color": "transparent", color: "inherit" });
        setText(cell, "…");
      }
    },
    reveal() {},
    targetOf: (channel) => rows[channel],
    placeAt(event) {
      const cell = event.target instanceof Element ? event.target.closest(".convlab-cell-row") : null;
      const channel = rows.indexOf(cell);
      return channel < 0 ? null : { channel, row: 0, column: 0 };
    },
    boxOf: ({ channel }) => cells[channel].getBoundingClientRect(),
    portOf: ({ channel }) => rows[channel].getBoundingClientRect(), // edges end before the name
    boxesOf: () => cells.map((cell) => cell.getBoundingClientRect()),
  };
}

/**
 * Return of what the answer is, if the prediction differs from it.
 * @param {import("../engine/program.js").Program} program
 * @returns {string}
 */
export function viewText(program) {
  const text = predictionText(program);
  return text && `this view alone; the prediction is ${text}`;
}
