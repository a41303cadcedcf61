// @ts-check
/** Random augmentation with the seven arguments of the lecture, drawn as the Python program draws them. */

import { uniforms } from "./random_numbers.js";
import { resample, transformMatrix } from "./resample.js";

/**
 * @typedef {object} Ranges
 * @property {number} rotation_range Degrees to either side.
 * @property {number} width_shift_range Fraction of the width to either side.
 * @property {number} height_shift_range
 * @property {number} shear_range Degrees to either side.
 * @property {number} zoom_range z for (1 − z, 1 + z).
 * @property {boolean} horizontal_flip
 * @property {string} fill_mode
 */

/**
 * The slide's arguments. Its shear_range=0.2 is meant in radians, which is 11.5 degrees.
 * @type {Ranges}
 */
export const LECTURE_RANGES = {
  rotation_range: 40, width_shift_range: 0.2, height_shift_range: 0.2, shear_range: 11.459, zoom_range: 0.2,
  horizontal_flip: true, fill_mode: "nearest",
};

/** @type {Ranges} For digits: a mirrored 2 is no digit. */
export const DIGIT_RANGES = {
  rotation_range: 10, width_shift_range: 0.1, height_shift_range: 0.1, shear_range: 10, zoom_range: 0.1,
  horizontal_flip: false, fill_mode: "nearest",
};

const COLUMNS = 16;

/**
 * The transform of one image in one epoch.
 * @param {Ranges} ranges @param {{seed: number, epoch: number, position: number}} address
 * @param {{height: number, width: number}} size
 * @returns {import("./resample.js").Transform}
 */
export function drawTransform(ranges, { seed, epoch, position }, { height, width }) {
  const draws = uniforms(seed, epoch, position, COLUMNS);
  const signed = draws.map((draw) => 2 * draw - 1);
  const [lowest, highest] = [1 - ranges.zoom_range, 1 + ranges.zoom_range];
  return {
    rotation: ranges.rotation_range * signed[0],
    shiftX: signed[1] * ranges.width_shift_range * width,
    shiftY: signed[3] * ranges.height_shift_range * height,
    shear: ranges.shear_range * signed[5],
    zoomX: lowest + (highest - lowest) * draws[6],
    zoomY: lowest + (highest - lowest) * draws[7],
    flip: ranges.horizontal_flip && draws[8] < 0.5,
  };
}

/**
 * One augmented version of an image, rounded as a stored image is.
 * @param {ArrayLike<number>} pixels (H, W, C), 0–255
 * @param {import("./resample.js").Size} size
 * @param {Ranges} ranges @param {{seed: number, epoch: number, position: number}} address
 * @returns {Float32Array} (H, W, C)
 */
export function augmented(pixels, size, ranges, address) {
  const matrix = transformMatrix(drawTransform(ranges, address, size), size);
  return resample(pixels, size, matrix, { fillMode: ranges.fill_mode }).map(Math.round);
}

/** The settings as `--augment` and `Augmentation(…)` take them. @param {Ranges} ranges */
export function augmentationCode(ranges) {
  const written = Object.entries(ranges).map(([name, value]) => {
    if (typeof value === "boolean") return `${name}=${value ? "True" : "False"}`;
    return `${name}=${typeof value === "string" ? `"${value}"` : Number.isInteger(value) ? value.toFixed(1) : value}`;
  });
  return `Augmentation(${written.join(", ")})`;
}
