// @ts-check
// The page within one element: `mount(root, source, options)`.
//
// HOW TO ADD A PART
//   1. Write parts/NAME.js with `export function createName(context)` that returns
//      {element, update(state), dispose()}. `update` runs at most once per frame, after an event or
//      when something has arrived; it must be cheap when nothing of its own has changed.
//   2. Import it below and add a row to PARTS: {name, area, create}. The name is what `hide=` in an
//      address takes. Areas, in the order of the page (grid areas of style.css):
//        top      stays in sight above the page
//        header   what the page is, networks, lecture
//        rail     left, 280 px: input, bars, steps, gallery
//        wide     the network as columns of maps; its content may scroll sideways
//        card     right, 360 px: arithmetic of the pinned cell; no room while its element is `hidden`
//        below    panels under the network: experiments and texts
//   3. Style it under `.convlab-NAME` with the tokens and classes of style.css, and the container
//      widths of layout.css.
//
// The context of a part:
//   root, store, source, input (see input.js), answers (see answers.js)
//   frame         holds the page, and what is beside it; scrolling.to(name) shows a part
//   link()        address of what is shown; undefined where there is none
//   catalog       Map name -> what source.models() says; empty until it has answered
//   networks      Map name -> Network with the outputs for `pixels`; only those that have run
//   failures      Map name -> why a network could not be loaded
//   pixels(name)  Float32Array (H, W, C), 0 to 255, that the network has run on, or null
//   newest(name)  the same of the newest input, which the network may still be at
//   setProgram(name, buffer), forget(name): another program of a network, or of its images, too
//   values(name)  Float64Array, one value per class, or null
//   views(name)   the same in each of the model's views, once they have run
//   transforms    add (pixels, image, state) -> pixels: changes the input of every network
//   engine        answers questions about other pictures, see engine/client.js
//   announce(text) to the live region; listen(target, type, handler, options) -> undo

import { chooseModels, fitExample } from "./catalog.js";
import { createAnswers } from "./answers.js";
import { createAugmentation } from "./parts/augmentation.js";
import { createBars } from "./parts/bars.js";
import { createCard } from "./parts/card.js";
import { createColumns } from "./parts/columns.js";
import { createConfusion } from "./parts/confusion.js";
import { createConvolutionDemo } from "./parts/convolution_demo.js";
import { createDrawing } from "./parts/drawing.js";
import { createDropout } from "./parts/dropout.js";
import { createExplanations } from "./parts/explanations.js";
import { createGallery } from "./parts/gallery.js";
import { createIntro } from "./parts/intro.js";
import { createKernelEditor } from "./parts/kernel_editor.js";
import { createLecture } from "./parts/lecture.js";
import { createLink } from "./parts/link.js";
import { createPicker } from "./parts/picker.js";
import { createPythonCode } from "./parts/python_code.js";
import { createRead } from "./parts/read.js";
import { createSliders } from "./parts/sliders.js";
import { createStore } from "./store.js";
import { createStrip } from "./parts/strip.js";
import { createSummary } from "./parts/summary.js";
import { decode, encode, reduce } from "./state.js";
import { element, setText } from "./element.js";
import { forgetTheme } from "./draw/theme.js";
import { Input } from "./input.js";
import { keepFocus } from "./focus.js";
import { Networks } from "./networks.js";
import { Scrolling } from "./scrolling.js";

const AREAS = ["header", "rail", "wide", "card", "below"];
/** @type {{[area: string]: string}} */
const LABELS = {
  rail: "Input and prediction", wide: "Network", card: "Arithmetic", below: "Experiments",
};
/** @type {{[area: string]: string}} */
const TAGS = { header: "header", wide: "main", card: "aside" };

/**
 * @typedef {{element: any, update: (state: any) => void, dispose: () => void}} Part
 * @type {{name: string, area: string, create: (context: any) => Part, after?: string}[]}
 */
const PARTS = [
  { name: "summary", area: "top", create: createSummary },
  { name: "intro", area: "header", create: createIntro },
  { name: "lecture", area: "header", create: createLecture },
  { name: "link", area: "header", create: createLink },
  { name: "picker", area: "header", create: createPicker },
  { name: "drawing", area: "rail", create: createDrawing },
  { name: "bars", area: "rail", create: createBars },
  { name: "gallery", area: "rail", create: createGallery },
  { name: "strip", area: "rail", create: createStrip },
  { name: "network", area: "wide", create: createColumns },
  { name: "arithmetic", area: "card", create: createCard },
  { name: "sliders", area: "below", create: createSliders },
  { name: "explain", area: "below", create: createExplanations },
  { name: "confusion", area: "below", create: createConfusion },
  { name: "kernel", area: "below", create: createKernelEditor },
  { name: "dropout", area: "below", create: createDropout },
  { name: "augmentation", area: "below", create: createAugmentation },
  { name: "demo", area: "below", create: createConvolutionDemo },
  { name: "read", area: "below", create: createRead },
  { name: "python", area: "below", create: createPythonCode },
];

