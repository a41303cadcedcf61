// @ts-check
/** A matrix of numbers as a table whose cells can be marked. */

import { element, setText } from "../element.js";

/**
 * @param {string} caption
 * @param {number} rows
 * @param {number} columns
 * @returns {{element: HTMLElement, cells: HTMLElement[][], fill: (numbers: (number | null)[][]) => void}}
 */
export function createNumberGrid(caption, rows, columns) {
  const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => element("td")));
  const table = element("table", { class: "convlab-numbers" }, element("caption", {}, caption),
    element("tbody", {}, cells.map((line) => element("tr", {}, line))));
  return {
    element: table,
    cells,
    fill(numbers) {
      cells.forEach((line, row) => line.forEach((cell, column) => {
        const number = numbers[row][column];
        setText(cell, number === null ? "" : signed(number));
      }));
    },
  };
}

/** A whole number with a real minus sign. @param {number} value */
export function signed(value) {
  return String(value).replace("-", "−");
}

/** A factor of a product: a negative one is in parentheses. @param {number} value */
export function factor(value) {
  return value < 0 ? `(${signed(value)})` : signed(value);
}
