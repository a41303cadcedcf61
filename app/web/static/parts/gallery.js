// @ts-check
// Real samples with their true class: in order, at random, or those that the network gets wrong.

import { createGrid } from "./gallery_grid.js";
import { element, setText } from "../element.js";
import { firstSample } from "../catalog.js";

/** @type {{[order: string]: string}} */
const ORDERS = { first: "in order", random: "at random", errors: "errors only" };

/**
 * Return the gallery; its element is hidden where the source has no samples.
 *
 * @param {any} context
 */
export function createGallery(context) {
  const { source, catalog } = context;
  const hasSamples = source.abilities.has("samples");
  const gallery = { wanted: firstSample("") };
  const grid = createGrid(context, gallery, go);
  const { line, order } = createControls(context, gallery, go);
  const note = element("p", { class: "convlab-note" });
  function go(/** @type {any} */ change) {
    const input = { ...gallery.wanted, model: context.store.state.model, ...change };
    gallery.wanted = input;
    context.store.dispatch({ type: "input", input });
  }
  return {
    element: element("section", {
      class: "convlab-gallery", "aria-label": "Samples", hidden: !hasSamples,
    }, line, grid.element, note),
    update(/** @type {any} */ state) {
      if (!hasSamples || !catalog.has(state.model)) return;
      const isShown = state.input.kind === "sample";
      if (isShown) gallery.wanted = state.input;
      const isKnown = catalog.has(gallery.wanted.model);
      if (!isShown || !isKnown) gallery.wanted = { ...gallery.wanted, model: state.model };
      order.value = gallery.wanted.order;
      setText(note, grid.update(gallery.wanted, isShown));
    },
    dispose() {},
  };
}

/** @param {any} context @param {any} gallery @param {(change: any) => void} go */
function createControls({ store, listen }, gallery, go) {
  const order = element("select", { class: "convlab-select", "aria-label": "Which samples" },
    Object.entries(ORDERS).map(([value, text]) => element("option", { value }, text)));
  const next = element("button", {
    class: "convlab-button", type: "button", title: "The next sample that the network gets wrong",
  }, "Show next error");
  listen(order, "change", () => go({
    order: order.value, index: 0, label: null, predicted: null,
    seed: order.value === "random" ? randomSeed() : 0,
  }));
  listen(next, "click", () => {
    const { order: current, index } = gallery.wanted;
    const goesOn = current === "errors" && store.state.input.kind === "sample";
    go(goesOn ? { index: index + 1 }
      : { order: "errors", label: null, predicted: null, index: 0, seed: randomSeed() });
  });
  const heading = element("h2", { class: "convlab-heading" }, "Samples");
  return { line: element("div", { class: "convlab-line" }, heading, order, next), order };
}

/** @returns {number} */
function randomSeed() {
  return Math.floor(Math.random() * 2 ** 31);
}
