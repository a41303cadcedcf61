// @ts-check
/** A dropout mask: one square per unit, dropped ones crossed out. */

const CELL = 9; // pixels of the canvas
const MOST = 4096; // units

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} mask 0 where a unit is dropped.
 * @param {number} columns
 * @param {{kept: string, dropped: string}} colors
 */
export function drawMask(canvas, mask, columns, { kept, dropped }) {
  const count = Math.min(mask.length, MOST);
  canvas.width = columns * CELL + 1;
  canvas.height = Math.ceil(count / columns) * CELL + 1;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  for (let index = 0; index < count; index++) {
    const [x, y] = [(index % columns) * CELL + 0.5, Math.floor(index / columns) * CELL + 0.5];
    if (mask[index] !== 0) {
      context.fillStyle = kept;
      context.fillRect(x + 1, y + 1, CELL - 2, CELL - 2);
      continue;
    }
    context.strokeStyle = dropped;
    context.beginPath();
    context.moveTo(x + 2, y + 2);
    context.lineTo(x + CELL - 2, y + CELL - 2);
    context.moveTo(x + CELL - 2, y + 2);
    context.lineTo(x + 2, y + CELL - 2);
    context.stroke();
  }
}
