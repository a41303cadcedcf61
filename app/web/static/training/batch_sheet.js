// @ts-check
/** Images as a sheet of small pictures with a line below each: a batch, hard images, predictions. */

import { createCanvas, putPixels } from "../raster.js";
import { element, setText } from "../element.js";

const MOST = 48; // pictures

/**
 * @param {string} label What the pictures are.
 * @param {(place: number) => void} [onChoose]
 */
export function createSheet(label, onChoose) {
  const list = element("ul", { class: "convlab-sheet", "aria-label": label });
  /** @type {{element: any, canvas: any, notes: any[]}[]} */
  let pictures = [];
  /** @type {any} */
  let drawn = null;
  return {
    element: list,
    /**
     * @param {{shape: number[], data: Uint8Array} | null} images (N, H, W, C)
     * @param {(place: number) => [string, string]} notesOf Two lines below an image.
     * @param {(place: number) => boolean} [isMarked]
     */
    update(images, notesOf, isMarked = () => false) {
      if (images !== null) pictures.forEach(({ element: item }, place) => item.classList.toggle("convlab-marked", isMarked(place)));
      if (images === drawn) return;
      drawn = images;
      if (images === null) {
        pictures = [];
        return void list.replaceChildren();
      }
      const [all, height, width, channels] = images.shape;
      const count = Math.min(all, MOST);
      if (pictures.length !== count || pictures[0]?.canvas.width !== width) {
        pictures = Array.from({ length: count }, (_, place) => pictureOf(width, height, onChoose && (() => onChoose(place))));
        list.replaceChildren(...pictures.map((picture) => picture.element));
      }
      const size = height * width * channels;
      pictures.forEach(({ element: item, canvas, notes }, place) => {
        putPixels(canvas, { height, width, channels, data: images.data.subarray(place * size, (place + 1) * size) });
        notesOf(place).forEach((text, line) => setText(notes[line], text));
        item.classList.toggle("convlab-marked", isMarked(place));
      });
    },
  };
}

/** @param {number} width @param {number} height @param {(() => void) | undefined} onClick */
function pictureOf(width, height, onClick) {
  const { canvas } = createCanvas(width, height);
  const notes = [element("span"), element("small")];
  const content = [canvas, notes];
  const item = element("li", {}, onClick ? element("button", { type: "button", onclick: onClick }, content) : content);
  return { element: item, canvas, notes };
}

/** The class that a target of any form stands for. @param {any} targets @param {number} place @param {string[]} classes */
export function classOf({ shape, data }, place, classes) {
  if (shape.length === 1) return classes[Math.round(data[place])];
  const row = data.subarray(place * shape[1], (place + 1) * shape[1]);
  return classes[row.indexOf(Math.max(...row))];
}

/** The most probable classes with their shares. @param {any} probabilities (N, K) @param {number} place @param {string[]} classes @param {number} count */
export function topOf({ shape, data }, place, classes, count) {
  const row = [...data.subarray(place * shape[1], (place + 1) * shape[1])];
  return row.map((value, k) => ({ name: classes[k], index: k, value })).sort((a, b) => b.value - a.value).slice(0, count);
}
