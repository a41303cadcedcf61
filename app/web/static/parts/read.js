// @ts-check
/** The lecture's terms, with the numbers of the network and the picture that are shown. */

import { createPanel } from "./panel.js";
import { element, setText } from "../element.js";
import { probesOf } from "../play/probes.js";
import { readings } from "../play/texts.js";

const WORDS = { name: "read", title: "The lecture in numbers", term: "The terms and formulas of the lecture, computed for this network and this image." };

/** @param {any} context */
export function createRead(context) {
  const probes = probesOf(context);
  const list = element("dl", { class: "convlab-readings" });
  const panel = createPanel(context, WORDS, list);
  /** @type {any[]} */
  let drawn = [];
  return {
    element: panel.element,
    update(/** @type {any} */ state) {
      if (!panel.isVisible()) return;
      const name = probes.subject(state);
      const network = context.networks.get(name);
      const pixels = context.pixels(name);
      const now = [network, pixels, state.kernels, state.dropout, probes.classIndex(state)];
      if (!network || !pixels || now.every((part, index) => part === drawn[index])) return;
      drawn = now;
      show(list, readings(network, context.catalog.get(name).classes, probes.classIndex(state)));
      panel.say(`The numbers are those of ${name}.`);
    },
    dispose: () => panel.dispose(),
  };
}

/** @param {HTMLElement} list @param {import("../play/texts.js").Reading[]} texts */
function show(list, texts) {
  while (list.childElementCount > texts.length) list.lastElementChild?.remove();
  while (list.childElementCount < texts.length) {
    list.append(element("div", {}, element("dt", {}, element("span"), element("code")), element("dd")));
  }
  texts.forEach(({ title, formula, text }, index) => {
    const [term, description] = list.children[index].children;
    setText(term.children[0], title);
    setText(term.children[1], formula);
    setText(description, text);
  });
}
