// @ts-check
// Cells and regions. A vector of N units counts as a map of one cell with N channels.

/**
 * @typedef {{row?: number, column?: number, channel: number}} Cell
 * @typedef {{name: string, row?: number, column?: number, channel: number}} Source
 * @typedef {{top: number, left: number, bottom: number, right: number}} Region
 */

/**
 * Return height, width and channels of a shape of any rank.
 *
 * @param {number[]} shape
 * @returns {[number, number, number]}
 */
export function mapShape(shape) {
  const [channels = 1, width = 1, ...rest] = [...shape].reverse();
  return [sizeOf(rest), width, channels];
}

/**
 * Return the number of values in a shape.
 *
 * @param {number[]} shape
 */
export function sizeOf(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Return the position of a cell in the values of an output.
 *
 * @param {number[]} shape
 * @param {Cell} cell
 */
export function indexOf(shape, cell) {
  const [height, width, channels] = mapShape(shape);
  const { row = 0, column = 0, channel } = cell;
  const places = [[row, height], [column, width], [channel, channels]];
  if (!places.every(([place, size]) => Number.isInteger(place) && place >= 0 && place < size)) {
    const where = `row ${row}, column ${column}, channel ${channel}`;
    throw new RangeError(`No cell at ${where} of an output (${shape.join(", ")}).`);
  }
  return (row * width + column) * channels + channel;
}

/**
 * Return the cell at a position in the values of an output.
 *
 * @param {string} name Operation that the output is of.
 * @param {number[]} shape
 * @param {number} index
 * @returns {Source}
 */
export function cellAt(name, shape, index) {
  const [, width, channels] = mapShape(shape);
  const channel = index % channels;
  if (shape.length === 1) {
    return { name, channel };
  }
  const place = (index - channel) / channels;
  return { name, row: Math.floor(place / width), column: place % width, channel };
}

/**
 * Return the region of all cells of a shape.
 *
 * @param {number[]} shape
 * @returns {Region}
 */
export function wholeRegion(shape) {
  const [height, width] = mapShape(shape);
  return { top: 0, left: 0, bottom: height - 1, right: width - 1 };
}

/**
 * Return the part of a region that lies inside a shape; `null` if none does.
 *
 * @param {Region} region
 * @param {number[]} shape
 * @returns {Region | null}
 */
export function clippedRegion(region, shape) {
  const [height, width] = mapShape(shape);
  const top = Math.max(region.top, 0);
  const left = Math.max(region.left, 0);
  const bottom = Math.min(region.bottom, height - 1);
  const right = Math.min(region.right, width - 1);
  return top > bottom || left > right ? null : { top, left, bottom, right };
}

/**
 * Return the smallest region around two.
 *
 * @param {Region} first
 * @param {Region} second
 * @returns {Region}
 */
export function unionOfRegions(first, second) {
  return {
    top: Math.min(first.top, second.top),
    left: Math.min(first.left, second.left),
    bottom: Math.max(first.bottom, second.bottom),
    right: Math.max(first.right, second.right),
  };
}
