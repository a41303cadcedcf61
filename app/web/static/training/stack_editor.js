// @ts-check
/** The stack of layers as a table that one edits: kinds, arguments, sizes, parameters, what does not fit. */

import { element, setText } from "../element.js";
import { FIRST, valueOf, withArgument, withLayer, withMoved, withoutLayer } from "./stack.js";

/**
 * @typedef {import("./stack.js").Layer} Layer
 * @typedef {{kind: string, name: string, shape: number[], formula: string, parameters: number,
 *   shared: number | null, unshared: number | null, problem: string, fix: string}} Row
 * @typedef {{element: any, update: (given: Record<string, any>, row: Row | undefined) => void}} StackRow
 */

/**
 * @param {any} context
 * @param {(stack: Layer[]) => void} onChange
 */
export function createStackEditor({ listen, announce }, onChange) {
  const body = element("tbody");
  const total = element("p", { class: "convlab-stack-total" });
  const table = element("table", { class: "convlab-stack" },
    element("thead", {}, element("tr", {}, ["layer", "arguments", "output", "parameters"].map((name) =>
      element("th", { scope: "col" }, name)), element("td"))), body);
  /** @type {{stack: Layer[], kinds: Record<string, any>, rows: Row[], problem: string}} */
  let shown = { stack: FIRST, kinds: {}, rows: [], problem: "" };
  /** @type {StackRow[]} */
  let lines = [];
  let built = "";

  const change = (/** @type {Layer[]} */ stack, /** @type {string} */ done) => {
    announce(done);
    onChange(stack);
    const { kinds, rows, problem } = shown;
    update(stack, kinds, rows, problem); // at once: the next change may come before the next frame
  };
  const position = (/** @type {any} */ event) => Number(event.target.closest("tr").dataset.at);
  listen(body, "click", (/** @type {any} */ event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const at = position(event);
    const { layer } = shown.stack[at];
    if (button.dataset.act === "up") change(withMoved(shown.stack, at, -1), `${layer} moved up.`);
    if (button.dataset.act === "down") change(withMoved(shown.stack, at, 1), `${layer} moved down.`);
    if (button.dataset.act === "remove") change(withoutLayer(shown.stack, at), `${layer} removed.`);
  });
  listen(body, "change", (/** @type {any} */ event) => {
    const field = event.target;
    const at = position(event);
    if (field.dataset.act === "add") {
      if (field.value) change(withLayer(shown.stack, at, field.value), `${field.value} added.`);
      return;
    }
    const { layer } = shown.stack[at];
    const argument = shown.kinds[layer].arguments[field.dataset.argument];
    const value = valueOf(argument, field.type === "checkbox" ? field.checked : field.value);
    if (value === undefined) return void field.setAttribute("aria-invalid", "true");
    change(withArgument(shown.stack, at, field.dataset.argument, value), `${field.dataset.argument} ${value}.`);
  });

  /**
   * @param {Layer[]} stack @param {Record<string, any>} kinds @param {Row[]} rows Of the stack and its output.
   * @param {string} problem Why there are no sizes, or "".
   */
  function update(stack, kinds, rows, problem) {
    const text = JSON.stringify([stack.map(({ layer }) => layer), Object.keys(kinds)]);
    shown = { stack, kinds, rows, problem };
    if (text !== built) {
      built = text;
      lines = [...stack.map(({ layer }, at) => createLayerRow(layer, at, kinds)), createEndRow(stack.length, kinds)];
      body.replaceChildren(...lines.map((line) => line.element));
    }
    lines.forEach((line, at) => line.update(stack[at] ?? {}, rows[at]));
    const count = rows.reduce((sum, row) => sum + row.parameters, 0);
    setText(total, problem || (rows.some((row) => row.problem) ? "The network cannot be built yet." : `${count.toLocaleString("en")} parameters.`));
  }

  return { element: element("div", {}, table, total), update };
}

