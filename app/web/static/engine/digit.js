// @ts-check
// The MNIST recipe for a drawing, step by step: ink bright on dark, cut out, its longer side 20
// pixels, its center of mass in the middle of 28×28. The same as `app.data.mnist_style` in Python.

import { findDigit } from "./ink.js";
import { luminance } from "./image.js";
import { resize } from "./resample.js";
import { withUsualStrokes } from "./stroke_width.js";

export const SIDE = 28;
export const INK_SIDE = 20;

/**
 * @typedef {{name: string, width: number, height: number, data: Uint8Array}} Step
 */

/**
 * Return the steps from a drawing to the 28×28 pixels that a network is shown.
 *
 * @param {ArrayLike<number>} pixels Gray or RGBA, 0 to 255.  (H, W) or (H, W, 4)
 * @param {number} width
 * @param {number} height
 * @param {{invert?: boolean, crop?: boolean, scale?: boolean, center?: boolean}} [on] What is done.
 * @returns {Step[]} "drawing", "invert", "crop", "scale", "center"; the last one is 28×28.
 */
export function digitSteps(pixels, width, height, on = {}) {
  const { invert = true, crop = true, scale = true, center = true } = on;
  const gray = toGray(pixels, width * height);
  const ink = invert && isDarkOnBright(gray, width, height) ? gray.map((value) => 255 - value) : gray;
  const found = crop ? findDigit(ink, width, height) : whole(ink, width, height);
  const cut = found ?? { width, height, data: new Float32Array(width * height) };
  const scaled = scale ? scaleToInk(cut) : fill(cut);
  return [
    { name: "drawing", width, height, data: gray },
    { name: "invert", width, height, data: ink },
    { name: "crop", width: cut.width, height: cut.height, data: Uint8Array.from(cut.data) },
    { name: "scale", ...scaled },
    { name: "center", width: SIDE, height: SIDE, data: place(scaled, center) },
  ];
}

/** @param {ArrayLike<number>} pixels @param {number} count @returns {Uint8Array} on white paper */
function toGray(pixels, count) {
  if (pixels.length === count) return Uint8Array.from(pixels);
  const gray = new Uint8Array(count);
  for (let k = 0; k < count; k++) {
    const at = 4 * k;
    const [red, green, blue] = [pixels[at], pixels[at + 1], pixels[at + 2]];
    const value = red === green && green === blue ? red : luminance(red, green, blue);
    const opaque = pixels[at + 3];
    gray[k] = opaque === 255 ? value : Math.round((value * opaque + 255 * (255 - opaque)) / 255);
  }
  return gray;
}

/**
 * Return whether the border, which is paper, is brighter than the middle between ink and paper.
 *
 * @param {Uint8Array} gray
 * @param {number} width
 * @param {number} height
 */
function isDarkOnBright(gray, width, height) {
  const border = new Uint8Array(2 * (width + height));
  border.set(gray.subarray(0, width));
  border.set(gray.subarray((height - 1) * width), width);
  for (let y = 0; y < height; y++) {
    border[2 * width + 2 * y] = gray[y * width];
    border[2 * width + 2 * y + 1] = gray[(y + 1) * width - 1];
  }
  border.sort();
  let [least, most] = [255, 0];
  for (const value of gray) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const median = border[border.length >> 1];
  return least === most ? median > 127 : median > (least + most) / 2;
}

/** @param {Uint8Array} ink @param {number} width @param {number} height */
function whole(ink, width, height) {
  return { width, height, data: Float32Array.from(ink) };
}

/**
 * Return the cut-out ink with strokes of the usual width, its longer side 20 pixels.
 *
 * @param {{width: number, height: number, data: Float32Array}} cut
 */
function scaleToInk(cut) {
  const { width, height, data } = withUsualStrokes(cut, INK_SIDE);
  const scale = INK_SIDE / Math.max(width, height);
  const [toWidth, toHeight] = [width, height].map((side) => Math.max(1, roundHalfEven(side * scale)));
  return { width: toWidth, height: toHeight, data: resize(data.map(Math.floor), width, height, toWidth, toHeight) };
}

/** @param {{width: number, height: number, data: Float32Array}} cut */
function fill(cut) {
  return { width: SIDE, height: SIDE, data: resize(cut.data.map(Math.floor), cut.width, cut.height, SIDE, SIDE) };
}

/**
 * Return 28×28 pixels with the ink's center of mass in the middle, or the middle of its box.
 *
 * @param {{width: number, height: number, data: Uint8Array}} small
 * @param {boolean} byMass
 */
function place({ width, height, data }, byMass) {
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x];
      mass += value;
      sumX += x * value;
      sumY += y * value;
    }
  }
  const centerX = byMass ? sumX / Math.max(mass, 1) : width / 2;
  const centerY = byMass ? sumY / Math.max(mass, 1) : height / 2;
  // The middle of 28 pixels lies between the 14th and the 15th: MNIST's own digits center on 14.
  const left = Math.min(SIDE - width, Math.max(0, roundHalfEven(SIDE / 2 - centerX)));
  const top = Math.min(SIDE - height, Math.max(0, roundHalfEven(SIDE / 2 - centerY)));
  const canvas = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) {
    canvas.set(data.subarray(y * width, (y + 1) * width), (top + y) * SIDE + left);
  }
  return canvas;
}

/** @param {number} value Python's rounding: a half goes to the even neighbor. */
function roundHalfEven(value) {
  const below = Math.floor(value);
  const half = value - below === 0.5;
  return half ? below + (below % 2) : Math.round(value);
}
