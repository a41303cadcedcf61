// @ts-check
/** The training images with the largest loss: some of them have a wrong label, and can be left out. */

import { createButton } from "../parts/controls.js";
import { createPanel } from "../parts/panel.js";
import { createProblem } from "./problem.js";
import { createMarkLegend, createSheet } from "./batch_sheet.js";
import { element, setText } from "../element.js";

const WORDS = {
  name: "hardest", title: "Hardest images",
  term: "The training images with the largest loss, with their label, what the network predicts, and the loss. Mark those with a wrong label, drop them, and go on with the same weights.",
};
const COUNT = 36;

/** @param {any} context @param {import("./session.js").Session} session */
export function createHardestPanel(context, session) {
  /** @type {Set<number>} Positions of the marked images. */
  let marked = new Set();
  /** @type {any} */
  let shown = null;
  const problem = createProblem();
  const find = createButton(context, "Find the hardest images", () => problem.attempt(async () => {
    find.disabled = true;
    await session.tell("hardest", { count: COUNT });
  }));
  const drop = createButton(context, "Drop", () => problem.attempt(async () => {
    const { images } = await session.tell("drop", { positions: [...marked] });
    setText(done, `The network goes on with ${images.toLocaleString("en")} training images, from the weights as they are.`);
    marked = new Set();
  }));
  const done = element("p", { class: "convlab-note", role: "status" });
  const sheet = createSheet("The training images with the largest loss", (place) => {
    const position = shown.tensors.get("positions").data[place];
    if (!marked.delete(position)) marked.add(position);
    session.refresh();
  }, "dropped");
  const legend = createMarkLegend("dropped", "marked: is left out when you press Drop");
  sheet.element.classList.add("convlab-wide-pictures");
  const panel = createPanel(context, WORDS, element("div", { class: "convlab-field" }, find, drop), problem.element, done, sheet.element, legend);
  return {
    ...panel,
    update() {
      const { run } = session;
      panel.element.hidden = run.network === null;
      if (panel.element.hidden || !panel.isVisible()) return;
      if (run.hardest !== shown) [shown, marked] = [run.hardest, new Set()];
      find.disabled = run.state !== "paused";
      panel.say(run.state === "running" ? "Pause the training first." : "");
      setText(drop, marked.size ? `Drop ${marked.size} ${marked.size === 1 ? "image" : "images"}` : "Drop the marked images");
      drop.disabled = marked.size === 0 || run.state !== "paused";
      drop.hidden = sheet.element.hidden = legend.hidden = shown === null;
      if (shown === null) return;
      const { classes } = run.network;
      const [labels, predicted, losses, positions] = ["labels", "predicted", "losses", "positions"].map((name) => shown.tensors.get(name).data);
      sheet.update(shown.tensors.get("images"), (place) =>
        [classes[labels[place]], `predicted ${classes[predicted[place]]}`, `loss ${losses[place].toFixed(2)}`], (place) => marked.has(positions[place]));
    },
  };
}
