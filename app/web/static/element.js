// @ts-check
// DOM elements without a framework. Text stays text: nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return a new element.
 *
 * `class`, `aria-…`, `data-…` and SVG names are set as attributes, `style` as an object of CSS
 * properties (custom ones included), everything else as a property of the element.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties] Values of null, undefined and false are left out.
 * @param {...any} children Nodes, texts, numbers, lists of them; null is left out.
 * @returns {any}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  setProperties(made, properties);
  made.append(...nodes(children));
  return made;
}

/**
 * Return a new SVG element; arguments as for `element`, all properties become attributes.
 *
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...any} children
 * @returns {any}
 */
export function svgElement(tag, properties = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "style") setStyle(made, value);
    else if (isShown(value)) made.setAttribute(name, String(value));
  }
  made.append(...nodes(children));
  return made;
}

/**
 * Set properties as `element` does.
 *
 * @param {any} target
 * @param {Record<string, any>} properties
 */
export function setProperties(target, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === "style") setStyle(target, value);
    else if (name in target && !name.includes("-")) target[name] = value;
    else if (value !== false) target.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * Set CSS properties, custom ones too; the page's policy allows them by script only.
 *
 * @param {any} target
 * @param {Record<string, string | number>} style
 */
export function setStyle(target, style) {
  for (const [name, value] of Object.entries(style)) target.style.setProperty(name, String(value));
}

/**
 * Set the text of an element if it differs: an unchanged text must not disturb a screen reader.
 *
 * @param {any} target
 * @param {string | number} text
 */
export function setText(target, text) {
  if (target.textContent !== String(text)) target.textContent = String(text);
}

/** @param {any[]} children @returns {any[]} */
function nodes(children) {
  return children.flat(Infinity).filter(isShown);
}

/** @param {any} value */
function isShown(value) {
  return value !== null && value !== undefined && value !== false;
}
