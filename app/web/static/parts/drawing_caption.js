// @ts-check
// What is on the board, and for samples and images what the networks say of it.

import { createVerdicts } from "./verdicts.js";
import { element, setText } from "../element.js";

/**
 * Return the caption of the board.
 *
 * @param {any} context
 */
export function createCaption(context) {
  let told = "";
  const name = element("b", { class: "convlab-caption-name" });
  const hint = element("span");
  const verdicts = createVerdicts(context, false);
  return {
    element: element("div", { class: "convlab-caption" }, element("p", {}, name, " ", hint), verdicts.element),
    update(/** @type {any} */ state) {
      const { input } = context;
      const { kind, strokes = [] } = state.input;
      const refusal = input.refusal(state.model);
      const isEmpty = kind === "drawing" && strokes.length === 0;
      const isGiven = kind === "sample" || kind === "image";
      setText(name, isEmpty ? "Empty." : nameOf(kind, input.caption));
      setText(hint, isEmpty ? "Draw with the mouse, a pen or a finger." : input.problem || refusal || hintOf(kind, input.caption));
      if (refusal && refusal !== told) context.announce(refusal);
      told = refusal;
      verdicts.element.hidden = !isGiven;
      if (isGiven) verdicts.update(state);
    },
  };
}

/** @param {string} kind @param {string} caption */
function hintOf(kind, caption) {
  if (kind === "example") return "Draw over it.";
  return caption === "" ? "Loading …" : "";
}

/** @param {string} kind @param {string} caption */
function nameOf(kind, caption) {
  if (kind === "example") return "An example.";
  if (kind === "drawing") return "Your drawing";
  return kind === "sample" && /^\d+$/.test(caption) ? `Sample ${caption}` : caption;
}
