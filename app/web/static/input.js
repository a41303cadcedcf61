// @ts-check
// From what the person has drawn or chosen to the pixels that each network is shown.

import { createCanvas, drawStrokes, pixelsOf } from "./raster.js";
import { digitSteps } from "./engine/digit.js";
import { EXAMPLE } from "./example.js";
import { formOf, readsDigits } from "./catalog.js";
import { resize } from "./engine/resample.js";
import { Samples } from "./samples.js";
import { toImage } from "./engine/image.js";
import { toNetworkImage } from "./photograph.js";

const LONGEST = 1024; // pixels of an image's longer side
const DRAWING_SIDE = 128; // pixels, six for each of the 20 that a digit is high
const DIGIT_SIDE = 28;
const NO_DIGIT = "No digit was found in this image.";

/**
 * @typedef {{width: number, height: number, data: any}} Picture
 * @typedef {{steps: any[], caption: string, label: number | null, note: string, problem: string,
 *   picture?: Picture, digit?: Uint8Array, image?: any, chosen?: any}} Shown
 */

/** The input of a page. */
export class Input {
  /** @param {any} context */
  constructor({ store, source, catalog }) {
    this.source = source;
    this.catalog = catalog;
    this.arrived = () => store.dispatch({ type: "refresh" });
    this.show = (/** @type {any} */ input) => store.dispatch({ type: "input", input });
    this.samples = new Samples(source, this.arrived);
    this.board = createCanvas(DRAWING_SIDE, DRAWING_SIDE).board;
    /** @type {any[]} Images chosen so far. */
    this.images = [];
    /** @type {Shown} */
    this.shown = nothing("");
    /** @type {{input: any, of: string, shown: Shown} | null} The chosen sample: it stays when others take its place. */
    this.held = null;
    this.failure = "";
    /** @type {Map<string, Uint8Array | null>} Pixels of the current input by network. */
    this.fitted = new Map();
    /** @type {any[]} */
    this.dependencies = [];
  }

  /** Pictures from the input to what a network is shown: {name, width, height, data}. */
  get steps() {
    return this.shown.steps;
  }

  /** What the input is, in a few words. */
  get caption() {
    return this.shown.caption;
  }

  /** Index of the true class, or null. */
  get label() {
    return this.shown.label;
  }

  /** Why there is nothing to show, or "". */
  get problem() {
    return this.failure || this.shown.problem;
  }

  /**
   * Return why the source cannot use a chosen image for a network, or "".
   *
   * @param {string} name
   * @returns {string}
   */
  refusal(name) {
    const { chosen, digit } = this.shown;
    const described = this.catalog.get(name);
    if (!chosen || !described) return "";
    if (readsDigits(described) && digit && isEmpty(digit)) return NO_DIGIT;
    const isUsual = Object.values(this.dependencies[1]).every(Boolean);
    if (readsDigits(described) && !isUsual) return ""; // the source has not seen it so
    return chosen.refused.get(formOf(described)) ?? "";
  }

  /** @param {string} problem Why there are no networks. */
  fail(problem) {
    this.failure = problem;
    this.arrived();
  }

  /** @param {any} state */
  update(state) {
    const { kind, number } = state.input;
    const image = this.images[number];
    /** @type {any} */
    const arrival = { sample: state.revision, image: image?.pixels ?? image?.problem };
    const now = [state.input, state.steps, arrival[kind], kind === "sample" && state.model];
    if (now.every((value, k) => value === this.dependencies[k]) && this.dependencies.length) return;
    this.dependencies = now;
    const next = this.resolve(state);
    if (next.image && next.image.data === this.shown.image?.data) return;
    this.shown = next;
    this.fitted = new Map();
  }

  /** @param {any} state @returns {Shown} */
  resolve({ input, steps, model }) {
    if (input.kind === "drawing") return this.drawing(input.strokes, steps, "your drawing");
    if (input.kind === "sample") return this.sample(input, model);
    if (input.kind === "image") return this.chosen(this.images[input.number], steps);
    return this.drawing(EXAMPLE.strokes, steps, "example");
  }

  /** @param {any} strokes @param {any} on @param {string} caption @returns {Shown} */
  drawing(strokes, on, caption) {
    drawStrokes(this.board, strokes);
    const { data } = this.board.getImageData(0, 0, DRAWING_SIDE, DRAWING_SIDE);
    if (isBlank(data)) return nothing("Nothing drawn yet.");
    return ofPicture({ width: DRAWING_SIDE, height: DRAWING_SIDE, data }, on, caption);
  }

