// @ts-check
/** The answers of many passes: one row per class, a mark per pass, the mean and its deviation. */

import { element, setStyle, setText } from "../element.js";

/**
 * @returns {{element: HTMLElement, update: (classes: string[], passes: ArrayLike<number>[], spread: import("../play/spread.js").Spread, certain: ArrayLike<number> | null) => void}}
 */
export function createSpread() {
  const body = element("tbody");
  const table = element("table", { class: "convlab-spread" },
    element("caption", { class: "convlab-unseen" }, "Probability of each class in all passes"),
    element("thead", {}, element("tr", {}, ["class", "probability", "mean ± deviation", "predicted"].map((title) => element("th", { scope: "col" }, title)))), body);
  /** @type {any[]} */
  let rows = [];
  return {
    element: element("div", {}, table, legend()),
    update(classes, passes, spread, certain) {
      if (rows.length !== classes.length) {
        rows = classes.map(createRow);
        body.replaceChildren(...rows.map((row) => row.element));
      }
      rows.forEach((row, index) => showRow(row, index, { title: classes[index], passes, spread, certain }));
    },
  };
}

/** What the marks of a row mean. */
function legend() {
  const marks = [["pass", "a pass"], ["mean", "mean"], ["deviation", "mean ± deviation"], ["certain", "without dropout"]];
  return element("p", { class: "convlab-spread-legend" }, marks.map(([name, text]) =>
    element("span", {}, element("i", { class: `convlab-swatch convlab-spread-${name}` }), text)));
}

function createRow() {
  const head = element("th", { scope: "row" });
  const track = element("div", { class: "convlab-spread-track" });
  const mean = element("td");
  const votes = element("td");
  return { element: element("tr", {}, head, element("td", {}, track), mean, votes), head, track, mean, votes };
}

/** @param {any} row @param {number} index @param {any} content */
function showRow({ head, track, mean, votes, element: line }, index, { title, passes, spread, certain }) {
  setText(head, title);
  const ticks = passes.length + 2 + (certain ? 1 : 0);
  while (track.childElementCount > ticks) track.lastElementChild.remove();
  while (track.childElementCount < ticks) track.append(element("i"));
  const [average, deviation] = [spread.mean[index], spread.deviation[index]];
  const place = (/** @type {any} */ mark, /** @type {string} */ name, /** @type {number} */ left, width = 0) => {
    mark.className = name;
    setStyle(mark, { left: `${100 * left}%`, width: width ? `${100 * width}%` : "" });
  };
  const low = Math.max(0, average - deviation);
  place(track.children[0], "convlab-spread-deviation", low, Math.min(1, average + deviation) - low);
  passes.forEach((/** @type {any} */ values, /** @type {number} */ pass) => place(track.children[1 + pass], "convlab-spread-pass", values[index]));
  place(track.children[1 + passes.length], "convlab-spread-mean", average);
  if (certain) place(track.children[2 + passes.length], "convlab-spread-certain", certain[index]);
  setText(mean, `${(100 * average).toFixed(1)} ± ${(100 * deviation).toFixed(1)}%`);
  setText(votes, spread.votes[index] === 0 ? "" : `${spread.votes[index]} of ${passes.length}`);
  line.classList.toggle("convlab-best", spread.votes[index] === Math.max(...spread.votes));
}
