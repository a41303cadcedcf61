// @ts-check
// Masks of ink, 1 on 0, and what becomes of them under a box that slides over them.

/**
 * @typedef {{width: number, height: number, data: Uint8Array}} Mask
 */

/**
 * Return a mask that has ink where a box touches some. The middle of an even box is behind its center.
 *
 * @param {Mask} mask
 * @param {number} across Width of the box.
 * @param {number} down Height of the box.
 * @returns {Mask}
 */
export function dilated(mask, across, down) {
  return counted(mask, across, down, (count) => count > 0);
}

/**
 * Return a mask that has ink where a box fits into it and beyond the edge.
 *
 * @param {Mask} mask
 * @param {number} across
 * @param {number} down
 * @returns {Mask}
 */
export function eroded(mask, across, down) {
  return counted(mask, across, down, (count, places) => count === places);
}

/**
 * Return what of a mask is as wide and high as a box.
 *
 * @param {Mask} mask
 * @param {number} across
 * @param {number} down
 * @returns {Mask}
 */
export function opened(mask, across, down) {
  return dilated(eroded(mask, across, down), across, down);
}

/**
 * Return a mask of some pixels.
 *
 * @param {Mask} mask
 * @param {(value: number, place: number) => boolean} isInk
 * @returns {Mask}
 */
export function chosen({ width, height, data }, isInk) {
  return { width, height, data: data.map((value, k) => (isInk(value, k) ? 1 : 0)) };
}

/**
 * Return a part of a mask; beyond its edges there is no ink.
 *
 * @param {Mask} mask
 * @param {{left: number, top: number, width: number, height: number}} box
 * @returns {Mask}
 */
export function cropped(mask, { left, top, width, height }) {
  const data = new Uint8Array(width * height);
  const [first, end] = [Math.max(0, left), Math.min(mask.width, left + width)];
  for (let y = Math.max(0, top); y < Math.min(mask.height, top + height); y++) {
    data.set(mask.data.subarray(y * mask.width + first, y * mask.width + end), (y - top) * width + first - left);
  }
  return { width, height, data };
}

/**
 * Return a mask with rows as columns.
 *
 * @param {Mask} mask
 * @returns {Mask}
 */
export function transposed({ width, height, data }) {
  const turned = new Uint8Array(data.length);
  for (let k = 0; k < data.length; k++) turned[(k % width) * height + Math.floor(k / width)] = data[k];
  return { width: height, height: width, data: turned };
}

/** @param {Mask} mask @param {number} across @param {number} down @param {(count: number, places: number) => boolean} isInk */
function counted({ width, height, data }, across, down, isInk) {
  const sums = new Int32Array((width + 1) * (height + 1)); // of all above and to the left
  for (let y = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++) {
      row += data[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - (down >> 1));
    const bottom = Math.min(height, y - (down >> 1) + down);
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - (across >> 1));
      const right = Math.min(width, x - (across >> 1) + across);
      const count = sums[bottom * (width + 1) + right] - sums[top * (width + 1) + right]
        - sums[bottom * (width + 1) + left] + sums[top * (width + 1) + left];
      result[y * width + x] = isInk(count, (bottom - top) * (right - left)) ? 1 : 0;
    }
  }
  return { width, height, data: result };
}
