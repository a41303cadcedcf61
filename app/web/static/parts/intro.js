// @ts-check
// The name of the page and what to do on it, in one sentence.

import { element, setText } from "../element.js";

const DIGITS = "Draw a digit and watch the layers respond. Click a value to see how it is computed.";
const PHOTOGRAPHS = "Choose an image and watch the layers respond. Click a value to see how it is computed.";

/**
 * Return the introduction.
 *
 * @param {any} context
 */
export function createIntro({ catalog }) {
  const text = element("p");
  return {
    element: element("div", { class: "convlab-intro" },
      element("h1", { class: "convlab-title" }, "convlab"), text),
    update(/** @type {any} */ { model }) {
      setText(text, catalog.get(model)?.mnist_style === false ? PHOTOGRAPHS : DIGITS);
    },
    dispose() {},
  };
}
