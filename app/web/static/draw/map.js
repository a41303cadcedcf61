// @ts-check
/**
 * Maps on canvases: one pixel of the canvas for each value; the browser scales it without smoothing.
 *
 * A canvas that is drawn at the size of the data needs one short loop per map, whatever its size on
 * the screen and the ratio of device pixels.
 */
import { TABLE_SIZE, rampTable } from "./color.js";

/** @typedef {import("./color.js").Range} Range */
/** @typedef {import("./color.js").RampName} RampName */
/** @typedef {import("./color.js").Theme} Theme */
/** @typedef {{ramp: RampName, range: Range, theme: Theme}} Coloring */
/** @typedef {{height: number, width: number, channels: number, channel: number}} MapPlace */

/** @type {WeakMap<HTMLCanvasElement, {context: CanvasRenderingContext2D, image: ImageData, words: Uint32Array}>} */
const surfaces = new WeakMap();

/**
 * Return a canvas for maps; it shows nothing until `drawMap` is called.
 * @returns {HTMLCanvasElement}
 */
export function createMap() {
  const canvas = document.createElement("canvas");
  canvas.className = "map";
  canvas.setAttribute("aria-hidden", "true"); // the live region tells what it shows
  return canvas;
}

/**
 * Draw one channel of an output.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} data (H, W, C)
 * @param {MapPlace} place
 * @param {Coloring} coloring
 */
export function drawMap(canvas, data, place, coloring) {
  const { context, image, words } = surfaceOf(canvas, place.width, place.height);
  fillMap(words, data, place, coloring);
  context.putImageData(image, 0, 0);
}

/**
 * Draw an image of one or three channels in its own colors.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} data (H, W, C)
 * @param {readonly number[]} shape
 * @param {number} [highest] Value of white.
 */
export function drawImage(canvas, data, shape, highest = 255) {
  const [height, width, channels] = shape;
  const { context, image } = surfaceOf(canvas, width, height);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let color = 0; color < 3; color++) {
      image.data[pixel * 4 + color] = (data[pixel * channels + (channels < 3 ? 0 : color)] * 255) / highest;
    }
    image.data[pixel * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * Take away what a canvas shows.
 * @param {HTMLCanvasElement} canvas
 */
export function clearMap(canvas) {
  surfaces.get(canvas)?.context.clearRect(0, 0, canvas.width, canvas.height);
}

/**
 * Write the colors of one channel into pixels.
 * @param {Uint32Array} words (H·W)
 * @param {ArrayLike<number>} data (H, W, C)
 * @param {MapPlace} place
 * @param {Coloring} coloring
 */
function fillMap(words, data, place, coloring) {
  const table = rampTable(coloring.ramp, coloring.theme);
  const { low, high } = coloring.range;
  const top = TABLE_SIZE - 1;
  const factor = top / (high - low);
  const offset = 0.5 - low * factor;
  const count = place.height * place.width;
  for (let pixel = 0, index = place.channel; pixel < count; pixel++, index += place.channels) {
    const color = Math.floor(data[index] * factor + offset);
    words[pixel] = color !== color ? 0 : table[color < 0 ? 0 : color > top ? top : color]; // NaN is transparent
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function surfaceOf(canvas, width, height) {
  let surface = surfaces.get(canvas);
  if (surface === undefined || surface.image.width !== width || surface.image.height !== height) {
    canvas.width = width;
    canvas.height = height;
    const context = surface?.context ?? canvas.getContext("2d", { willReadFrequently: true }); // small canvases stay off the GPU
    if (context === null) throw new Error("The browser has no 2D canvas.");
    const image = context.createImageData(width, height);
    surface = { context, image, words: new Uint32Array(image.data.buffer) };
    surfaces.set(canvas, surface);
  }
  return surface;
}
