// @ts-check
// Images of another size and number of channels, as Python decodes them.

import { resize } from "./resample.js";

/**
 * Return the luminance of a color.
 *
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 */
export function luminance(red, green, blue) {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}

/**
 * Return pixels of a size and number of channels.
 *
 * @param {{width: number, height: number, data: ArrayLike<number>}} image Gray or RGB.
 * @param {{width: number, height: number, channels: number}} to
 * @returns {Uint8Array} (H, W, C)
 */
export function toImage({ width, height, data }, to) {
  const channels = data.length / (width * height);
  const colored = channels === to.channels ? data : withChannels(data, channels, to.channels);
  return resize(colored, width, height, to.width, to.height);
}

/** @param {ArrayLike<number>} data @param {number} from @param {number} to */
function withChannels(data, from, to) {
  const count = data.length / from;
  const result = new Uint8Array(count * to);
  for (let k = 0; k < count; k++) {
    const at = k * from;
    const color = [data[at], data[at + Math.min(1, from - 1)], data[at + Math.min(2, from - 1)]];
    if (to === 1) result[k] = luminance(color[0], color[1], color[2]);
    else for (let c = 0; c < to; c++) result[k * to + c] = color[Math.min(c, 2)];
  }
  return result;
}

/**
 * Return pixels as whole levels from 0 to 255.
 *
 * @param {ArrayLike<number>} pixels
 * @returns {Uint8Array}
 */
export function wholeLevels(pixels) {
  return new Uint8Array(new Uint8ClampedArray(pixels).buffer); // the browser's own loop rounds
}