/** @param {string} kind @param {number} at @param {Record<string, any>} kinds @returns {StackRow} */
function createLayerRow(kind, at, kinds) {
  const fields = Object.entries(kinds[kind]?.arguments ?? {}).map(([name, argument]) => ({ name, argument, field: fieldOf(name, argument) }));
  const labels = fields.map(({ name, field }) => element("label", { class: "convlab-stack-argument" }, element("small", {}, name), field));
  const buttons = [buttonOf("↑", "up", `Move ${kind} up`), buttonOf("↓", "down", `Move ${kind} down`), buttonOf("×", "remove", `Remove ${kind}`), adderOf(kinds, `Add a layer before ${kind}`)];
  const line = createRow(at, kind, element("div", { class: "convlab-stack-arguments" }, labels), buttons);
  return {
    element: line.element,
    update(given, row) {
      line.update(row);
      for (const { name, argument, field } of fields) showValue(field, given[name] ?? argument.default);
    },
  };
}

/** The layer of the probabilities, which stays. @param {number} at @param {Record<string, any>} kinds @returns {StackRow} */
function createEndRow(at, kinds) {
  const line = createRow(at, "Dense", "softmax, or one sigmoid for two classes", [adderOf(kinds, "Add a layer before the probabilities")]);
  return { element: line.element, update: (_, row) => line.update(row) };
}

/** @param {number} at @param {string} kind @param {any} content @param {any[]} buttons */
function createRow(at, kind, content, buttons) {
  const [name, output, counts] = [element("small"), element("td"), element("td", { class: "convlab-stack-number" })];
  const line = element("tr", { "data-at": at }, element("th", { scope: "row" }, kind, name), element("td", {}, content), output, counts,
    element("td", { class: "convlab-stack-change" }, buttons));
  let written = "";
  return {
    element: line,
    /** @param {Row | undefined} row */
    update(row) {
      const text = JSON.stringify(row);
      if (text === written) return;
      written = text;
      line.classList.toggle("convlab-stack-problem", Boolean(row?.problem));
      setText(name, row?.name ?? "");
      output.replaceChildren(...(row?.problem ? [element("strong", {}, `${row.problem} ${row.fix}`)] : outputOf(row)));
      counts.replaceChildren(...countsOf(row));
    },
  };
}

/** @param {string} name @param {any} argument */
function fieldOf(name, argument) {
  const common = { "data-argument": name };
  if (typeof argument.default === "boolean") return element("input", { ...common, type: "checkbox" });
  if (argument.names.length > 0) return element("select", common, argument.names.map((/** @type {string} */ option) => element("option", { value: option }, option)));
  return element("input", { ...common, type: "number", min: argument.low, max: argument.high, step: "any" });
}

/** Show a value, unless the field is being changed. @param {any} field @param {any} value */
function showValue(field, value) {
  if (field.type === "checkbox") field.checked = value;
  else if (field.ownerDocument.activeElement !== field && field.value !== String(value)) {
    field.value = String(value);
    field.removeAttribute("aria-invalid");
  }
}

/** @param {Row | undefined} row @returns {any[]} */
function outputOf(row) {
  return row ? [element("span", {}, row.shape.join("×")), element("small", {}, row.formula)] : [];
}

/** Parameters, and how many there would be if all positions shared their weights, or none did. @param {Row | undefined} row @returns {any[]} */
function countsOf(row) {
  if (!row) return [];
  if (row.shape.length === 0) return [element("span", {}, "–")]; // it, or a layer before it, does not fit
  const { parameters, shared, unshared } = row;
  const other = shared === null || unshared === null ? "" : parameters === unshared
    ? `with sharing: ${shared.toLocaleString("en")}` : `without sharing: ${unshared.toLocaleString("en")}`;
  return [element("span", {}, parameters.toLocaleString("en")), element("small", {}, other)];
}

/** @param {string} sign @param {string} act @param {string} label */
function buttonOf(sign, act, label) {
  return element("button", { type: "button", class: "convlab-button convlab-quiet", "data-act": act, "aria-label": label, title: label }, sign);
}

/** @param {Record<string, any>} kinds @param {string} label */
function adderOf(kinds, label) {
  return element("select", { "data-act": "add", "aria-label": label, title: label },
    element("option", { value: "" }, "+ above"), Object.keys(kinds).map((kind) => element("option", { value: kind }, kind)));
}
