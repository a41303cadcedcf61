// @ts-check
// Connected parts of a mask.

/**
 * @typedef {{id: number, left: number, top: number, width: number, height: number, area: number,
 *   extent: number}} Part
 * @typedef {{labels: Int32Array, parts: Part[]}} Components  A label is the id of a part, or 0.
 */

/**
 * Return the parts of a mask; neighbors are connected along edges and corners.
 *
 * @param {Uint8Array} mask (H, W)
 * @param {number} width
 * @param {number} height
 * @returns {Components}
 */
export function componentsOf(mask, width, height) {
  const labels = new Int32Array(width * height);
  const open = new Int32Array(width * height);
  /** @type {Part[]} */
  const parts = [];
  for (let k = 0; k < mask.length; k++) {
    if (mask[k] && !labels[k]) parts.push(flood(mask, labels, open, k, width, parts.length + 1));
  }
  return { labels, parts };
}

/** @param {Uint8Array} mask @param {Int32Array} labels @param {Int32Array} open @param {number} start @param {number} width @param {number} id @returns {Part} */
function flood(mask, labels, open, start, width, id) {
  const height = mask.length / width;
  let [left, top, right, bottom] = [width, height, 0, 0];
  let [count, area] = [1, 0];
  open[0] = start;
  labels[start] = id;
  while (count > 0) {
    const k = open[--count];
    const y = (k / width) | 0;
    const x = k - y * width;
    area++;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const next = row * width + column;
        if (mask[next] && !labels[next]) {
          labels[next] = id;
          open[count++] = next;
        }
      }
    }
  }
  const [wide, high] = [right - left + 1, bottom - top + 1];
  return { id, left, top, width: wide, height: high, area, extent: Math.max(wide, high) };
}

/**
 * Return the box around parts.
 *
 * @param {Part[]} parts
 */
export function boxAround(parts) {
  const left = Math.min(...parts.map((part) => part.left));
  const top = Math.min(...parts.map((part) => part.top));
  const right = Math.max(...parts.map((part) => part.left + part.width));
  const bottom = Math.max(...parts.map((part) => part.top + part.height));
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * Return a mask widened by a pixel in all directions.
 *
 * @param {Uint8Array} mask
 * @param {number} width
 * @param {number} height
 */
export function widened(mask, width, height) {
  const result = mask.slice();
  for (let k = 0; k < mask.length; k++) {
    if (!mask[k]) continue;
    const y = (k / width) | 0;
    const x = k - y * width;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      result.fill(1, row * width + Math.max(0, x - 1), row * width + Math.min(width, x + 2));
    }
  }
  return result;
}
