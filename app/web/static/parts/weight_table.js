// @ts-check
/** The weights of one channel of a filter as number fields, colored by their values. */

import { cssColor, largestMagnitude, rampRange, textColor, valueColor } from "../draw/color.js";
import { element, setStyle } from "../element.js";
import { themeOf } from "../draw/theme.js";

/**
 * @param {any} context @param {(row: number, column: number, value: number) => void} onChange
 */
export function createWeightTable(context, onChange) {
  return new WeightTable(context, onChange);
}

class WeightTable {
  /** @param {any} context @param {(row: number, column: number, value: number) => void} onChange */
  constructor(context, onChange) {
    /** @type {HTMLInputElement[][]} */
    this.fields = [];
    this.body = element("tbody");
    this.element = element("table", { class: "convlab-weights" }, element("caption", { class: "convlab-unseen" }, "Weights of the kernel"), this.body);
    context.listen(this.body, "change", (/** @type {any} */ event) => {
      const [row, column] = [Number(event.target.dataset.row), Number(event.target.dataset.column)];
      if (Number.isFinite(event.target.valueAsNumber)) onChange(row, column, event.target.valueAsNumber);
    });
  }

  /** @param {Float32Array} weights (kh, kw, C) @param {number[]} shape (kh, kw, C, F) @param {number} channel */
  update(weights, [height, width, channels], channel) {
    if (this.fields.length !== height || this.fields[0]?.length !== width) {
      this.fields = Array.from({ length: height }, (_, row) => Array.from({ length: width }, (_, column) => element("input", {
        type: "number", step: "any", "data-row": row, "data-column": column, "aria-label": `Weight in row ${row}, column ${column}`,
      })));
      this.body.replaceChildren(...this.fields.map((line) => element("tr", {}, line.map((field) => element("td", {}, field)))));
    }
    const theme = themeOf(this.element);
    const range = rampRange("weights", largestMagnitude(weights));
    this.fields.forEach((line, row) => line.forEach((field, column) => {
      const weight = weights[(row * width + column) * channels + channel];
      const text = String(Number(weight.toFixed(4)));
      // What is being typed into a field stays until its weight is another one.
      if (field.defaultValue !== text || field.value === "") field.value = field.defaultValue = text;
      const color = valueColor(weight, range, "weights", theme);
      setStyle(field, { "background-color": cssColor(color), color: textColor(color) });
    }));
  }
}
