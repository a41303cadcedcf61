// @ts-check
// What is changed beside the input, in words, and a button that takes all of it back.

import { changeWords } from "../play/changes.js";
import { createButton } from "./controls.js";
import { element, setText } from "../element.js";

/**
 * Return the line; it is hidden while nothing is changed.
 *
 * @param {any} context
 */
export function createChanges(context) {
  const words = element("span");
  const reset = createButton(context, "Reset", () => {
    context.store.dispatch({ type: "reset" });
    context.announce("Nothing is changed any more.");
  }, { "aria-label": "Reset what is changed" });
  const line = element("div", { class: "convlab-changes", hidden: true }, words, reset);
  return {
    element: line,
    update(/** @type {any} */ state) {
      const changed = changesOf(state);
      line.hidden = changed.length === 0;
      if (line.hidden) return;
      const text = `Changed: ${changed.join(", ")}`;
      setText(words, text);
      line.title = text;
    },
  };
}

/** @param {any} state @returns {string[]} */
function changesOf({ play, kernels, dropout }) {
  const edited = Object.keys(kernels).length;
  return [
    ...changeWords(play),
    ...(edited > 0 ? [`${edited} ${edited === 1 ? "kernel" : "kernels"}`] : []),
    ...(dropout ? ["dropout on"] : []),
  ];
}