  /** @param {any} input @param {string} model @returns {Shown} */
  sample(input, model) {
    const name = this.catalog.has(input.model) ? input.model : model;
    const described = this.catalog.get(name);
    const of = described && JSON.stringify([name, described.image, described.classes]);
    if (this.held?.input === input && this.held.of === of) return this.held.shown;
    const sample = described && this.samples.get({ ...input, model: name });
    if (!sample) return nothing("");
    if (sample.problem) return nothing(sample.problem);
    const image = { ...described.image, data: sample.pixels };
    const { label, note, name: caption } = sample;
    const shown = { steps: [{ name: "sample", ...image }], image, caption, label, note, problem: "" };
    this.held = { input, of, shown };
    return shown;
  }

  /** @param {any} image @param {any} on @returns {Shown} */
  chosen(image, on) {
    if (!image) return nothing("The image is no longer held.");
    if (!image.pixels) return nothing(image.problem);
    return { ...ofPicture(image.pixels, on, image.name), chosen: image };
  }

  /** @param {string} name @returns {Uint8Array | null} (H, W, C) of a network, 0 to 255 */
  pixels(name) {
    if (!this.fitted.has(name)) this.fitted.set(name, this.fit(this.catalog.get(name)));
    return this.fitted.get(name) ?? null;
  }

  /** Ask for a network's images anew. @param {string} name */
  forget(name) {
    this.samples.forget(name);
    this.fitted.delete(name);
    this.dependencies = [];
  }

  /** @param {any} described @returns {Uint8Array | null} */
  fit(described) {
    const { image } = described;
    const { digit, picture, chosen } = this.shown;
    if (this.shown.image) return toImage(this.shown.image, image);
    if (!picture || !digit) return null;
    const isDigit = readsDigits(described);
    const isUsual = !isDigit || Object.values(this.dependencies[1]).every(Boolean);
    const decoded = chosen && isUsual ? this.decoded(chosen, described) : null;
    if (isDigit && this.refusal(described.name)) return null;
    if (decoded) return decoded;
    if (isDigit) return resize(digit, DIGIT_SIDE, DIGIT_SIDE, image.width, image.height);
    return toNetworkImage(picture, image);
  }

  /**
   * Return what the source has decoded, null until it has: then the page's own pixels are shown.
   * It is asked once for all networks of the same form, and not where the page sees no digit.
   *
   * @param {any} chosen
   * @param {any} described
   */
  decoded(chosen, described) {
    if (!this.source.abilities.has("decode") || described.is_unsaved || this.refusal(described.name)) return null;
    const form = formOf(described);
    if (!chosen.decoded.has(form)) {
      chosen.decoded.set(form, null);
      this.source.decode(described.name, chosen.blob).then((/** @type {any} */ { pixels }) => {
        chosen.decoded.set(form, pixels);
        this.fitted = new Map();
        if (readsDigits(described) && this.shown.chosen === chosen) this.showDecoded(pixels);
        this.arrived();
      }, (/** @type {Error} */ error) => { // a photograph's own pixels stay
        chosen.refused.set(form, error.message);
        this.fitted = new Map();
        this.arrived();
      });
    }
    return chosen.decoded.get(form);
  }

  /** @param {Uint8Array} pixels Replace the last step. */
  showDecoded(pixels) {
    const { steps } = this.shown;
    const last = steps[steps.length - 1];
    if (pixels.length !== last.data.length) return;
    this.shown = { ...this.shown, steps: [...steps.slice(0, -1), { ...last, data: pixels }] };
  }

  /**
   * Take an image and show it.
   *
   * @param {Blob} blob
   */
  async choose(blob) {
    /** @type {any} */
    const name = blob instanceof File && blob.name ? blob.name : "your image";
    const image = { blob, name, pixels: null, problem: "", decoded: new Map(), refused: new Map() };
    const number = this.images.push(image) - 1;
    this.show({ kind: "image", number });
    try {
      image.pixels = pixelsOf(await createImageBitmap(blob), LONGEST);
    } catch {
      image.problem = "The browser cannot read this file as an image.";
    }
    this.arrived();
  }
}

/** @param {Uint8Array} digit */
function isEmpty(digit) {
  return digit.every((value) => value === 0);
}

/** @param {Picture} picture @param {any} on @param {string} caption @returns {Shown} */
function ofPicture(picture, on, caption) {
  const steps = digitSteps(picture.data, picture.width, picture.height, on);
  const digit = steps[steps.length - 1].data;
  return { picture, steps, digit, caption, label: null, note: "", problem: "" };
}

/** @param {string} problem @returns {Shown} */
function nothing(problem) {
  return { steps: [], caption: "", label: null, note: "", problem };
}

/** Whether a board has one color everywhere: never drawn on, or all of it erased. @param {Uint8ClampedArray} data */
function isBlank(data) {
  const words = new Uint32Array(data.buffer);
  return words.every((word) => word === words[0]);
}
