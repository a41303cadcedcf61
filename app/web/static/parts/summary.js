// @ts-check
// One line with the input and the answers, in sight while the board is not.

import { createCanvas, putPixels } from "../raster.js";
import { createChanges } from "./changes.js";
import { createVerdicts } from "./verdicts.js";
import { element, setText } from "../element.js";

/**
 * Return the line.
 *
 * @param {any} context
 */
export function createSummary(context) {
  const { root, listen, input, catalog, store } = context;
  const { canvas } = createCanvas(28, 28);
  const name = element("span", { class: "convlab-summary-name" });
  const verdicts = createVerdicts(context, true);
  const changes = createChanges(context);
  const line = element("button", {
    class: "convlab-summary-line", type: "button", title: "Scroll back to the input",
  }, canvas, name, verdicts.element);
  const bar = element("div", { class: "convlab-summary-bar", hidden: true }, line, changes.element);
  listen(line, "click", () => root.querySelector(".convlab-page")?.scrollIntoView());
  const observer = new IntersectionObserver(([entry]) => {
    bar.hidden = entry.isIntersecting || entry.boundingClientRect.bottom > 0;
    store.dispatch({ type: "refresh" });
  });
  /** @type {any} */
  let observed = null;
  /** @type {any} */
  let drawn = null;
  return {
    element: element("div", { class: "convlab-summary" }, bar),
    update(/** @type {any} */ state) {
      if (!observed) observer.observe(observed = root.querySelector(".convlab-bars"));
      if (bar.hidden) return;
      const pixels = catalog.has(state.model) ? context.pixels(state.model) : null;
      if (pixels && pixels !== drawn) putPixels(canvas, { ...catalog.get(state.model).image, data: pixels });
      drawn = pixels;
      setText(name, input.caption);
      verdicts.update(state);
      changes.update(state);
    },
    dispose: () => observer.disconnect(),
  };
}
