// @ts-check
/** The network's input with a sticker to drag over it. */

import { drawImage, createMap } from "../draw/map.js";
import { createCheck, createChoice, createSlider } from "./controls.js";
import { element, setStyle } from "../element.js";
import { stickerBounds } from "../play/changes.js";

const NEW = { x: 0.5, y: 0.5, size: 0.25, shade: 255 };
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {[string, string][]} */
const SHADES = [["255", "white"], ["128", "gray"], ["0", "black"]];

/** @param {any} context */
export function createSticker(context) {
  return new Sticker(context);
}

class Sticker {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.canvas = createMap();
    this.handle = element("div", {
      class: "convlab-sticker", tabIndex: 0, role: "application", "aria-label": "Sticker: drag it, or move it with the arrow keys",
      "aria-keyshortcuts": Object.keys(MOVES).join(" "),
    });
    this.picture = element("div", { class: "convlab-picture" }, this.canvas, this.handle);
    this.on = createCheck(context, "Sticker", (on) => this.set(on ? NEW : null));
    this.size = createSlider(context, { label: "Size", unit: "of the side", low: 0.05, high: 0.8, step: 0.05, onInput: (size) => this.change({ size }) });
    this.shade = createChoice(context, { label: "Shade", onChange: (value) => this.change({ shade: Number(value) }) });
    this.controls = element("div", { class: "convlab-controls" }, this.on.element, this.size.element, this.shade.element);
    this.listen();
  }

  listen() {
    const { listen } = this.context;
    listen(this.picture, "pointerdown", (/** @type {PointerEvent} */ event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.picture.setPointerCapture(event.pointerId);
      this.dragTo(event);
      this.handle.focus({ preventScroll: true });
    });
    listen(this.picture, "pointermove", (/** @type {PointerEvent} */ event) => {
      if (this.picture.hasPointerCapture(event.pointerId)) this.dragTo(event);
    });
    listen(this.handle, "keydown", (/** @type {KeyboardEvent} */ event) => {
      const move = MOVES[event.key];
      const sticker = this.sticker;
      if (!move || !sticker) return;
      event.preventDefault();
      const { width, height } = this.image;
      this.change({ x: limited(sticker.x + move[0] / width), y: limited(sticker.y + move[1] / height) });
    });
  }

  get sticker() {
    return this.context.store.state.play.sticker;
  }

  /** @returns {{height: number, width: number, channels: number}} */
  get image() {
    return this.context.catalog.get(this.context.store.state.model)?.image ?? { height: 28, width: 28, channels: 1 };
  }

  /** @param {any} sticker */
  set(sticker) {
    this.context.store.dispatch({ type: "play", play: { sticker } });
  }

  /** @param {any} part */
  change(part) {
    this.set({ ...(this.sticker ?? NEW), ...part });
  }

  /** @param {PointerEvent} event */
  dragTo(event) {
    const box = this.picture.getBoundingClientRect();
    this.change({ x: limited((event.clientX - box.left) / box.width), y: limited((event.clientY - box.top) / box.height) });
  }

  /** @param {ArrayLike<number> | null} pixels */
  update(pixels) {
    const { height, width, channels } = this.image;
    const { sticker } = this;
    if (pixels === this.drawn) return;
    this.drawn = pixels;
    if (pixels) drawImage(this.canvas, pixels, [height, width, channels]);
    setStyle(this.picture, { "--ratio": width / height });
    this.on.show(sticker !== null);
    this.size.show((sticker ?? NEW).size);
    this.shade.show(SHADES, String((sticker ?? NEW).shade ?? 255));
    this.handle.hidden = sticker === null;
    if (!sticker) return;
    const { top, left, bottom, right } = stickerBounds({ height, width }, sticker);
    setStyle(this.handle, {
      left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`,
      width: `${(100 * (right - left)) / width}%`, height: `${(100 * (bottom - top)) / height}%`,
    });
  }
}

/** A share with four digits, so that addresses stay short. @param {number} share */
function limited(share) {
  return Number(Math.min(1, Math.max(0, share)).toFixed(4));
}
