// @ts-check
/** What a class depends on: a sticker to drag, an occlusion map, Grad-CAM and saliency over the image. */

import { borderColor, coveredPixels, occlusionPlaces } from "../play/occlusion.js";
import { createExplanation } from "./explanation.js";
import { createSticker } from "./sticker.js";
import { currentValues } from "../engine/predict.js";
import { element, setText } from "../element.js";
import { Experiment } from "./experiment.js";
import { fixedNumber } from "../draw/numbers.js";
import { predictionText } from "./prediction_text.js";
import { oneAhead } from "../play/work.js";

const CELLS = 15;
const SMALL_SIDE = 64; // up to this side the page is faster than a question
const WORDS = {
  name: "explain", title: "What the answer depends on",
  term: "Occlusion covers one place after another: where the score of the class falls, the answer depends on what was there. Grad-CAM weights the last maps by their gradients; saliency is the gradient of the score with respect to each pixel.",
};

const MAPS = [
  { title: "Occlusion", kind: "occlusion", isSigned: true, words: ["red: the score rises when this place is covered", "blue: it falls, the place speaks for the class"] },
  { title: "Grad-CAM", kind: "grad_cam", isSigned: false, words: ["orange: where the last maps speak for the class"] },
  { title: "Saliency", kind: "saliency", isSigned: false, words: ["orange: pixels whose small change moves the score most"] },
];

/** @param {any} context */
export function createExplanations(context) {
  return new Explanations(context);
}

class Explanations extends Experiment {
  /** @param {any} context */
  constructor(context) {
    super(context, WORDS);
    this.sticker = createSticker(context);
    this.hint = element("span");
    const drawn = () => this.store.dispatch({ type: "refresh" });
    [this.occlusion, this.gradCam, this.saliency] = MAPS.map((map) => createExplanation(context, { ...map, onArrival: drawn }));
    this.pictures = element("div", { class: "convlab-pictures" },
      element("figure", {}, this.sticker.picture, element("figcaption", {}, element("span", { class: "convlab-caption-line" }, element("b", {}, "Input")), this.hint)),
      this.occlusion.element, this.gradCam.element, this.saliency.element);
    this.panel.add(element("div", { class: "convlab-row" }, this.classes.element), this.pictures, this.sticker.controls);
  }

  /** @param {any} state */
  update(state) {
    const name = this.probes.subject(state);
    const described = this.context.catalog.get(name);
    const pixels = this.context.pixels(name);
    this.sticker.update(this.context.newest(name));
    setText(this.hint, state.play.sticker ? "with the sticker to drag" : "as the network is shown it");
    if (!described || !this.panel.isVisible()) return;
    this.pictures.hidden = !pixels;
    if (!pixels) return this.panel.say(this.context.input.problem);
    if (!this.context.networks.has(name) && !described.server_only) return this.panel.say("Loading the network …");
    const loaded = this.context.networks.has(name);
    const chosen = described.classes.indexOf(String(state.choices.class ?? ""));
    const index = loaded ? this.probes.classIndex(state) : chosen; // −1: the server takes the most probable class
    this.subject = { name, pixels, index, image: described.image, className: described.classes[index] ?? "the most probable class" };
    this.showClasses(described.classes);
    const edited = Object.keys(state.kernels).some((key) => key.startsWith(`${name}|`));
    const oracle = this.context.source.abilities.has("oracle");
    const inPage = loaded && (!oracle || edited || Math.max(described.image.height, described.image.width) <= SMALL_SIDE);
    for (const explanation of [this.gradCam, this.saliency]) {
      if (oracle) explanation.ask(this.subject, edited ? "of the network without your edits" : "");
      else explanation.refuse("needs the server: it is computed with Keras's gradients");
    }
    if (inPage) this.work.start([name, pixels, index, state.kernels], (signal) => this.compute(signal));
    else {
      this.work.stop();
      this.occlusion.ask(this.subject); // last: it takes longest
    }
    this.draw();
  }

  /** Occlusion in the page, coarse first. @param {AbortSignal} signal */
  async *compute(signal) {
    const { name, pixels, index, image } = /** @type {any} */ (this.subject);
    const cells = Math.min(CELLS, image.height, image.width);
    const values = new Float32Array(cells * cells).fill(NaN);
    const map = { values, height: cells, width: cells };
    this.occlusion.wait();
    const whole = (await this.probes.scores(name, pixels, signal))[index];
    const color = borderColor(pixels, image);
    yield* oneAhead(occlusionPlaces(image, cells), async (place) => {
      const scores = await this.probes.scores(name, coveredPixels(pixels, image, place, color), signal);
      values[place.cell] = whole - scores[index];
      this.occlusion.take(map, pixels);
    });
    this.occlusion.take(map, pixels, "");
  }

  draw() {
    if (!this.subject) return;
    const { name, pixels, index, image, className } = this.subject;
    for (const explanation of [this.occlusion, this.gradCam, this.saliency]) explanation.draw(pixels, image);
    const cost = this.occlusion.largest();
    const costs = cost === null ? "" : ` Covering the most important place costs ${fixedNumber(cost, 1)} of its score (logit).`;
    this.panel.say(this.probability(name, index, className) + costs);
  }

  /** The probability of a class: in this view, which the maps and the network's columns show, and in the prediction. @param {string} name @param {number} index @param {string} className */
  probability(name, index, className) {
    const values = this.context.values(name);
    const share = values && index >= 0 ? percentText(values[index]) : "computing …";
    const network = this.context.networks.get(name);
    const steps = network ? predictionText(network.program) : "";
    this.element.classList.toggle("convlab-several-views", network?.program.views.length > 1);
    if (!steps) return `Probability of “${className}” from ${name}: ${share}.`;
    const here = currentValues(network)[index];
    return `Probability of “${className}” from ${name}: ${percentText(here)} in this view, as in the network above; in the prediction, ${steps}, ${share}.`;
  }

  dispose() {
    for (const explanation of [this.occlusion, this.gradCam, this.saliency]) explanation.dispose();
    super.dispose();
  }
}

/** @param {number} share */
function percentText(share) {
  return `${(100 * share).toFixed(1)}%`;
}
