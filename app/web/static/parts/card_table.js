// @ts-check
/** The terms of a cell as a table, page by page: the text of the pictures. */
import { countText, shortNumber, signedNumber } from "../draw/numbers.js";
import { element } from "../element.js";

/** @typedef {import("./probe.js").CellSum} CellSum */

const PAGE = 48;

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
  let shown = 0;
  const show = () => {
    for (const term of sum.terms.slice(shown, shown + PAGE)) body.append(termRow(term, nameOf));
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
 * @param {import("../engine/term.js").Term} term
 * @param {(from: import("../engine/shapes.js").Source) => string} nameOf
 */
function termRow({ from, value, weight, product, padding }, nameOf) {
  const name = padding ? `padding (row ${from.row}, column ${from.column})` : nameOf(from);
  return rowOf([name, shortNumber(value, 4), shortNumber(weight, 4), signedNumber(product, 4)], "td");
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
