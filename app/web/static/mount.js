// @ts-check
// The page within one element: `mount(root, source, options)`.
//
// HOW TO ADD A PART
//   1. Write parts/NAME.js with `export function createName(context)` that returns
//      {element, update(state), dispose()}. `update` runs at most once per frame, after an event or
//      when something has arrived; it must be cheap when nothing of its own has changed.
//   2. Import it below and add a row to PARTS: {name, area, create}. The name is what `hide=` in an
//      address takes. Areas, in the order of the page (grid areas of style.css):
//        header   one line: networks, scale of the colors, address
//        rail     left, 280 px: input, steps, gallery, bars
//        wide     the network as columns of maps; its content may scroll sideways
//        card     right, 360 px: arithmetic of the pinned cell; takes no room while its element is `hidden`
//        below    wide panels under the network: sliders, kernels, occlusion, demos (two columns if there is room)
//        reading  prose and lecture, 704 px
//   3. Style it in style.css under `.convlab-NAME`; use its tokens, classes and container widths.
//
// context: {root, store, source, networks, catalog, input, pixels(name), values(name), transforms, preparations, announce(text), listen(target, type, handler) -> undo}
//   catalog       Map name -> what source.models() says; empty until it has answered
//   networks      Map name -> Network, already run on the current pixels when `update` is called; missing until loaded
//   pixels(name)  Float32Array (H*W*C, 0 to 255) that the network is shown, or null
//   values(name)  Float64Array, one value per class, or null
//   input         {steps, caption, label, problem} of the current input, see input.js
//   transforms    add (pixels, image, state) -> pixels: changes the input of every network (sliders, sticker)
//   preparations  add (state) -> void: sets weights or dropout of networks before they run

import { createBars } from "./parts/bars.js";
import { createColumns } from "./parts/columns.js";
import { createDrawing } from "./parts/drawing.js";
import { createGallery } from "./parts/gallery.js";
import { createInput } from "./input.js";
import { createNetworks } from "./networks.js";
import { createPicker } from "./parts/picker.js";
import { createStore } from "./store.js";
import { createStrip } from "./parts/strip.js";
import { decode, encode, reduce } from "./state.js";
import { element, setText } from "./element.js";

const AREAS = ["header", "rail", "wide", "card", "below", "reading"];

/** @type {{name: string, area: string, create: (context: any) => {element: any, update: (state: any) => void, dispose: () => void}}[]} */
const PARTS = [
  { name: "picker", area: "header", create: createPicker },
  { name: "drawing", area: "rail", create: createDrawing },
  { name: "bars", area: "rail", create: createBars },
  { name: "strip", area: "rail", create: createStrip },
  { name: "gallery", area: "rail", create: createGallery },
  { name: "network", area: "wide", create: createColumns },
];

/**
 * Show the page in an element.
 *
 * @param {HTMLElement} root Empty; everything stays within it.
 * @param {any} source Where networks, samples and answers come from.
 * @param {{text?: string, onAddress?: (text: string) => void}} [options] Text of a state, and what
 *   is told each new one.
 * @returns {{store: any, context: any, dispose: () => void}}
 */
export function mount(root, source, { text = "", onAddress = () => {} } = {}) {
  const store = createStore(reduce, decode(text));
  const live = element("div", { class: "convlab-live", role: "status", "aria-live": "polite" });
  const areas = Object.fromEntries(AREAS.map((area) => [area, createArea(area)]));
  /** @type {(() => void)[]} */
  const undo = [];
  /** @type {any} */
  const context = {
    root, store, source, catalog: new Map(), transforms: [], preparations: [],
    announce: (/** @type {string} */ message) => setText(live, message),
    listen(/** @type {any} */ target, /** @type {string} */ type, /** @type {any} */ handler, /** @type {any} */ options) {
      target.addEventListener(type, handler, options);
      const forget = () => target.removeEventListener(type, handler, options);
      undo.push(forget);
      return forget;
    },
  };
  context.input = createInput(context);
  Object.assign(context, createNetworks(context));
  root.classList.add("convlab");
  root.append(element("div", { class: "convlab-page" }, AREAS.map((area) => areas[area])), live);
  const parts = PARTS.map(({ name, area, create }) => {
    const part = create(context);
    areas[area].append(part.element);
    return { name, ...part };
  });
  let written = encode(store.state);
  const update = (/** @type {any} */ state) => {
    context.input.update(state);
    context.run(state);
    for (const { name, element: shown, update: draw } of parts) {
      shown.classList.toggle("convlab-hidden", state.hide.includes(name));
      draw(state);
    }
    const address = encode(state);
    if (address !== written) onAddress((written = address));
  };
  store.subscribe(update);
  context.listen(root, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !event.defaultPrevented) store.dispatch({ type: "back" });
  });
  update(store.state);
  loadCatalog(context);
  return {
    store, context,
    dispose() {
      store.dispose();
      for (const forget of undo) forget();
      for (const part of parts) part.dispose();
      root.classList.remove("convlab");
      root.replaceChildren();
    },
  };
}

/** @param {string} area */
function createArea(area) {
  const tag = { header: "header", wide: "main", rail: "section", card: "aside" }[area] ?? "section";
  const label = { rail: "Input and prediction", wide: "Network", card: "Arithmetic", below: "Experiments", reading: "Reading" }[area];
  return element(tag, { class: `convlab-${area}`, "aria-label": label });
}

/** @param {any} context */
async function loadCatalog(context) {
  const { store, source, catalog } = context;
  for (const model of await source.models()) catalog.set(model.name, model);
  const { models, model } = chooseModels([...catalog.values()], store.state);
  store.dispatch({ type: "models", models, model });
  const described = catalog.get(model);
  if (described && !described.mnist_style && store.state.input.kind === "example" && source.abilities.has("samples")) {
    store.dispatch({ type: "input", input: { kind: "sample", model, order: "first", seed: 0, index: 0, label: null } });
  }
  store.dispatch({ type: "refresh" });
}

/**
 * Return which networks are compared and looked into: those of the address that exist, else the
 * first three that read digits, of which the smallest is looked into.
 *
 * @param {any[]} catalog
 * @param {{models: string[], model: string}} wanted
 */
export function chooseModels(catalog, wanted) {
  const known = catalog.map(({ name }) => name);
  const asked = known.includes(wanted.model) ? wanted.model : wanted.models.find((name) => known.includes(name));
  const first = catalog.find(({ name }) => name === asked) ?? catalog.find((model) => model.mnist_style) ?? catalog[0];
  if (!first) return { models: [], model: "" };
  const alike = catalog.filter((model) => sameClasses(model, first));
  let models = wanted.models.filter((name) => alike.some((model) => model.name === name));
  if (models.length === 0) models = alike.slice(0, 3).map(({ name }) => name);
  const smallest = alike.filter(({ name }) => models.includes(name)).sort((a, b) => a.parameters - b.parameters)[0];
  const model = asked ?? smallest.name;
  return { models: models.includes(model) ? models : [model, ...models].slice(0, 3), model };
}

/** @param {any} model @param {any} other */
function sameClasses(model, other) {
  return model.classes.join("\n") === other.classes.join("\n");
}
