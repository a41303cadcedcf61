// @ts-check
/** The terms of a cell as a table, page by page: the text of the pictures. */
import { columnNumbers, countText, shortNumber, signedNumber, withPlus } from "../draw/numbers.js";
import { element } from "../element.js";

/** @typedef {import("./probe.js").CellSum} CellSum */

const PAGE = 48; // rows
const DIGITS = 5; // of the largest number of a column

/**
 * Return a closed table of all terms; it is filled when it is opened.
 * @param {CellSum} sum
 * @param {(from: import("../engine/shapes.js").Source) => string} nameOf
 * @returns {HTMLElement}
 */
export function createTermsTable(sum, nameOf) {
  const body = element("tbody");
  const head = element("thead", {}, rowOf(["from", "value", "weight", "product"], "th", "col"));
  const caption = element("caption", { class: "convlab-unseen" }, `Terms of ${sum.cell.name}`);
  const more = element("button", { type: "button", class: "convlab-button", onclick: () => show() });
  const details = element("details", { class: "convlab-terms" },
    element("summary", {}, `Every term (${countText(sum.terms.length)})`), element("table", {}, caption, head, body, footOf(sum)), more);
  const texts = numbersOf(sum.terms);
  let shown = 0;
  const show = () => {
    for (let index = shown; index < Math.min(shown + PAGE, sum.terms.length); index++) body.append(termRow(sum.terms[index], nameOf, texts.map((column) => column[index])));
    shown = Math.min(shown + PAGE, sum.terms.length);
    more.hidden = shown === sum.terms.length;
    more.textContent = `Show more (${countText(sum.terms.length - shown)} left)`;
  };
  details.addEventListener("toggle", () => {
    if (details.open && shown === 0) show();
  });
  return details;
}

/**
 * Return the columns of the table as texts.
 * @param {{value: number, weight: number, product: number}[]} terms
 * @param {number} [digits] Of the largest number of a column.
 * @returns {string[][]} Values, weights and products.
 */
export function numbersOf(terms, digits = DIGITS) {
  const column = (/** @type {"value"|"weight"|"product"} */ key) => columnNumbers(terms.map((term) => term[key]), digits);
  return [column("value"), column("weight"), column("product").map(withPlus)];
}

/**
 * @param {import("../engine/term.js").Term} term
 * @param {(from: import("../engine/shapes.js").Source) => string} nameOf
 * @param {string[]} numbers
 */
function termRow({ from, padding }, nameOf, numbers) {
  return rowOf([padding ? `padding (row ${from.row}, column ${from.column})` : nameOf(from), ...numbers], "td");
}

/** @param {CellSum} sum */
function footOf({ bias, sum, value }) {
  return element("tfoot", {},
    rowOf(["bias", "", "", signedNumber(bias, 4)], "td"), rowOf(["sum", "", "", shortNumber(sum, 6)], "td"), rowOf(["value", "", "", shortNumber(value, 6)], "td"));
}

/** @param {string[]} texts @param {"td"|"th"} tag @param {string} [scope] */
function rowOf(texts, tag, scope) {
  return element("tr", {}, texts.map((text, index) =>
    (index === 0 && tag === "td" ? element("th", { scope: "row" }, text) : element(tag, scope ? { scope } : {}, text))));
}
