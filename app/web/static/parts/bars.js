// @ts-check
// Predictions of the compared networks, side by side: one row per class, one bar per network.

import { createAction } from "./action.js";
import { createTable } from "./bars_table.js";
import { predictionText } from "./prediction_text.js";
import { element, setText } from "../element.js";
import { savePanel } from "../draw/panel_picture.js";

const QUIET = 700; // milliseconds without a change before a prediction is read out

/**
 * Return the bars.
 *
 * @param {any} context
 */
export function createBars(context) {
  const table = createTable(context);
  const note = element("p", { class: "convlab-note" });
  let timer = 0;
  const save = createAction(context.announce, "Save as PNG", () => savePanel(section, "prediction.png"),
    { class: "convlab-button convlab-quiet", "aria-label": "Save as PNG: Prediction", what: "the prediction as PNG" });
  const heading = element("h2", { class: "convlab-heading" }, "Prediction ", element("small", {}, "in percent"));
  const section = element("section", { class: "convlab-bars", "aria-label": "Prediction" },
    element("div", { class: "convlab-bars-head" }, heading, save), table.element, note);
  return {
    element: section,
    update(/** @type {any} */ state) {
      const models = context.answers.models(state);
      const answers = context.answers.of(state);
      if (!table.update(models, answers, state.model, context.input.label)) return;
      setText(note, noteOf(context, answers));
      clearTimeout(timer);
      const text = spoken(answers); // without an answer, what was said last stays
      if (text) timer = setTimeout(() => context.announce(text), QUIET);
    },
    dispose: () => clearTimeout(timer),
  };
}

/** @param {any} context @param {import("../answers.js").Answer[]} answers */
function noteOf({ catalog, failures, networks, pixels, input }, answers) {
  const failed = answers.filter(({ name }) => failures.has(name));
  if (failed.length) return failed.map(({ name }) => `${name}: ${failures.get(name)}`).join(" ");
  if (input.problem) return input.problem;
  if (answers.some(({ name, values }) => !values && pixels(name))) return "Loading …";
  return answers.filter(({ name }) => networks.has(name))
    .map(({ name, title }) => [title, predictionText(networks.get(name).program, catalog.get(name)?.thresholds)])
    .filter(([, text]) => text).map((parts) => `${parts.join(": ")}.`).join(" ");
}

/** @param {import("../answers.js").Answer[]} answers */
function spoken(answers) {
  return answers.filter(({ best }) => best >= 0).map(({ name, classes, values, labels }) => {
    const parts = labels.map((label) => `${classes[label]}, ${(100 * /** @type {any} */ (values)[label]).toFixed(0)} percent`);
    return `${name}: ${parts.join("; ") || "none"}.`;
  }).join(" ");
}
