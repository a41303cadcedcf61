// @ts-check
/** A panel: title, text with the current numbers, content, and a button that saves it as a picture. */

import { createAction } from "./action.js";
import { element, setText } from "../element.js";
import { savePanel } from "../draw/panel_picture.js";

/**
 * @typedef {object} Panel
 * @property {HTMLElement} element
 * @property {(...children: Node[]) => void} add Append to its content.
 * @property {(text: string) => void} say Set the text with the current numbers.
 * @property {() => boolean} isVisible Whether it is on the screen: nothing else computes.
 * @property {() => void} dispose
 */

/**
 * @param {any} context
 * @param {{name: string, title: string, term: string}} words Name in the address, title, and the lecture's term with its formula.
 * @param {...any} children
 * @returns {Panel}
 */
export function createPanel(context, { name, title, term }, ...children) {
  const text = element("p", { class: "convlab-panel-numbers" });
  const save = createAction(context.announce, "Save as PNG", () => savePanel(section, `${name}.png`),
    { class: "convlab-button convlab-quiet", "aria-label": `Save as PNG: ${title}`, what: `${title} as PNG` });
  const content = element("div", { class: "convlab-panel-content" }, text, children);
  const section = element("section", { class: `convlab-panel convlab-${name}`, "data-part": name, "aria-label": title },
    element("div", { class: "convlab-panel-words" },
      element("header", { class: "convlab-panel-header" }, element("h2", {}, title), save),
      element("p", { class: "convlab-panel-term" }, term)),
    content);
  let visible = false;
  const observer = new IntersectionObserver((entries) => {
    const now = entries[entries.length - 1].isIntersecting;
    if (now !== visible) {
      visible = now;
      if (visible) context.store.dispatch({ type: "refresh" });
    }
  }, { rootMargin: "100px" });
  observer.observe(section);
  return {
    element: section,
    add: (...more) => content.append(...more),
    say: (sentence) => setText(text, sentence),
    isVisible: () => visible,
    dispose: () => observer.disconnect(),
  };
}
