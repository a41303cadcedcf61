// @ts-check
// From what the person has drawn or chosen to the pixels that each network is shown.

import { BOARD } from "./strokes.js";
import { createCanvas, drawStrokes, pixelsOf } from "./raster.js";
import { createSamples } from "./samples.js";
import { digitSteps } from "./engine/digit.js";
import { EXAMPLE } from "./example.js";
import { resize } from "./engine/resample.js";

const LONGEST = 1024; // pixels of an image's longer side

/**
 * Return the input of the page.
 *
 * @param {{store: any, source: any, catalog: Map<string, any>}} context
 */
export function createInput({ store, source, catalog }) {
  const arrived = () => store.dispatch({ type: "refresh" });
  const samples = createSamples(source, arrived);
  const { board } = createCanvas(BOARD, BOARD);
  /** @type {any[]} */
  const images = []; // {blob, pixels, decoded: Map} of the images chosen so far
  /** @type {any} */
  let current = { source: null, steps: [], caption: "", label: null, problem: "" };
  /** @type {Map<string, any>} */
  let fitted = new Map(); // size -> pixels, of the current input
  /** @type {any[]} */
  let inputs = [];

  function drawing(/** @type {any} */ strokes, /** @type {any} */ on) {
    drawStrokes(board, strokes);
    const { data } = board.getImageData(0, 0, BOARD, BOARD);
    return ofPicture({ width: BOARD, height: BOARD, data }, on, "your drawing");
  }

  function ofPicture(/** @type {any} */ picture, /** @type {any} */ on, /** @type {string} */ caption) {
    const steps = digitSteps(picture.data, picture.width, picture.height, on);
    return { picture, steps, caption, label: null, problem: "", digit: steps[steps.length - 1].data };
  }

  function ofSample(/** @type {any} */ input, /** @type {any} */ state) {
    const model = catalog.has(input.model) ? input.model : state.model;
    const described = catalog.get(model);
    const sample = described && samples.get({ ...input, model });
    if (!sample) return { steps: [], caption: "", label: null, problem: "", waiting: true };
    if (sample.problem) return { steps: [], caption: "", label: null, problem: sample.problem };
    const image = { ...described.image, data: sample.pixels };
    return { steps: [{ name: "sample", ...image }], image, caption: sample.name, label: sample.label, note: sample.note, problem: "" };
  }

  function ofImage(/** @type {any} */ image, /** @type {any} */ on) {
    if (!image) return { steps: [], caption: "", label: null, problem: "The image is no longer held." };
    if (!image.pixels) return { steps: [], caption: "", label: null, problem: image.problem, waiting: !image.problem };
    return { ...ofPicture(image.pixels, on, "your image"), chosen: image };
  }

  function resolve(/** @type {any} */ state) {
    const { input, steps } = state;
    if (input.kind === "drawing") return drawing(input.strokes, steps);
    if (input.kind === "sample") return ofSample(input, state);
    if (input.kind === "image") return ofImage(images[input.number], steps);
    return { ...drawing(EXAMPLE.strokes, steps), caption: "example" };
  }

  /** @param {any} described @returns {Uint8Array | null} */
  function fit({ name, image, mnist_style: mnistStyle }) {
    const { height, width, channels } = image;
    const { digit, picture, chosen } = current;
    if (current.image) return toImage(current.image, image);
    if (!picture) return null;
    if (mnistStyle && channels === 1) return resize(digit, 28, 28, width, height);
    const answer = chosen && decoded(chosen, name);
    if (answer) return answer;
    return toImage({ ...picture, data: withoutAlpha(picture.data) }, { height, width, channels });
  }

  function decoded(/** @type {any} */ chosen, /** @type {string} */ name) {
    if (!source.abilities.has("decode")) return null;
    if (!chosen.decoded.has(name)) {
      chosen.decoded.set(name, null);
      source.decode(name, chosen.blob).then((/** @type {any} */ { pixels }) => {
        chosen.decoded.set(name, pixels);
        fitted.delete(name);
        arrived();
      }, () => {}); // the page's own pixels stay
    }
    return chosen.decoded.get(name);
  }

  return {
    get steps() { return current.steps; },
    get caption() { return current.caption; },
    get label() { return current.label; },
    get note() { return current.note ?? ""; },
    get problem() { return current.problem; },
    samples,
    update(/** @type {any} */ state) {
      const { kind, number } = state.input;
      const arrival = { sample: state.revision, image: images[number]?.pixels ?? images[number]?.problem }[kind];
      const now = [state.input, state.steps, arrival, kind === "sample" && state.model];
      if (inputs.length && now.every((value, k) => value === inputs[k])) return;
      inputs = now;
      const before = current;
      current = resolve(state);
      const same = current.image ? current.image.data === before.image?.data : false;
      if (same) current = { ...current, image: before.image };
      else fitted = new Map();
    },
    pixels(/** @type {string} */ name) {
      if (!fitted.has(name)) fitted.set(name, fit(catalog.get(name)));
      return fitted.get(name);
    },
    /**
     * Take an image and show it.
     *
     * @param {Blob} blob
     */
    async choose(blob) {
      /** @type {any} */
      const image = { blob, pixels: null, problem: "", decoded: new Map() };
      const number = images.push(image) - 1;
      store.dispatch({ type: "input", input: { kind: "image", number } });
      try {
        image.pixels = pixelsOf(await createImageBitmap(blob), LONGEST);
      } catch {
        image.problem = "This file is not an image that the browser can read.";
      }
      arrived();
    },
  };
}

/** @param {ArrayLike<number>} data RGBA @returns {Uint8Array} RGB on white paper */
function withoutAlpha(data) {
  const result = new Uint8Array((data.length / 4) * 3);
  for (let k = 0; k < result.length; k++) {
    const at = 4 * Math.floor(k / 3);
    const opaque = data[at + 3] / 255;
    result[k] = Math.round(data[at + (k % 3)] * opaque + 255 * (1 - opaque));
  }
  return result;
}

/** @param {any} from @param {{height: number, width: number, channels: number}} to @returns {Uint8Array} */
function toImage({ width, height, data }, to) {
  const resized = resize(data, width, height, to.width, to.height);
  const channels = resized.length / (to.width * to.height);
  if (channels === to.channels) return resized;
  const result = new Uint8Array(to.width * to.height * to.channels);
  for (let k = 0; k < to.width * to.height; k++) {
    const [red, green, blue] = [0, 1, 2].map((c) => resized[k * channels + Math.min(c, channels - 1)]);
    const grey = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    for (let c = 0; c < to.channels; c++) result[k * to.channels + c] = to.channels === 1 ? grey : [red, green, blue][c];
  }
  return result;
}
