// @ts-check
// Photographs as a network is shown them: the rule of Python's loader, in whole numbers.

import { fitted } from "./engine/fitting.js";
import { pixelsOf } from "./raster.js";

const LONGEST = 8192; // pixels of a side, which every browser's canvas can hold

/**
 * Return an image file as pixels. Its orientation counts, its color profile does not.
 *
 * @param {Blob} blob
 * @param {{height: number, width: number, channels: number, fit?: string}} image What the network takes.
 * @returns {Promise<Uint8Array>} (H, W, C)
 */
export async function decodePhotograph(blob, image) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  try {
    return toNetworkImage(pixelsOf(bitmap, LONGEST), image);
  } finally {
    bitmap.close();
  }
}

/**
 * Return a picture of the browser as pixels for a network: on white paper, in color or gray, then
 * squashed, cropped or padded to the size.
 *
 * @param {{width: number, height: number, data: ArrayLike<number>}} picture RGBA, 0 to 255.
 * @param {{height: number, width: number, channels: number, fit?: string}} image
 * @returns {Uint8Array} (H, W, C)
 */
export function toNetworkImage({ width, height, data }, image) {
  const { channels } = image;
  const pixels = new Uint8Array(width * height * channels);
  for (let k = 0; k < width * height; k++) {
    const opaque = data[4 * k + 3];
    const red = onWhite(data[4 * k], opaque);
    const green = onWhite(data[4 * k + 1], opaque);
    const blue = onWhite(data[4 * k + 2], opaque);
    if (channels === 1) {
      pixels[k] = grayOf(red, green, blue);
    } else {
      pixels[3 * k] = red;
      pixels[3 * k + 1] = green;
      pixels[3 * k + 2] = blue;
    }
  }
  return fitted(pixels, width, height, image);
}

/** @param {number} value @param {number} opaque 0 to 255 */
function onWhite(value, opaque) {
  return opaque === 255 ? value : Math.round((value * opaque + 255 * (255 - opaque)) / 255);
}

/** Return a gray level with the weights of ITU-R 601-2, in 65,536ths. */
function grayOf(/** @type {number} */ red, /** @type {number} */ green, /** @type {number} */ blue) {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}
