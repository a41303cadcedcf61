// @ts-check
/** The run: controls, curves, and the batch that was trained on last. */

import { classOf, createSheet } from "./batch_sheet.js";
import { createPanel } from "../parts/panel.js";
import { createRunControls } from "./run_controls.js";
import { createRunCurve } from "./run_curves.js";
import { element, setText } from "../element.js";

const WORDS = {
  name: "run", title: "Training",
  term: "Each step: a batch of augmented images, their mean loss, its gradient, and weights that move against it. Your drawing runs through the newest weights: see the prediction and the network above.",
};

const LEGEND = [["convlab-pale", "batches"], ["", "mean over some batches"], ["convlab-dot", "validation images, after each epoch"]];

/** @param {any} context @param {import("./session.js").Session} session */
export function createRunPanel(context, session) {
  const controls = createRunControls(context, session);
  const curves = [
    createRunCurve({ label: "Loss", points: "loss", row: "val_loss", least: 0, most: null }),
    createRunCurve({ label: "Accuracy", points: "accuracy", row: "val_accuracy", least: 0, most: 1 }),
  ];
  const title = element("h3", { class: "convlab-heading" });
  const batch = createSheet("The batch that was trained on last, each image with its class and its loss");
  const below = element("div", { class: "convlab-group" },
    element("div", { class: "convlab-run-curves" }, curves.map((curve) => curve.element)),
    element("p", { class: "convlab-run-legend" }, LEGEND.map(([kind, words]) => element("span", {}, element("i", { class: kind }), words))), title, batch.element);
  const panel = createPanel(context, WORDS, controls.element, below);
  return {
    ...panel,
    update() {
      const { run } = session;
      panel.element.hidden = !session.isOpen;
      controls.update();
      below.hidden = run.network === null;
      if (below.hidden || !panel.isVisible()) return;
      for (const curve of curves) curve.update(run);
      const shown = run.batch;
      title.hidden = !shown;
      setText(title, shown ? `The batch of step ${shown.step.toLocaleString("en")} as it was augmented, with true class and loss` : "");
      batch.update(shown && shown.tensors.get("images"), (place) =>
        [classOf(shown.tensors.get("labels"), place, run.network.classes), shown.tensors.get("losses").data[place].toFixed(2)]);
    },
  };
}
