// @ts-check
/** The card as a sheet at the bottom of a narrow page: a swipe down or a tap beside it closes it. */
import { customProperty } from "../draw/theme.js";
import { element, setStyle } from "../element.js";

const FAR = 60; // CSS pixels of a swipe that closes
// What answers a tap itself.
const CONTROLS = "button, a, input, select, textarea, label, summary, canvas, [role='application'], [role='grid'], [role='listbox'], .convlab-lesson";

/**
 * Let a card be closed as a sheet.
 * @param {any} context
 * @param {HTMLElement} card Its style sheet sets `--sheet` to 1 where it is a sheet.
 * @param {HTMLElement} head What is swiped down, with its handle.
 * @param {() => void} close
 * @returns {HTMLElement} The handle.
 */
export function createSheet({ listen, root }, card, head, close) {
  const handle = element("div", { class: "convlab-sheet-handle", "aria-hidden": "true" });
  /** @type {number|null} */
  let start = null;
  const moved = (/** @type {PointerEvent} */ event) => Math.max(0, event.clientY - /** @type {number} */ (start));
  listen(head, "pointerdown", (/** @type {PointerEvent} */ event) => {
    const onButton = event.target instanceof Element && event.target.closest("button");
    if (!isSheet(card) || onButton) return;
    start = event.clientY;
    head.setPointerCapture(event.pointerId);
  });
  listen(head, "pointermove", (/** @type {PointerEvent} */ event) => {
    if (start !== null) setStyle(card, { translate: `0 ${moved(event)}px` });
  });
  const end = (/** @type {PointerEvent} */ event) => {
    if (start === null) return;
    const isFar = event.type === "pointerup" && moved(event) > FAR;
    start = null;
    setStyle(card, { translate: "" });
    if (isFar) close();
  };
  for (const type of ["pointerup", "pointercancel"]) listen(head, type, end);
  listen(root, "click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (isSheet(card) && !card.contains(target) && target.isConnected && !target.closest(CONTROLS)) close();
  });
  return handle;
}

/** Whether a card is there, and a sheet. @param {HTMLElement|null} card */
export function isSheet(card) {
  return card !== null && !card.hidden && customProperty(card, "--sheet", "0") === "1";
}
