// @ts-check
/** The theme and the colors of lines of an element, as its style sheet has them. */
import { luminance } from "./color.js";

/** @type {WeakMap<Element, import("./color.js").Theme>} Themes of pages: each reading costs a layout. */
const known = new WeakMap();

/**
 * Return the theme of an element: dark where its text is light.
 * @param {Element} element
 * @returns {import("./color.js").Theme}
 */
export function themeOf(element) {
  const page = element.closest(".convlab");
  if (page === null) return readTheme(element);
  const theme = known.get(page) ?? readTheme(element);
  known.set(page, theme);
  return theme;
}

/** Read the theme of a page anew when it is next needed. @param {Element} page */
export function forgetTheme(page) {
  known.delete(page);
}

/** @param {Element} element @returns {import("./color.js").Theme} */
function readTheme(element) {
  const text = getComputedStyle(element).color;
  const numbers = (text.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
  const bytes = text.startsWith("color(") ? numbers.map((part) => part * 255) : numbers;
  return luminance([bytes[0], bytes[1], bytes[2]]) > 0.4 ? "dark" : "light";
}

/**
 * Return the value of a custom property of an element.
 * @param {Element} element
 * @param {string} name
 * @param {string} otherwise
 * @returns {string}
 */
export function customProperty(element, name, otherwise) {
  return getComputedStyle(element).getPropertyValue(name).trim() || otherwise;
}
