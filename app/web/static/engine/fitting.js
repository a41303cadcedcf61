// @ts-check
// Images of any aspect ratio at the size of a network: squashed, cropped or padded, as
// app/data/fitting.py does it.

import { resize } from "./resample.js";

const GRAY = 128; // of the margins

/** What a step of each rule is called, and what it does. */
export const FITS = {
  squash: { title: "squash", done: "Squashed", effect: "nothing is cut off" },
  crop: { title: "crop", done: "Cropped in the middle and resized", effect: "the margins are cut off" },
  pad: { title: "pad", done: "Resized and padded with gray", effect: "nothing is cut off" },
};

/** @param {{fit?: string}} image @returns {"squash" | "crop" | "pad"} */
export function fitOf({ fit }) {
  return fit === "crop" || fit === "pad" ? fit : "squash";
}

/**
 * Return an image in the size of a network.
 *
 * @param {ArrayLike<number>} data Whole gray levels from 0 to 255.  (H, W, C)
 * @param {number} width
 * @param {number} height
 * @param {{height: number, width: number, fit?: string}} to
 * @returns {Uint8Array} (to.height, to.width, C)
 */
export function fitted(data, width, height, to) {
  const fit = fitOf(to);
  if (fit === "pad") return padded(data, width, height, to);
  const box = fit === "crop" ? middleBox(width, height, to) : undefined;
  return resize(data, width, height, to.width, to.height, box);
}

/** The largest box of a shape in the middle of an image. @param {number} width @param {number} height @param {{height: number, width: number}} to */
function middleBox(width, height, to) {
  const boxWidth = Math.max(1, Math.min(width, Math.floor((height * to.width) / to.height)));
  const boxHeight = Math.max(1, Math.min(height, Math.floor((width * to.height) / to.width)));
  return {
    left: Math.floor((width - boxWidth) / 2), top: Math.floor((height - boxHeight) / 2),
    width: boxWidth, height: boxHeight,
  };
}

/** @param {ArrayLike<number>} data @param {number} width @param {number} height @param {{height: number, width: number}} to */
function padded(data, width, height, to) {
  const isWide = width / height > to.width / to.height;
  const innerWidth = isWide ? to.width : roundedEven((width / height) * to.height);
  const innerHeight = isWide ? roundedEven((height / width) * to.width) : to.height;
  const channels = data.length / (width * height);
  const result = new Uint8Array(to.height * to.width * channels).fill(GRAY);
  if (innerWidth === 0 || innerHeight === 0) return result;
  const inner = resize(data, width, height, innerWidth, innerHeight);
  const left = roundedEven((to.width - innerWidth) / 2);
  const top = roundedEven((to.height - innerHeight) / 2);
  const row = innerWidth * channels;
  for (let y = 0; y < innerHeight; y++) {
    result.set(inner.subarray(y * row, (y + 1) * row), ((top + y) * to.width + left) * channels);
  }
  return result;
}

/** Round as Python does: a half goes to the even number. @param {number} value */
function roundedEven(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
