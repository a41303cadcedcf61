// @ts-check
/** A confusion matrix: its sums and shares, and its cells as texts. No DOM. */

import { countText } from "../draw/numbers.js";

/**
 * @typedef {{truth: number, predicted: number}} Cell Positions of two classes.
 * @typedef {object} Confusion
 * @property {number[][]} matrix Number of images: one row per true class, one column per predicted class.
 * @property {number[]} sums Images of each true class.
 * @property {number} total
 * @property {number} errors
 * @property {Cell|null} worst The cell off the diagonal with the largest share of its row; null without errors.
 */

/**
 * Return what is known of a matrix.
 * @param {number[][]} matrix
 * @returns {Confusion}
 */
export function readConfusion(matrix) {
  const sums = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = sums.reduce((sum, count) => sum + count, 0);
  const right = matrix.reduce((sum, row, k) => sum + row[k], 0);
  const confusion = { matrix, sums, total, errors: total - right, worst: null };
  /** @type {Cell|null} */
  let worst = null;
  for (const cell of cellsOf(confusion)) {
    const isWorse = worst === null || shareOf(confusion, cell) > shareOf(confusion, worst);
    if (cell.truth !== cell.predicted && countOf(confusion, cell) > 0 && isWorse) worst = cell;
  }
  return { ...confusion, worst };
}

/** @param {Confusion} confusion @returns {Cell[]} Row by row. */
export function cellsOf({ matrix }) {
  return matrix.flatMap((row, truth) => row.map((_, predicted) => ({ truth, predicted })));
}

/** @param {Confusion} confusion @param {Cell} cell */
export function countOf({ matrix }, { truth, predicted }) {
  return matrix[truth][predicted];
}

/** The share of the images of the true class. @param {Confusion} confusion @param {Cell} cell */
export function shareOf(confusion, cell) {
  return countOf(confusion, cell) / (confusion.sums[cell.truth] || 1);
}

/**
 * How strongly a cell is shaded: its share of the row against the largest one off the diagonal.
 * @param {Confusion} confusion
 * @param {Cell} cell
 * @returns {number} 0 to 1; 0 on the diagonal
 */
export function shadeOf(confusion, cell) {
  if (cell.truth === cell.predicted || confusion.worst === null) return 0;
  return shareOf(confusion, cell) / shareOf(confusion, confusion.worst);
}

/**
 * Return the cell of a text in the address, or null.
 * @param {unknown} text
 * @param {number} size Number of classes.
 * @returns {Cell|null}
 */
export function readCell(text, size) {
  const found = /^(\d{1,6})-(\d{1,6})$/.exec(String(text ?? ""));
  if (!found) return null;
  const [truth, predicted] = [Number(found[1]), Number(found[2])];
  return truth < size && predicted < size ? { truth, predicted } : null;
}

/** @param {Cell|null} cell @returns {string} */
export function writeCell(cell) {
  return cell ? `${cell.truth}-${cell.predicted}` : "";
}

/**
 * Return a share in percent, with one digit.
 * @param {number} share 0 to 1
 */
export function percentText(share) {
  if (share > 0 && share < 0.0005) return "<0.1%";
  if (share < 1 && share >= 0.9995) return ">99.9%";
  return `${(100 * share).toFixed(1)}%`;
}

/**
 * Return a cell in words.
 * @param {Confusion} confusion @param {string[]} classes @param {Cell} cell
 */
export function describeCell(confusion, classes, cell) {
  const [count, sum] = [countOf(confusion, cell), confusion.sums[cell.truth]];
  const share = sum > 0 ? ` (${percentText(shareOf(confusion, cell))})` : "";
  return `true class ${classes[cell.truth]}, predicted class ${classes[cell.predicted]}: ${countText(count)} of ${imagesText(sum)}${share}`;
}

/**
 * Return what the numbers say, and on which images they were measured.
 * @param {{split: string, source?: string}} evaluation @param {Confusion} confusion @param {string[]} classes
 */
export function summarize({ split, source }, confusion, classes) {
  const { total, errors, worst } = confusion;
  // A page without a server names the images by their split alone.
  const images = source ?? (/\d/.test(split) ? split : `${countText(total)} ${split} images`);
  const measured = `Measured on ${images}: ${percentText(1 - errors / (total || 1))} are predicted right, ${countText(errors)} ${errors === 1 ? "error" : "errors"}.`;
  if (!worst) return measured;
  const equal = cellsOf(confusion).filter((cell) => cell.truth !== cell.predicted && shareOf(confusion, cell) === shareOf(confusion, worst)).length;
  const which = equal === 1 ? "The largest share" : `One of the ${equal} largest shares, which are equal`;
  return `${measured} ${which}: ${describeCell(confusion, classes, worst)}.`;
}

/** @param {number} count */
export function imagesText(count) {
  return `${countText(count)} ${count === 1 ? "image" : "images"}`;
}
