// @ts-check
// The class that each compared network predicts, beside the true one.

import { labelText } from "../answers.js";
import { element } from "../element.js";

/**
 * Return a list with a row per network, and the true class first where it is known.
 *
 * @param {any} context
 * @param {boolean} hasShares Whether the probability is shown, too.
 */
export function createVerdicts({ answers, input }, hasShares) {
  const list = element("span", { class: "convlab-verdicts" });
  let written = "";
  return {
    element: list,
    update(/** @type {any} */ state) {
      const { label } = input;
      const given = answers.of(state).filter((/** @type {any} */ { best }) => best >= 0);
      const rows = given.map((/** @type {import("../answers.js").Answer} */ answer) =>
        ({ title: answer.title, name: labelText(answer), share: hasShares ? answer.share : "", isRight: label === null ? null : answer.best === label }));
      const truth = label === null ? null : given[0]?.classes[label] ?? null;
      const key = JSON.stringify([truth, rows]);
      if (key === written) return;
      written = key;
      list.replaceChildren(...(truth === null ? [] : [createTruth(truth)]), ...rows.map(createRow));
    },
  };
}

/** @param {string} name */
function createTruth(name) {
  return element("span", { class: "convlab-verdict" }, "true class ", element("b", {}, name));
}

/** @param {any} row */
function createRow({ title, name, share, isRight }) {
  const mark = isRight === null ? null
    : element("span", { role: "img", "aria-label": isRight ? "right" : "wrong" }, isRight ? " ✓" : " ✗");
  const kind = isRight === false ? "convlab-verdict convlab-wrong-answer" : "convlab-verdict";
  return element("span", { class: kind }, `${title} `, element("b", {}, name), share ? ` ${share}` : "", mark);
}
