// @ts-check
// Strokes and pixels on canvases.

import { BOARD } from "./strokes.js";

export const PAPER = "#fff";
export const INK = "#000";

/**
 * Draw strokes on a canvas: smooth curves through the middles between points.
 *
 * @param {CanvasRenderingContext2D} board
 * @param {import("./strokes.js").Stroke[]} strokes
 */
export function drawStrokes(board, strokes) {
  const { width, height } = board.canvas;
  board.setTransform(width / BOARD, 0, 0, height / BOARD, 0, 0);
  board.fillStyle = PAPER;
  board.fillRect(0, 0, BOARD, BOARD);
  board.lineCap = board.lineJoin = "round";
  for (const stroke of strokes) drawStroke(board, stroke);
}

/** @param {CanvasRenderingContext2D} board @param {import("./strokes.js").Stroke} stroke */
function drawStroke(board, { width, erase, points }) {
  board.strokeStyle = erase ? PAPER : INK;
  board.lineWidth = width;
  board.beginPath();
  board.moveTo(points[0], points[1]);
  for (let k = 2; k + 2 < points.length; k += 2) {
    const [x, y] = [points[k], points[k + 1]];
    board.quadraticCurveTo(x, y, (x + points[k + 2]) / 2, (y + points[k + 3]) / 2);
  }
  board.lineTo(points[points.length - 2], points[points.length - 1]);
  board.stroke();
}

/**
 * @typedef {{canvas: HTMLCanvasElement, board: CanvasRenderingContext2D}} Canvas
 */

/**
 * Return a canvas of the document, not yet on the page.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Canvas}
 */
export function createCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const board = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  return { canvas, board };
}

/**
 * Put pixels on a canvas, which takes their size.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number, data: ArrayLike<number>}} image Gray, RGB, or RGBA, which is put on white paper; 0 to 255.
 */
export function putPixels(canvas, { width, height, data }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const board = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = board.createImageData(width, height);
  const channels = data.length / (width * height);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let k = 0, from = 0, to = 0; k < width * height; k++, from += channels, to += 4) {
    const opaque = channels === 4 ? data[from + 3] : 255;
    image.data[to] = onWhite(data[from], opaque);
    image.data[to + 1] = onWhite(data[from + green], opaque);
    image.data[to + 2] = onWhite(data[from + blue], opaque);
    image.data[to + 3] = 255;
  }
  board.putImageData(image, 0, 0);
}

/** @param {number} value @param {number} opaque 0 to 255 */
function onWhite(value, opaque) {
  return opaque === 255 ? value : 255 - (opaque / 255) * (255 - value);
}

/**
 * Return the RGBA pixels of a picture, reduced to a longest side.
 *
 * @param {ImageBitmap} bitmap
 * @param {number} longest
 * @returns {{width: number, height: number, data: Uint8ClampedArray}}
 */
export function pixelsOf(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const { board } = createCanvas(width, height);
  board.imageSmoothingQuality = "high";
  board.drawImage(bitmap, 0, 0, width, height);
  return { width, height, data: board.getImageData(0, 0, width, height).data };
}
