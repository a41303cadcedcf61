// @ts-check
// Distances to the nearest pixel of a mask, approximated by steps to neighbors.

// Steps to a straight, a diagonal and a knight's neighbor.
const [STRAIGHT, DIAGONAL, KNIGHT] = [1, 1.4, 2.1969];
const MARGIN = 2;
const FAR = 1e9;

/**
 * Return the distance of each pixel to the nearest zero.
 *
 * @param {ArrayLike<number>} mask (H, W)
 * @param {number} width
 * @param {number} height
 * @param {number} outside Mask beyond the edge: 0 or 1.
 * @returns {Float32Array} (H, W), 0 where the mask is 0
 */
export function distanceToZero(mask, width, height, outside) {
  const row = width + 2 * MARGIN;
  const distance = new Float32Array(row * (height + 2 * MARGIN)).fill(outside ? FAR : 0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      distance[(y + MARGIN) * row + x + MARGIN] = mask[y * width + x] ? FAR : 0;
    }
  }
  // Never through the margin: the end of a row lies beside the start of the next one.
  for (let y = 0; y < height; y++) {
    const start = (y + MARGIN) * row + MARGIN;
    for (let k = start; k < start + width; k++) if (distance[k] > 0) relax(distance, k, row, 1);
  }
  for (let y = height - 1; y >= 0; y--) {
    const start = (y + MARGIN) * row + MARGIN;
    for (let k = start + width - 1; k >= start; k--) if (distance[k] > 0) relax(distance, k, row, -1);
  }
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = (y + MARGIN) * row + MARGIN;
    result.set(distance.subarray(start, start + width), y * width);
  }
  return result;
}

/**
 * @param {Float32Array} distance
 * @param {number} k
 * @param {number} row
 * @param {number} way 1 or -1: neighbors before or behind.
 */
function relax(distance, k, row, way) {
  const above = k - way * row;
  const far = above - way * row;
  const straight = Math.min(distance[k - way], distance[above]) + STRAIGHT;
  const diagonal = Math.min(distance[above - 1], distance[above + 1]) + DIAGONAL;
  const knight = Math.min(
    distance[above - 2], distance[above + 2], distance[far - 1], distance[far + 1],
  ) + KNIGHT;
  distance[k] = Math.min(distance[k], straight, diagonal, knight);
}
