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
  const runs = runsOf(mask, width);
  const roots = connected(runs, width);
  const labels = new Int32Array(width * height);
  const ids = new Int32Array(roots.length);
  /** @type {{id: number, left: number, top: number, right: number, bottom: number, area: number}[]} */
  const found = [];
  for (let n = 0; n < roots.length; n++) {
    const [start, end] = [runs[2 * n], runs[2 * n + 1]];
    const top = Math.floor(start / width);
    const left = start - top * width;
    if (roots[n] === n) {
      ids[n] = found.length + 1;
      found.push({ id: ids[n], left, top, right: left, bottom: top, area: 0 });
    }
    const part = found[ids[roots[n]] - 1];
    part.left = Math.min(part.left, left);
    part.right = Math.max(part.right, left + end - start);
    part.bottom = top + 1;
    part.area += end - start;
    labels.fill(part.id, start, end);
  }
  const parts = found.map(({ id, left, top, right, bottom, area }) => {
    const [wide, high] = [right - left, bottom - top];
    return { id, left, top, width: wide, height: high, area, extent: Math.max(wide, high) };
  });
  return { labels, parts };
}

/**
 * Return where each run of ones within a row starts and ends.
 *
 * @param {Uint8Array} mask (H, W), 0 and 1
 * @param {number} width
 * @returns {number[]} start, end, start, end … in order; places in the mask
 */
function runsOf(mask, width) {
  const runs = [];
  for (let start = mask.indexOf(1); start >= 0; start = mask.indexOf(1, start)) {
    const next = mask.indexOf(0, start);
    const ofRow = start - (start % width) + width;
    const end = next < 0 || next > ofRow ? ofRow : next;
    runs.push(start, end);
    start = end;
  }
  return runs;
}

/**
 * Return the first run that each run is connected with, through others or directly.
 *
 * @param {number[]} runs See `runsOf`.
 * @param {number} width
 * @returns {Int32Array}
 */
function connected(runs, width) {
  const first = Int32Array.from({ length: runs.length / 2 }, (_, n) => n);
  const rootOf = (/** @type {number} */ n) => {
    while (first[n] !== n) n = first[n] = first[first[n]];
    return n;
  };
  let above = 0;
  for (let n = 0; n < first.length; n++) {
    const [start, end] = [runs[2 * n] - width, runs[2 * n + 1] - width]; // the same columns a row higher
    const row = start - (((start % width) + width) % width);
    while (runs[2 * above + 1] < Math.max(start, row + 1)) above++; // too far left, or rows higher
    for (let m = above; m < n && runs[2 * m] <= Math.min(end, row + width - 1); m++) {
      const [one, other] = [rootOf(m), rootOf(n)];
      first[Math.max(one, other)] = Math.min(one, other);
    }
  }
  return first.map((_, n) => rootOf(n));
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
  const runs = runsOf(mask, width);
  for (let n = 0; n < runs.length; n += 2) {
    const [start, end] = [runs[n], runs[n + 1]];
    const row = start - (start % width);
    const [left, right] = [Math.max(row, start - 1), Math.min(row + width, end + 1)];
    for (const shift of [-width, 0, width]) {
      if (row + shift >= 0 && row + shift < width * height) result.fill(1, left + shift, right + shift);
    }
  }
  return result;
}
