// @ts-check
/** Controls: a slider with its number field, a choice, a button. Each is a function from options to an element. */

import { element } from "../element.js";

/**
 * @typedef {object} SliderOptions
 * @property {string} label
 * @property {string} [unit]
 * @property {number} low
 * @property {number} high
 * @property {number} step
 * @property {number} [digits] Digits after the point.
 * @property {boolean} [isLogarithmic] Whether the slider's position is the value's logarithm; `step` is one of it, in tens.
 * @property {(value: number) => void} onInput
 */

/**
 * A slider and a number field for one value.
 * @param {any} context @param {SliderOptions} options
 * @returns {{element: HTMLElement, range: HTMLInputElement, show: (value: number) => void, forget: () => void}} `forget`: what the person set is not taken
 */
export function createSlider(context, { label, unit = "", low, high, step, digits = 2, isLogarithmic = false, onInput }) {
  const place = isLogarithmic ? Math.log10 : (/** @type {number} */ value) => value;
  const valueAt = (/** @type {number} */ at) => (isLogarithmic ? Number((10 ** at).toPrecision(digits)) : clean(at));
  const textOf = (/** @type {number} */ value) => (isLogarithmic ? String(Number(value.toPrecision(digits))) : value.toFixed(digits));
  const range = element("input", { type: "range", min: place(low), max: place(high), step, "aria-label": unit ? `${label}, ${unit}` : label });
  const field = element("input", { type: "number", min: low, max: high, step: "any", "aria-label": `${label} as a number` });
  const whole = element("label", { class: "convlab-control" },
    element("span", { class: "convlab-control-label" }, label, unit ? element("small", {}, unit) : null), range, field);
  context.listen(range, "input", () => onInput(valueAt(range.valueAsNumber)));
  context.listen(field, "change", () => {
    if (Number.isFinite(field.valueAsNumber)) onInput(Math.min(high, Math.max(low, field.valueAsNumber)));
  });
  let shown = NaN;
  return {
    element: whole,
    range,
    show(value) {
      if (value === shown) return;
      shown = value;
      range.value = String(place(value));
      if (field.ownerDocument.activeElement !== field || Number(field.value) !== value) field.value = textOf(value);
    },
    forget() {
      shown = NaN;
    },
  };
}

/**
 * A choice among named values.
 * @param {any} context
 * @param {{label: string, onChange: (value: string) => void}} options
 * @returns {{element: HTMLElement, show: (options: [string, string][], value: string) => void}} `show` takes [value, text].
 */
export function createChoice(context, { label, onChange }) {
  const select = element("select", { "aria-label": label });
  context.listen(select, "change", () => onChange(select.value));
  let written = "";
  return {
    element: element("label", { class: "convlab-choice" }, element("span", {}, label), select),
    show(options, value) {
      const text = JSON.stringify(options);
      if (text !== written) {
        select.replaceChildren(...options.map(([name, words]) => element("option", { value: name }, words)));
        written = text;
      }
      if (select.value !== value) select.value = value;
    },
  };
}

/**
 * @param {any} context @param {string} label @param {() => void} onClick @param {Record<string, any>} [properties]
 * @returns {HTMLButtonElement}
 */
export function createButton(context, label, onClick, properties = {}) {
  const button = element("button", { type: "button", class: "convlab-button", ...properties }, label);
  context.listen(button, "click", onClick);
  return button;
}

/**
 * A box to check.
 * @param {any} context @param {string} label @param {(on: boolean) => void} onChange
 * @returns {{element: HTMLElement, show: (on: boolean) => void}}
 */
export function createCheck(context, label, onChange) {
  const box = element("input", { type: "checkbox" });
  context.listen(box, "change", () => onChange(box.checked));
  return {
    element: element("label", { class: "convlab-check" }, box, label),
    show: (on) => {
      box.checked = on;
    },
  };
}

/** A value of a slider without the last bits of its arithmetic. @param {number} value */
function clean(value) {
  return Number(value.toFixed(6));
}
