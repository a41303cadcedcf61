// @ts-check
/** Softmax as a table: the score of each class, its exponential and its share. */
import { channelName } from "./column_model.js";
import { element } from "../element.js";
import { columnNumbers, shortNumber } from "../draw/numbers.js";

const MOST = 20; // rows; of more classes the largest are shown

/**
 * Return the table.
 * @param {import("./probe.js").CellSum} sum Of the softmax.
 * @param {import("./column_model.js").Column} column
 * @returns {HTMLElement}
 */
export function createShares({ terms, sum, details }, column) {
  const shift = shortNumber(Number(details.largest));
  const head = element("tr", {}, ["class", "score x", `e^(x − ${shift})`, "share"].map((text) => element("th", { scope: "col" }, text)));
  const largest = [...terms.keys()].sort((a, b) => terms[b].product - terms[a].product).slice(0, MOST).sort((a, b) => a - b);
  const scores = columnNumbers(largest.map((index) => terms[index].value));
  const rows = largest.map((index, row) => {
    const { product } = terms[index];
    const name = column.labels?.[index] ?? channelName(column, index);
    return element("tr", { "aria-current": index === Number(details.own) ? "true" : null },
      element("th", { scope: "row" }, name), [scores[row], shortNumber(product, 4), shortNumber(product / sum, 4)].map((text) => element("td", {}, text)));
  });
  const total = element("tr", {}, element("th", { scope: "row" }, "sum"), ["", shortNumber(sum, 4), "1.000"].map((text) => element("td", {}, text)));
  return element("table", { class: "convlab-shares" }, element("thead", {}, head), element("tbody", {}, rows), element("tfoot", {}, total));
}