/**
 * Show the page in an element.
 *
 * @param {HTMLElement} root Empty; everything stays within it.
 * @param {any} source Where networks, samples and answers come from.
 * @param {{text?: string, onAddress?: (text: string) => void, link?: () => string, parts?: typeof PARTS}} [options]
 *   Text of a state, what is told each new one, what returns the address of what is shown, and more parts.
 * @returns {{store: any, context: any, dispose: () => void}}
 */
export function mount(root, source, { text = "", onAddress = () => {}, link, parts = [] } = {}) {
  const store = createStore(reduce, decode(text));
  const live = element("div", { class: "convlab-live", role: "status", "aria-live": "polite" });
  const { context, forgetAll } = createContext(root, store, source, live);
  context.link = link;
  const assembled = assemble(context, live, parts);
  const forgetFocus = keepFocus(root, context.listen);
  let written = encode(store.state);
  const update = (/** @type {any} */ state) => {
    context.input.update(state);
    context.run(state);
    for (const { name, part } of assembled) {
      part.element.classList.toggle("convlab-hidden", state.hide.includes(name));
      part.update(state);
    }
    context.scrolling.update(state);
    root.toggleAttribute("data-busy", context.isBusy(state));
    const address = encode(state);
    if (address !== written) onAddress((written = address));
  };
  store.subscribe(update);
  context.listen(root, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const before = store.state;
    store.dispatch({ type: "back" });
    if (store.state !== before) event.preventDefault();
  });
  // Canvases have the colors of the theme that they were drawn in.
  const theme = matchMedia("(prefers-color-scheme: dark)");
  context.listen(theme, "change", () => {
    forgetTheme(root);
    store.dispatch({ type: "refresh" });
  });
  update(store.state);
  loadCatalog(context);
  return {
    store,
    context,
    dispose() {
      store.dispose();
      context.scrolling.dispose();
      forgetFocus();
      forgetAll();
      for (const { part } of assembled) part.dispose();
      root.classList.remove("convlab");
      root.removeAttribute("data-busy");
      root.replaceChildren();
    },
  };
}

/** @param {HTMLElement} root @param {any} store @param {any} source @param {HTMLElement} live */
function createContext(root, store, source, live) {
  /** @type {Set<() => void>} */
  const undo = new Set();
  /** @type {any} */
  const context = { root, store, source, catalog: new Map(), refused: new Map(), transforms: [] };
  context.announce = (/** @type {string} */ message) => setText(live, message);
  context.listen = (
    /** @type {any} */ target, /** @type {string} */ type, /** @type {any} */ handler,
    /** @type {any} */ options,
  ) => {
    target.addEventListener(type, handler, options);
    const forget = () => {
      target.removeEventListener(type, handler, options);
      undo.delete(forget);
    };
    undo.add(forget);
    return forget;
  };
  context.input = new Input(context);
  const networks = new Networks(context);
  context.networks = networks.loaded;
  context.failures = networks.failures;
  context.engine = networks.engine;
  context.pixels = networks.pixels.bind(networks);
  context.newest = networks.newest.bind(networks);
  context.values = networks.values.bind(networks);
  context.views = networks.views.bind(networks);
  context.setProgram = networks.setProgram.bind(networks);
  context.forget = (/** @type {string} */ name) => {
    networks.forget(name);
    context.input.forget(name);
  };
  context.run = networks.run.bind(networks);
  context.answers = createAnswers(context);
  context.isBusy = networks.isBusy.bind(networks);
  undo.add(() => networks.dispose());
  undo.add(() => context.answers.dispose());
  return { context, forgetAll: () => [...undo].forEach((forget) => forget()) };
}

/** @param {any} context @param {HTMLElement} live @param {typeof PARTS} more Come `after` another part, or first in their areas. */
function assemble(context, live, more) {
  const areas = new Map(AREAS.map((area) => [area, element(TAGS[area] ?? "section", {
    class: `convlab-${area}`, "aria-label": LABELS[area],
  })]));
  const page = element("div", { class: "convlab-page" }, [...areas.values()]);
  const body = element("div", { class: "convlab-body" }, page);
  context.frame = element("div", { class: "convlab-frame" }, body);
  context.root.classList.add("convlab");
  context.root.append(context.frame, live);
  context.scrolling = new Scrolling(context);
  const first = more.filter(({ after }) => !after);
  const others = PARTS.flatMap((part) => [part, ...more.filter(({ after }) => after === part.name)]);
  return [...first, ...others].map(({ name, area, create }) => {
    const part = create(context);
    part.element.dataset.part = name;
    if (area === "top") body.prepend(part.element);
    else areas.get(area).append(part.element);
    return { name, part };
  });
}

/** @param {any} context */
async function loadCatalog({ store, source, catalog, refused, input }) {
  try {
    for (const model of await source.models()) {
      if (model.error) refused.set(model.name, model.error);
      else catalog.set(model.name, model);
    }
  } catch (error) {
    input.fail(error instanceof Error ? error.message : String(error));
    return;
  }
  const { models, model } = chooseModels([...catalog.values()], store.state);
  store.dispatch({ type: "models", models, model });
  fitExample({ store, source, catalog });
  store.dispatch({ type: "refresh" });
}
