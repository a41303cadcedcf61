// @ts-check
// One line with the input and the answers, in sight while the board is not.

import { createCanvas, putPixels } from "../raster.js";
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
  const line = element("button", {
    class: "convlab-summary-line", type: "button", hidden: true, title: "Scroll back to the input",
  }, canvas, name, verdicts.element);
  listen(line, "click", () => root.querySelector(".convlab-page")?.scrollIntoView());
  const observer = new IntersectionObserver(([entry]) => {
    line.hidden = entry.isIntersecting || entry.boundingClientRect.bottom > 0;
    store.dispatch({ type: "refresh" });
  });
  /** @type {any} */
  let observed = null;
  /** @type {any} */
  let drawn = null;
  return {
    element: element("div", { class: "convlab-summary" }, line),
    update(/** @type {any} */ state) {
      if (!observed) observer.observe(observed = root.querySelector(".convlab-bars"));
      if (line.hidden) return;
      const pixels = catalog.has(state.model) ? context.pixels(state.model) : null;
      if (pixels && pixels !== drawn) putPixels(canvas, { ...catalog.get(state.model).image, data: pixels });
      drawn = pixels;
      setText(name, input.caption);
      verdicts.update(state);
    },
    dispose: () => observer.disconnect(),
  };
}
