// @ts-check
/** Images as a sheet of small pictures with lines below each: a batch, hard images, predictions. */

import { createCanvas, putPixels } from "../raster.js";
import { element, setText } from "../element.js";
import { largest } from "../play/spread.js";

export const MOST_PICTURES = 48;

/** @typedef {"wrong" | "chosen" | "dropped"} Mark */

/**
 * @param {string} label What the pictures are.
 * @param {(place: number) => void} [onChoose] Called with the place of a picture; without it, they are no buttons.
 * @param {Mark} [mark] What the marked pictures are; those that are not wrong were chosen.
 */
export function createSheet(label, onChoose, mark = "wrong") {
  const list = element("ul", { class: `convlab-sheet convlab-mark-${mark}`, "aria-label": label });
  /** @type {{element: any, canvas: any, notes: any}[]} */
  let pictures = [];
  /** @type {any} */
  let drawn = null;
  const build = (/** @type {number} */ count) => {
    pictures = Array.from({ length: count }, (_, place) => pictureOf(onChoose && (() => onChoose(place))));
    list.replaceChildren(...pictures.map((picture) => picture.element));
  };
  return {
    element: list,
    /**
     * @param {{shape: number[], data: Uint8Array} | null} images (N, H, W, C)
     * @param {(place: number) => string[]} notesOf Lines below an image.
     * @param {(place: number) => boolean} [isMarked]
     */
    update(images, notesOf, isMarked = () => false) {
      if (images !== drawn) {
        drawn = images;
        const [all, height, width, channels] = images?.shape ?? [0, 0, 0, 0];
        const count = Math.min(all, MOST_PICTURES);
        if (pictures.length !== count) build(count);
        const size = height * width * channels;
        pictures.forEach(({ canvas, notes }, place) => {
          putPixels(canvas, { height, width, data: /** @type {any} */ (images).data.subarray(place * size, (place + 1) * size) });
          setLines(notes, notesOf(place));
        });
      }
      pictures.forEach(({ element: item }, place) => {
        item.classList.toggle("convlab-marked", isMarked(place));
        if (mark !== "wrong") item.firstChild.setAttribute("aria-pressed", String(isMarked(place)));
      });
    },
  };
}

/** What the frames of a sheet mean. @param {Mark} mark @param {string} words */
export function createMarkLegend(mark, words) {
  return element("p", { class: `convlab-mark-legend convlab-mark-${mark}` }, element("i"), words);
}

/** @param {(() => void) | undefined} onClick */
function pictureOf(onClick) {
  const { canvas } = createCanvas(1, 1);
  const notes = element("span", { class: "convlab-sheet-notes" });
  const content = [canvas, notes];
  const item = element("li", {}, onClick ? element("button", { type: "button", onclick: onClick }, content) : content);
  return { element: item, canvas, notes };
}

/** @param {any} target @param {string[]} lines */
function setLines(target, lines) {
  while (target.children.length < lines.length) target.append(element(target.children.length ? "small" : "span"));
  lines.forEach((line, k) => setText(target.children[k], line));
}

/** The class that a target of any form stands for. @param {any} targets @param {number} place @param {string[]} classes */
export function classOf({ shape, data }, place, classes) {
  if (shape.length === 1) return classes[Math.round(data[place])];
  const row = data.subarray(place * shape[1], (place + 1) * shape[1]);
  return classes[largest(row)];
}

/** The most probable classes with their shares. @param {any} probabilities (N, K) @param {number} place @param {string[]} classes @param {number} count */
export function topOf({ shape, data }, place, classes, count) {
  const row = [...data.subarray(place * shape[1], (place + 1) * shape[1])];
  return row.map((value, k) => ({ name: classes[k], index: k, value })).sort((a, b) => b.value - a.value).slice(0, count);
}
