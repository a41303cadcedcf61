// @ts-check
/** The run: controls, curves, and the batch that was trained on last. */

import { MOST_PICTURES, classOf, createSheet } from "./batch_sheet.js";
import { countText } from "../draw/numbers.js";
import { createCheck } from "../parts/controls.js";
import { createPanel } from "../parts/panel.js";
import { createRunControls } from "./run_controls.js";
import { createRunCurve, wordsOf } from "./run_curves.js";
import { element, setText } from "../element.js";

const WORDS = {
  name: "run", title: "Training",
  term: "Each step: a batch of images, which the augmentation changes if there is one; their mean loss, its gradient, and weights that move against it. Your drawing runs through the newest weights: see the prediction and the network above.",
};

const LEGEND = ["convlab-pale", "", "convlab-dot", "convlab-dashed"];
const NO_AUGMENTATION = "none";

/** @param {any} context @param {import("./session.js").Session} session */
export function createRunPanel(context, session) {
  const controls = createRunControls(context, session);
  const curves = [
    createRunCurve({ label: "Loss", points: "loss", row: "val_loss", most: null }),
    createRunCurve({ label: "Accuracy", points: "accuracy", row: "val_accuracy", most: 1 }),
  ];
  let isLogarithmic = false;
  const scale = createCheck(context, "Logarithmic scale of the loss", (isOn) => {
    isLogarithmic = isOn;
    session.refresh();
  });
  const legend = LEGEND.map((kind) => ({ kind, words: element("span") }));
  const title = element("h3", { class: "convlab-heading" });
  const note = element("p", { class: "convlab-note" }, "The losses are those after the step, with its new weights and without dropout. The curves show the loss of the step itself, before its update and with dropout.");
  const batch = createSheet("Images of the batch that was trained on last, each with its class and its loss");
  const below = element("div", { class: "convlab-group" },
    element("div", { class: "convlab-run-curves" }, curves.map((curve) => curve.element)),
    element("div", { class: "convlab-run-legend" }, legend.map(({ kind, words }) => element("span", {}, element("i", { class: kind }), words)), scale.element), title, note, batch.element);
  const panel = createPanel(context, WORDS, controls.element, below);
  return {
    ...panel,
    update() {
      const { run } = session;
      panel.element.hidden = !session.isOpen;
      controls.update();
      below.hidden = run.network === null;
      if (below.hidden || !panel.isVisible()) return;
      curves[0].update(run, isLogarithmic);
      curves[1].update(run, false);
      const words = [...wordsOf(run), "validation images, after each epoch", run.changes.length ? "a setting changed" : ""];
      legend.forEach(({ words: text }, k) => {
        setText(text, words[k]);
        text.parentElement.hidden = words[k] === "";
      });
      const shown = run.batch;
      title.hidden = note.hidden = !shown;
      if (shown) setText(title, titleOf(shown, run.network.augmentation));
      batch.update(shown && shown.tensors.get("images"), (place) =>
        [classOf(shown.tensors.get("labels"), place, run.network.classes), shown.tensors.get("losses").data[place].toFixed(2)]);
    },
  };
}

/** @param {any} batch @param {string} augmentation */
function titleOf({ step, tensors }, augmentation) {
  const [count] = tensors.get("images").shape;
  const images = count > MOST_PICTURES ? `${MOST_PICTURES} of the ${count} images` : `The ${count} images`;
  return `${images} of the batch of step ${countText(step)}${augmentation === NO_AUGMENTATION ? "" : ", as they were augmented"}, with true class and loss`;
}
