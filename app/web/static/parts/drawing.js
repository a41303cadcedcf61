// @ts-check
// The board: draw, erase, undo, clear; drop, paste, choose or photograph an image.

import { BOARD, PEN_WIDTHS, USUAL_WIDTH } from "../strokes.js";
import { createCanvas, drawStrokes, putPixels } from "../raster.js";
import { DIGITS, EXAMPLE } from "../example.js";
import { element } from "../element.js";

const PIXELS = 2 * BOARD; // of the visible board, sharp on fine screens
const PEN_ERASER = 32; // bit of PointerEvent.buttons: the other end of a pen

/**
 * Return the board.
 *
 * @param {any} context
 */
export function createDrawing(context) {
  const { input } = context;
  const tool = { erase: false, width: USUAL_WIDTH };
  const { canvas, board } = createCanvas(PIXELS, PIXELS);
  const { canvas: small } = createCanvas(1, 1);
  canvas.className = "convlab-board";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-keyshortcuts", "0 1 2 3 4 5 6 7 8 9 E Control+Z Delete");
  const tools = createTools(context, tool);
  listenToPointer(context, canvas, tool);
  listenToKeys(context, canvas, tools);
  listenToImages(context);
  /** @type {any} */
  let drawn = null;
  return {
    element: element("div", { class: "convlab-drawing" }, canvas, tools.element),
    update(/** @type {any} */ state) {
      tools.update(state);
      const shown = state.input.kind === "drawing" || state.input.kind === "example" ? state.input : input.steps[0];
      if (shown === drawn) return;
      drawn = shown;
      canvas.setAttribute("aria-label", `Board, ${input.caption || "empty"}. Draw a digit, or type one.`);
      if (state.input.kind === "drawing") drawStrokes(board, state.input.strokes);
      else if (state.input.kind === "example") drawStrokes(board, EXAMPLE.strokes);
      else showPicture(board, small, input.steps[0]);
    },
    dispose() {},
  };
}

/** @param {CanvasRenderingContext2D} board @param {HTMLCanvasElement} small @param {any} picture */
function showPicture(board, small, picture) {
  drawStrokes(board, []);
  if (!picture) return;
  putPixels(small, picture);
  board.setTransform(1, 0, 0, 1, 0, 0);
  board.imageSmoothingEnabled = picture.width > 64;
  const scale = PIXELS / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  board.drawImage(small, (PIXELS - width) / 2, (PIXELS - height) / 2, width, height);
}

/** @param {any} context @param {HTMLCanvasElement} canvas @param {{erase: boolean, width: number}} tool */
function listenToPointer({ store, listen }, canvas, tool) {
  /** @type {number | null} */
  let drawing = null;
  /** @type {number[]} */
  let last = [];
  function place(/** @type {PointerEvent} */ event) {
    const box = canvas.getBoundingClientRect();
    const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return share.map((value) => Math.min(BOARD - 1, Math.max(0, Math.round(value * BOARD))));
  }
  listen(canvas, "pointerdown", (/** @type {PointerEvent} */ event) => {
    if (drawing !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    drawing = event.pointerId;
    last = place(event);
    const erase = tool.erase || (event.buttons & PEN_ERASER) !== 0;
    store.dispatch({ type: "stroke", stroke: { width: erase ? 2 * tool.width : tool.width, erase, points: last } });
  });
  listen(canvas, "pointermove", (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== drawing) return;
    const points = [];
    const between = event.getCoalescedEvents();
    for (const part of between.length ? between : [event]) {
      const next = place(part);
      if (next[0] !== last[0] || next[1] !== last[1]) points.push(...next);
      last = next;
    }
    if (points.length) store.dispatch({ type: "extend", points });
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    listen(canvas, end, (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== drawing) return;
      drawing = null;
      store.dispatch({ type: "finish" });
    });
  }
}

/** @param {any} context @param {HTMLCanvasElement} canvas @param {any} tools */
function listenToKeys({ store, listen, announce }, canvas, tools) {
  listen(canvas, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") store.dispatch({ type: "undo" });
    else if (command || event.altKey) return;
    else if (event.key === "Delete" || event.key === "Backspace") store.dispatch({ type: "clear" });
    else if (event.key.toLowerCase() === "e") tools.setErase(null);
    else if (/^\d$/.test(event.key)) {
      store.dispatch({ type: "input", input: { kind: "drawing", strokes: DIGITS[Number(event.key)] } });
      announce(`A ${event.key} is drawn.`);
    } else return;
    event.preventDefault();
  });
}

/** @param {any} context */
function listenToImages({ input, listen, root }) {
  const image = (/** @type {any} */ transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
  listen(root, "dragover", (/** @type {DragEvent} */ event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  listen(root, "drop", (/** @type {DragEvent} */ event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    const file = image(event.dataTransfer);
    if (file) input.choose(file);
  });
  listen(document, "paste", (/** @type {ClipboardEvent} */ event) => {
    const file = image(event.clipboardData);
    if (!file || !(root.contains(document.activeElement) || document.activeElement === document.body)) return;
    event.preventDefault();
    input.choose(file);
  });
}

/** @param {any} context @param {{erase: boolean, width: number}} tool */
function createTools({ store, listen, input }, tool) {
  const button = (/** @type {string} */ text, /** @type {() => void} */ act) => {
    const made = element("button", { class: "convlab-button", type: "button" }, text);
    listen(made, "click", act);
    return made;
  };
  const pen = button("Pen", () => setErase(false));
  const eraser = button("Eraser", () => setErase(true));
  const undo = button("Undo", () => store.dispatch({ type: "undo" }));
  const clear = button("Clear", () => store.dispatch({ type: "clear" }));
  const width = element("input", {
    type: "range", class: "convlab-slider", min: 0, max: PEN_WIDTHS.length - 1, step: 1, value: 1, "aria-label": "Pen width",
  });
  listen(width, "input", () => (tool.width = PEN_WIDTHS[width.valueAsNumber]));
  const file = createChooser({ listen, input }, "Image…", {});
  const camera = createChooser({ listen, input }, "Camera", { capture: "environment" });
  camera.classList.add("convlab-touch-only");
  function setErase(/** @type {boolean | null} */ erase) {
    tool.erase = erase ?? !tool.erase;
    pen.setAttribute("aria-pressed", String(!tool.erase));
    eraser.setAttribute("aria-pressed", String(tool.erase));
  }
  setErase(false);
  return {
    element: element("div", { class: "convlab-tools", role: "toolbar", "aria-label": "Drawing" }, pen, eraser, width, undo, clear, file, camera),
    setErase,
    update(/** @type {any} */ state) {
      undo.disabled = state.history.length === 0;
      clear.disabled = state.input.kind === "drawing" && state.input.strokes.length === 0;
    },
  };
}

/** @param {any} context @param {string} text @param {any} properties @returns {any} a button that opens the browser's dialog */
function createChooser({ listen, input }, text, properties) {
  const field = element("input", { type: "file", accept: "image/*", class: "convlab-unseen", tabIndex: -1, "aria-hidden": "true", ...properties });
  const button = element("button", { class: "convlab-button", type: "button" }, text);
  listen(button, "click", () => field.click());
  listen(field, "change", () => {
    if (field.files?.length) input.choose(field.files[0]);
    field.value = "";
  });
  return element("span", { class: "convlab-chooser" }, button, field);
}
