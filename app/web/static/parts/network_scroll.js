// @ts-check
/** How a long network scrolls sideways: buttons, faded edges where more layers follow, and the way to a column. */
import { isSheet } from "./card_sheet.js";
import { directionOf } from "./network_overlay.js";
import { element, setText } from "../element.js";

/** @typedef {import("./column.js").ColumnBody} ColumnBody */

const GAP = 16; // CSS pixels that stay free beside a column that is scrolled to
const PART = 0.8; // of the columns in sight, that a button scrolls by

/**
 * Return the buttons of a strip of columns.
 * @param {any} context
 * @param {HTMLElement} strip
 * @returns {{element: HTMLElement, show: (bodies: ColumnBody[]) => void, toColumn: (place: import("./walk.js").Place) => void, dispose: () => void}}
 */
export function createScroll({ listen }, strip) {
  /** @type {ColumnBody[]} */
  let bodies = [];
  const count = element("span");
  const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {number} */ direction) => {
    const made = element("button", { type: "button", class: "convlab-button", "aria-label": label, title: label }, sign);
    listen(made, "click", () => strip.scrollBy({ left: direction * PART * widthBetween(bodies), behavior: stillness() }));
    return made;
  };
  const buttons = [button("‹", "Earlier layers", -1), button("›", "Later layers", 1)];
  const measure = () => {
    const hidden = strip.scrollWidth - strip.clientWidth;
    const more = [strip.scrollLeft > 1, strip.scrollLeft < hidden - 1];
    strip.classList.toggle("convlab-more-before", more[0]);
    strip.classList.toggle("convlab-more-behind", more[1]);
    buttons.forEach((one, side) => {
      one.hidden = hidden <= 1;
      one.disabled = !more[side];
    });
  };
  // Measured when it may differ, not in every frame: it costs a layout.
  const observer = new ResizeObserver(measure);
  listen(strip, "scroll", measure, { passive: true });
  return {
    element: element("div", { class: "convlab-field convlab-scroll" }, count, buttons),
    show(shown) {
      bodies = shown;
      observer.disconnect();
      for (const one of [strip, ...bodies.map((body) => body.element)]) observer.observe(one);
      setText(count, bodies.length === 0 ? "" : `${bodies.length} layers`);
    },
    toColumn: (place) => scrollTo(strip, bodies, place),
    dispose: () => observer.disconnect(),
  };
}

/** Width between the input and the answer, which stay in sight. @param {ColumnBody[]} bodies */
function widthBetween(bodies) {
  const [first, last] = [bodies[0], bodies[bodies.length - 1]].map((body) => body.element.getBoundingClientRect());
  return last.left - first.right;
}

/** @returns {ScrollBehavior} */
function stillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

/**
 * Scroll the strip sideways; the page only to where no sheet covers the cell.
 * @param {HTMLElement} strip
 * @param {ColumnBody[]} bodies
 * @param {import("./walk.js").Place} place
 */
function scrollTo(strip, bodies, { index, channel }) {
  if (bodies.length === 0) return;
  const isDown = directionOf(bodies) === "down";
  const isCovered = isSheet(strip.closest(".convlab-page")?.querySelector(".convlab-arithmetic") ?? null);
  if ((isDown || isCovered) && !strip.closest(".convlab-in-lesson")) { // a lesson says itself what is in view
    bodies[index].targetOf(channel).scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  if (isDown) return;
  const [own, first, last] = [index, 0, bodies.length - 1].map((one) => bodies[one].element.getBoundingClientRect());
  if (index === 0) strip.scrollLeft = 0;
  if (index === bodies.length - 1) strip.scrollLeft = strip.scrollWidth;
  if (index === 0 || index === bodies.length - 1) return;
  const before = Math.max(0, index - 1) === 0 ? 0 : own.width; // the column that it looks at stays in sight, too
  if (own.left - before < first.right) strip.scrollLeft -= first.right - own.left + before + GAP;
  else if (own.right > last.left) strip.scrollLeft += own.right - last.left + GAP;
}
