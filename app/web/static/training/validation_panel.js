// @ts-check
/** Images that the network has not learned from, and what it makes of them. */

import { createPanel } from "../parts/panel.js";
import { createMarkLegend, createSheet, topOf } from "./batch_sheet.js";
import { countText } from "../draw/numbers.js";
import { LIVE, evaluationOf } from "./live_source.js";

const WORDS = {
  name: "validation", title: "Validation images",
  term: "Images that the network does not learn from, with its three most probable classes, after each epoch. Choose one: it becomes the input of the page. The confusion matrix, its images and their arithmetic are under Errors, below.",
};
const COUNT = 24;

/** @param {any} context @param {import("./session.js").Session} session */
export function createValidationPanel(context, session) {
  const strip = createSheet("Validation images with their three most probable classes", (index) => {
    context.store.dispatch({ type: "input", input: { kind: "sample", model: LIVE, order: "first", seed: 0, index, label: null } });
  }, "wrong");
  strip.element.classList.add("convlab-wide-pictures");
  const panel = createPanel(context, WORDS, strip.element, createMarkLegend("wrong", "the most probable class is wrong"));
  return {
    ...panel,
    update() {
      const { validation, network } = session.run;
      panel.element.hidden = validation === null || network === null;
      if (panel.element.hidden || !panel.isVisible()) return;
      const { tensors } = validation;
      panel.say(sentence(validation, evaluationOf(validation, network.classes)));
      const labels = tensors.get("labels").data;
      const topThree = (/** @type {number} */ place) => topOf(tensors.get("probabilities"), place, network.classes, 3);
      strip.update(firstOf(tensors.get("images")), (place) => topThree(place).map(({ name, value }) => `${name} ${Math.round(100 * value)}%`),
        (place) => topThree(place)[0].index !== labels[place]);
    },
  };
}

/** @type {WeakMap<object, any>} */
const firsts = new WeakMap();

/** The first of some images; the same object each time. @param {any} images */
function firstOf(images) {
  if (!firsts.has(images)) {
    const [count, ...rest] = images.shape;
    firsts.set(images, { shape: [Math.min(COUNT, count), ...rest], data: images.data });
  }
  return firsts.get(images);
}

/** @param {any} validation @param {{accuracy: number, count: number}} evaluation */
function sentence({ step, of }, { accuracy, count }) {
  const right = Math.round(accuracy * count);
  const sample = count < of ? ` The ${countText(count)} are spread evenly over all ${countText(of)}.` : "";
  return `After step ${countText(step)}, ${countText(right)} of ${countText(count)} validation images are classified correctly (${(100 * accuracy).toFixed(1)}%).${sample}`;
}
