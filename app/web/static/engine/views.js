// @ts-check
// Views of an image that a prediction is averaged over.

import { sizeOf } from "./shapes.js";

/**
 * @typedef {{crop: number, rotation: number, rows: number, columns: number, flip: boolean}} View
 *   Cropped to a share about the center and rotated by degrees anticlockwise, then moved down and
 *   to the right by pixels, then mirrored. The border repeats.
 */

/**
 * Return a view of an image.
 *
 * @param {View} view
 * @param {Float32Array} pixels (H, W, C), 0–255; what is rotated or enlarged has whole numbers, as
 *   the images that Python reads.
 * @param {number[]} shape
 * @returns {Float32Array}
 */
export function viewOf(view, pixels, shape) {
  const { crop, rotation, rows, columns, flip } = view;
  let result = pixels;
  if (crop !== 1 || rotation !== 0) {
    result = resampled(result, shape, crop, (rotation * Math.PI) / 180);
  }
  if (rows !== 0 || columns !== 0) {
    result = moved(result, shape, (row, column) => [row - rows, column - columns]);
  }
  return flip ? moved(result, shape, (row, column) => [row, shape[1] - 1 - column]) : result;
}

/**
 * Return whether a view is the image itself.
 *
 * @param {View} view
 */
export function isIdentity({ crop, rotation, rows, columns, flip }) {
  return crop === 1 && rotation === 0 && rows === 0 && columns === 0 && !flip;
}

/**
 * Rotate and scale about the center, bilinear.
 *
 * @param {Float32Array} pixels
 * @param {number[]} shape
 * @param {number} scale Source pixels per pixel.
 * @param {number} angle Radians.
 */
function resampled(pixels, [height, width, channels], scale, angle) {
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const output = new Float32Array(pixels.length);
  for (let row = 0, target = 0; row < height; row++) {
    for (let column = 0; column < width; column++, target += channels) {
      const [right, down] = [column - middleX, row - middleY];
      const x = clamped(middleX + cos * right - sin * down, width - 1);
      const y = clamped(middleY + sin * right + cos * down, height - 1);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const near = (top * width + left) * channels;
      const across = left + 1 < width ? channels : 0;
      const below = top + 1 < height ? width * channels : 0;
      for (let channel = 0; channel < channels; channel++) {
        const i = near + channel;
        const upper = pixels[i] + (pixels[i + across] - pixels[i]) * (x - left);
        const start = pixels[i + below];
        const lower = start + (pixels[i + below + across] - start) * (x - left);
        output[target + channel] = Math.round(upper + (lower - upper) * (y - top));
      }
    }
  }
  return output;
}

/**
 * Take each pixel from another place; outside, the border repeats.
 *
 * @param {Float32Array} pixels
 * @param {number[]} shape
 * @param {(row: number, column: number) => number[]} placeOf
 */
function moved(pixels, shape, placeOf) {
  const [height, width, channels] = shape;
  const output = new Float32Array(sizeOf(shape));
  for (let row = 0, target = 0; row < height; row++) {
    for (let column = 0; column < width; column++, target += channels) {
      const [y, x] = placeOf(row, column);
      const start = (clamped(y, height - 1) * width + clamped(x, width - 1)) * channels;
      output.set(pixels.subarray(start, start + channels), target);
    }
  }
  return output;
}

/** @param {number} value @param {number} last */
function clamped(value, last) {
  return Math.min(Math.max(value, 0), last);
}
