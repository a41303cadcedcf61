// @ts-check
// The board: draw, erase, undo, clear; drop, paste, choose or photograph an image.

import { BOARD } from "../strokes.js";
import { DIGITS, EXAMPLE } from "../example.js";
import { createCanvas, drawStrokes, putPixels } from "../raster.js";
import { createCaption } from "./drawing_caption.js";
import { createChanges } from "./changes.js";
import { createTools } from "./drawing_tools.js";
import { element, setText } from "../element.js";

const PIXELS = 2 * BOARD; // of the visible board, sharp on fine screens
const SMOOTH_FROM = 64; // pixels; smaller pictures keep their pixels in sight
const PEN_ERASER = 32; // bit of PointerEvent.buttons: the other end of a pen

/**
 * Return the board.
 *
 * @param {any} context
 */
export function createDrawing(context) {
  const { input } = context;
  const { canvas, board } = createCanvas(PIXELS, PIXELS);
  const small = createCanvas(1, 1).canvas;
  canvas.className = "convlab-board";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-keyshortcuts", "0 1 2 3 4 5 6 7 8 9 E Control+Z Delete");
  const heading = element("h2", { class: "convlab-heading" });
  const caption = createCaption(context);
  const changes = createChanges(context);
  const tools = createTools(context);
  new Pen(context, canvas, tools);
  listenToKeys(context, canvas, tools);
  listenToImages(context);
  /** @type {any} */
  let drawn = null;
  let wasGiven = false;
  return {
    element: element("section", { class: "convlab-drawing", "aria-label": "Input" },
      element("div", { class: "convlab-drawing-board" }, heading, canvas, changes.element, caption.element), tools.element),
    update(/** @type {any} */ state) {
      tools.update(state);
      caption.update(state);
      changes.update(state);
      setText(heading, context.catalog.get(state.model)?.mnist_style === false ? "Choose an image" : "Draw a digit");
      const { kind, strokes = EXAMPLE.strokes } = state.input;
      const isDrawn = kind === "drawing" || kind === "example";
      const shown = isDrawn ? strokes : input.shown.picture ?? input.steps[0];
      canvas.classList.toggle("convlab-given", tools.isGiven);
      if (shown === drawn && tools.isGiven === wasGiven) return;
      [drawn, wasGiven] = [shown, tools.isGiven];
      const hint = tools.isGiven ? "" : " Draw a digit, or type one.";
      const label = `Board, ${input.caption || "empty"}.${hint}`;
      canvas.setAttribute("aria-label", label);
      drawStrokes(board, isDrawn ? strokes : []);
      if (!isDrawn && shown) drawPicture(board, small, shown);
    },
    dispose() {},
  };
}

/**
 * @param {CanvasRenderingContext2D} board
 * @param {HTMLCanvasElement} small
 * @param {import("../input.js").Picture} picture
 */
function drawPicture(board, small, picture) {
  putPixels(small, picture);
  const longest = Math.max(picture.width, picture.height);
  const [width, height] = [picture.width, picture.height].map((side) => (side * PIXELS) / longest);
  board.setTransform(1, 0, 0, 1, 0, 0);
  board.imageSmoothingEnabled = picture.width > SMOOTH_FROM;
  board.drawImage(small, (PIXELS - width) / 2, (PIXELS - height) / 2, width, height);
}

/** A mouse, a pen or one finger on the board. */
class Pen {
  /** @param {any} context @param {HTMLCanvasElement} canvas @param {any} tools */
  constructor({ store, listen }, canvas, tools) {
    this.store = store;
    this.canvas = canvas;
    this.tools = tools;
    /** @type {number | null} Identifier of the pointer that draws. */
    this.pointer = null;
    /** @type {number[]} */
    this.last = [];
    listen(canvas, "pointerdown", (/** @type {PointerEvent} */ event) => this.start(event));
    listen(canvas, "pointermove", (/** @type {PointerEvent} */ event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      listen(canvas, end, (/** @type {PointerEvent} */ event) => this.finish(event));
    }
  }

  /** @param {PointerEvent} event */
  start(event) {
    if (this.tools.isGiven || this.pointer !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.last = this.place(event);
    const erase = this.tools.erases || (event.buttons & PEN_ERASER) !== 0;
    const width = erase ? 2 * this.tools.width : this.tools.width;
    this.store.dispatch({ type: "stroke", stroke: { width, erase, points: this.last } });
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerId !== this.pointer) return;
    const between = event.getCoalescedEvents();
    const points = [];
    for (const part of between.length ? between : [event]) {
      const [x, y] = this.place(part);
      if (x !== this.last[0] || y !== this.last[1]) points.push(x, y);
      this.last = [x, y];
    }
    if (points.length) this.store.dispatch({ type: "extend", points });
  }

  /** @param {PointerEvent} event */
  finish(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.store.dispatch({ type: "finish" });
  }

  /** @param {PointerEvent} event @returns {number[]} x and y on the board */
  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const shares = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    return shares.map((share) => Math.min(BOARD - 1, Math.max(0, Math.round(share * BOARD))));
  }
}

/** @param {any} context @param {HTMLCanvasElement} canvas @param {any} tools */
function listenToKeys({ store, listen, announce }, canvas, tools) {
  listen(canvas, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const key = event.key.toLowerCase();
    const hasCommand = event.ctrlKey || event.metaKey;
    if (hasCommand && key === "z") store.dispatch({ type: "undo" });
    else if (hasCommand || event.altKey) return;
    else if (key === "delete" || key === "backspace") store.dispatch({ type: "clear" });
    else if (tools.isGiven) return;
    else if (key === "e") tools.toggleEraser();
    else if (/^\d$/.test(key)) {
      const strokes = DIGITS[Number(key)];
      store.dispatch({ type: "input", input: { kind: "drawing", strokes } });
      announce(`A ${key} is drawn.`);
    } else return;
    event.preventDefault();
  });
}

/** @param {any} context */
function listenToImages({ input, listen, root }) {
  listen(root, "dragover", (/** @type {DragEvent} */ event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  listen(root, "drop", (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) input.choose(file);
  });
  listen(document, "paste", (/** @type {ClipboardEvent} */ event) => {
    const { activeElement, body } = document;
    const files = [...(event.clipboardData?.files ?? [])];
    const image = files.find((file) => file.type.startsWith("image/"));
    if (!image || !(activeElement === body || root.contains(activeElement))) return;
    event.preventDefault();
    input.choose(image);
  });
}
