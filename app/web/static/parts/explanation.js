// @ts-check
/** One map over the image: asked from the source, or computed by the page and handed in. */

import { createAction } from "./action.js";
import { createMap } from "../draw/map.js";
import { createOverlayLegend } from "../draw/overlay_legend.js";
import { drawDimmed, drawOverlay } from "../draw/overlay.js";
import { element, setStyle, setText } from "../element.js";
import { REST } from "../rest.js";
import { largestMagnitude } from "../draw/color.js";
import { saveTensor } from "../draw/save.js";
import { wholeLevels } from "../engine/image.js";
import { withoutGaps } from "../play/occlusion.js";

/** @typedef {{title: string, kind: string, isSigned: boolean, words: string[], onArrival: () => void}} Options `words`: of the legend. */

const COMPUTING = "computing …";

/** @param {any} context @param {Options} options */
export function createExplanation(context, options) {
  return new Explanation(context, options);
}

class Explanation {
  /** @param {any} context @param {Options} options */
  constructor(context, { title, kind, isSigned, words, onArrival }) {
    this.context = context;
    this.title = title;
    this.kind = kind;
    this.isSigned = isSigned;
    this.onArrival = onArrival;
    this.below = createMap();
    this.above = element("canvas", { class: `convlab-overlay convlab-overlay-${kind.replace("_", "-")}` });
    this.legend = createOverlayLegend({ isSigned, words });
    this.caption = element("span");
    this.save = createAction(context.announce, "Save as .npy", () => this.saveMap(), { class: "convlab-button convlab-quiet", title: `Save ${title} as .npy`, what: `${title} as .npy` });
    this.save.hidden = true;
    this.picture = element("div", { class: "convlab-picture", role: "img", "aria-label": title }, this.below, this.above);
    this.element = element("figure", {}, this.picture,
      element("figcaption", {}, element("span", { class: "convlab-caption-line" }, element("b", {}, title), this.save), this.legend.element, this.caption));
    /** @type {{values: ArrayLike<number>, height: number, width: number} | null} */
    this.map = null;
    /** @type {any} */
    this.asked = null;
    /** @type {any} */
    this.answer = null;
    this.timer = 0;
    this.note = "";
    this.version = 0; // of a map that is filled in place
  }

  saveMap() {
    const { values, height, width } = /** @type {NonNullable<typeof this.map>} */ (this.map);
    saveTensor(`${this.kind}.npy`, values, [height, width]);
    return "Saved";
  }

  /** Take a map that the page computes. @param {{values: ArrayLike<number>, height: number, width: number}} map @param {any} pixels @param {string} [note] */
  take(map, pixels, note = COMPUTING) {
    this.cancel();
    this.map = map;
    this.asked = { pixels, index: -1 };
    this.note = note;
    this.version++;
  }

  /** Say that another map will come. */
  wait() {
    this.note = COMPUTING;
  }

  /** Say why there is none. @param {string} reason */
  refuse(reason) {
    this.map = null;
    this.note = reason;
  }

  /** Ask the source, unless it was asked for the same. @param {any} subject @param {string} [note] */
  ask({ name, pixels, index, image }, note = "") {
    if (this.asked && this.asked.pixels === pixels && this.asked.index === index && this.asked.name === name) return;
    this.cancel();
    this.asked = { name, pixels, index };
    const { asked } = this;
    this.note = COMPUTING;
    this.timer = setTimeout(() => {
      const rounded = wholeLevels(pixels);
      const shape = [image.height, image.width, image.channels];
      const receive = (/** @type {any} */ part) => this.asked === asked && this.receive(part, note);
      this.answer = this.context.source.ask(this.kind, { model: name, pixels: rounded, shape, class: index < 0 ? undefined : index }, receive);
      this.answer.then(receive, (/** @type {Error} */ error) => this.asked === asked && this.fail(error));
    }, REST);
  }

  /** @param {any} answer @param {string} note */
  receive({ tensors }, note) {
    const tensor = tensors.get("map") ?? [...tensors.values()][0];
    if (tensor) {
      const [height, width] = tensor.shape;
      this.map = { values: tensor.data, height, width };
    }
    this.note = note;
    this.onArrival();
  }

  /** @param {Error} error */
  fail(error) {
    this.map = null;
    this.note = error.message;
    this.onArrival();
  }

  /** The largest value, or null until all are known. @returns {number | null} */
  largest() {
    const values = this.map ? Array.from(this.map.values) : [];
    return values.length === 0 || values.some(Number.isNaN) ? null : values.reduce((most, value) => Math.max(most, value), -Infinity);
  }

  /** @param {ArrayLike<number>} pixels @param {{height: number, width: number, channels: number}} image */
  draw(pixels, { height, width, channels }) {
    const now = [pixels, this.map, this.note, this.version];
    if (this.drawn && now.every((part, index) => part === this.drawn[index])) return;
    this.drawn = now;
    setStyle(this.picture, { "--ratio": width / height });
    drawDimmed(this.below, pixels, [height, width, channels]);
    this.above.hidden = this.map === null;
    this.save.hidden = this.map === null;
    if (this.map) drawOverlay(this.above, withoutGaps(this.map), this.isSigned);
    this.legend.update(this.map ? largestMagnitude(this.map.values) : null);
    setText(this.caption, this.note);
    this.picture.setAttribute("aria-label", `${this.title} over the image ${this.note}`);
  }

  cancel() {
    clearTimeout(this.timer);
    this.answer?.cancel?.();
    this.answer = null;
  }

  dispose() {
    this.cancel();
  }
}
