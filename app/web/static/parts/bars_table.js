// @ts-check
// The table of the bars: a row per class, a column per network.

import { element, setStyle, setText } from "../element.js";
import { fixedNumber } from "../draw/numbers.js";

/**
 * Return the table.
 *
 * @param {any} context
 */
export function createTable(context) {
  const table = element("table", { class: "convlab-bars-table" });
  let built = "";
  /** @type {any} */
  let content = null;
  /** @type {any[]} */
  let drawn = [];
  return {
    element: table,
    /**
     * @param {any[]} models
     * @param {import("../answers.js").Answer[]} answers Of these models.
     * @param {string} model The one that is looked into.
     * @param {number | null} label True class.
     * @returns {boolean} whether anything has changed
     */
    update(models, answers, model, label) {
      const key = JSON.stringify(models.map(({ name, classes }) => [name, classes]));
      const now = [key, model, label, ...answers.map(({ values }) => values)];
      if (now.length === drawn.length && now.every((value, k) => value === drawn[k])) return false;
      if (key !== built) {
        for (const { forget } of content?.heads ?? []) forget();
        content = build(context, table, models, answers);
        built = key;
      }
      drawn = now;
      draw(content, answers, model, label);
      return true;
    },
  };
}

/**
 * @param {any} context
 * @param {any} table
 * @param {any[]} models
 * @param {import("../answers.js").Answer[]} answers
 */
function build(context, table, models, answers) {
  const heads = answers.map(({ name, title }) => createHead(context, name, title));
  const classes = models[0]?.classes ?? [];
  const rows = classes.map((/** @type {string} */ title) => {
    const head = element("th", { scope: "row" }, element("span", { title }, title));
    const cells = models.map(() => {
      const number = element("span", { class: "convlab-bars-value" });
      return { cell: element("td", {}, number), number };
    });
    return { head, cells, row: element("tr", {}, head, cells.map(({ cell }) => cell)) };
  });
  const longest = Math.max(2, ...classes.map((/** @type {string} */ title) => title.length));
  setStyle(table, { "--label": `${Math.min(longest, 12)}ch` });
  table.replaceChildren(
    element("caption", { class: "convlab-unseen" }, "Percent of each class, a column per network"),
    element("thead", {}, element("tr", {}, element("td", {}), heads.map(({ head }) => head))),
    element("tbody", {}, rows.map((/** @type {any} */ { row }) => row)),
  );
  return { heads, rows, isScores: models.map(({ outputs }) => outputs === "scores") };
}

/** @param {any} context @param {string} name @param {string} text */
function createHead({ store, listen, catalog }, name, text) {
  const title = `Show the layers of ${name}`;
  const button = element("button", { class: "convlab-bars-model", type: "button", title }, text);
  const forget = listen(button, "click", () => {
    if (catalog.has(name)) store.dispatch({ type: "model", model: name });
  });
  return { name, button, head: element("th", { scope: "col" }, button), forget };
}

/**
 * @param {any} content
 * @param {import("../answers.js").Answer[]} answers
 * @param {string} model
 * @param {number | null} label
 */
function draw({ heads, rows, isScores }, answers, model, label) {
  for (const { name, button } of heads) {
    button.setAttribute("aria-pressed", String(name === model));
  }
  rows.forEach((/** @type {any} */ { head, cells }, /** @type {number} */ k) => {
    head.classList.toggle("convlab-true", k === label);
    cells.forEach((/** @type {any} */ { cell, number }, /** @type {number} */ n) => {
      const { values, labels } = answers[n];
      const value = values?.[k] ?? null;
      setStyle(cell, { "--share": value === null ? 0 : shareOf(value, values, isScores[n]) });
      cell.classList.toggle("convlab-best", labels.includes(k));
      setText(number, value === null ? "" : textOf(value, isScores[n]));
    });
  });
}

/** @param {number} value @param {boolean} isScore @returns {string} */
function textOf(value, isScore) {
  return isScore ? fixedNumber(value, 2) : (100 * value).toFixed(1);
}

/** @param {number} value @param {any} list @param {boolean} isScore A score has no share of 1. */
function shareOf(value, list, isScore) {
  if (!isScore) return Math.min(1, Math.max(0, value));
  const [least, most] = [Math.min(...list), Math.max(...list)];
  return most > least ? (value - least) / (most - least) : 0;
}
