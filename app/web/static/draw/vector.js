// @ts-check
/** Vectors as blocks of cells: a labelled list if it is short, rows of small squares otherwise. */

/** @typedef {{columns: number, rows: number, cell: number}} VectorLayout Cell in CSS pixels. */

/** Longest vector that is shown as a list with a line for each value. */
export const LONGEST_LIST = 12;

/** CSS pixels that a block should not exceed. */
const HEIGHT = 420;

/**
 * Return how a vector is laid out in a width.
 * @param {number} count Values.
 * @param {number} width CSS pixels.
 * @param {number} [line] Cells side by side, where the vector is a picture row by row.
 * @returns {VectorLayout}
 */
export function vectorLayout(count, width, line = columnsFor(count)) {
  for (const cell of [14, 12, 10, 8, 6, 5, 4, 3]) {
    const columns = Math.min(line, Math.floor(width / cell));
    const rows = Math.ceil(count / columns);
    if (rows * cell <= HEIGHT && (columns === line || cell === 3)) return { columns, rows, cell };
  }
  const columns = Math.floor(width / 2);
  return { columns, rows: Math.ceil(count / columns), cell: 2 };
}

/**
 * Return the index of the value at a cell of the block, or null outside the vector.
 * @param {VectorLayout} layout
 * @param {number} count
 * @param {number} row
 * @param {number} column
 * @returns {number|null}
 */
export function vectorIndex(layout, count, row, column) {
  const index = row * layout.columns + column;
  const inside = row >= 0 && column >= 0 && column < layout.columns && index < count;
  return inside ? index : null;
}

/**
 * Return a vector padded to whole rows, with the cells behind its end not a number.
 * @param {ArrayLike<number>} data
 * @param {VectorLayout} layout
 * @returns {Float32Array} (rows · columns)
 */
export function vectorBlock(data, layout) {
  const block = new Float32Array(layout.rows * layout.columns).fill(Number.NaN);
  block.set(/** @type {Float32Array} */ (data));
  return block;
}

/**
 * @param {number} count
 * @returns {number} Cells side by side: 8 or 16 where the vector is long enough, as sizes of layers are powers of two.
 */
function columnsFor(count) {
  if (count <= 32) return count <= 16 ? 4 : 8;
  return count <= 128 ? 8 : count <= 640 ? 16 : 32;
}
