// @ts-check
/** What happens to an image before a network for photographs sees it. No DOM. */

import { FITS, fitOf } from "../engine/fitting.js";
import { fixedNumber } from "../draw/numbers.js";

/**
 * @typedef {{name: string, title: string, detail: string, hint: string, width: number, height: number, data: ArrayLike<number>}} PhotographStep
 */

/**
 * Return the steps from an image to the values that a network computes with.
 *
 * @param {any} context
 * @param {string} model
 * @returns {{steps: PhotographStep[], note: string} | null} Null for a network that reads digits.
 */
export function photographSteps({ catalog, networks, input }, model) {
  const described = catalog.get(model);
  if (!described || (described.mnist_style && described.image.channels === 1)) return null;
  const { height, width } = described.image;
  const pixels = input.pixels(model);
  if (pixels === null) return { steps: [], note: "" };
  const size = `${width} × ${height}`;
  const { picture } = input.shown;
  const shown = { width, height, data: pixels };
  const { title, done, effect } = FITS[fitOf(described.image)];
  const range = rangeOf(networks.get(model)?.program);
  const steps = [
    picture
      ? { name: "photograph", title: "image", detail: `${picture.width} × ${picture.height}`, hint: "The image, decoded and turned upright; what is transparent becomes white", ...picture }
      : { name: "read", title: "sample", detail: size, hint: `An image of the data set. ${done} to ${size} pixels when it was read`, ...shown },
    picture && { name: title, title, detail: size, hint: `${done} to ${size} pixels, ${effect} (bilinear)`, ...shown },
    range && { name: "rescale", title: "rescale", detail: range, hint: `The network's first layer makes ${range} of the levels 0 … 255`, ...shown },
  ].filter((step) => step);
  const resized = picture ? `${done} to ${size} pixels, ${effect}.` : `A sample. ${done} to ${size} pixels when it was read.`;
  const rescaled = range ? ` The network itself rescales 0 … 255 to ${range}.` : "";
  return { steps: /** @type {PhotographStep[]} */ (steps), note: resized + rescaled };
}

/** The range of the values that a network makes of 0 to 255, or "". @param {any} program */
function rangeOf(program) {
  const operation = program?.operations.find((/** @type {any} */ { kind }) => kind !== "input");
  if (operation?.kind !== "rescale") return "";
  const { scale, offset } = operation.attributes;
  if (typeof scale !== "number" || typeof offset !== "number") return "other numbers, channel by channel,";
  const end = (/** @type {number} */ value) => fixedNumber(value, Number.isInteger(Number(value.toFixed(2))) ? 0 : 2);
  return `${end(offset)} … ${end(255 * scale + offset)}`;
}
