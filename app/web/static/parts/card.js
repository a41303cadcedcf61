// @ts-check
/** The arithmetic of the pinned cell: every product, the sum, the bias, the activation, and what it agrees with. */
import { calculationOf, cellBehind, mapBehind, patchesOf, pictureOf } from "./card_model.js";
import { channelName, columnIndices, columnsOf } from "./column_model.js";
import { clippedPlace, samePlace } from "./walk.js";
import { counterpartsOf } from "./compare_model.js";
import { createBadge } from "./card_badge.js";
import { createComparison } from "./card_compare.js";
import { createContributors, createTrace } from "./card_contributors.js";
import { createProducts, createWindow } from "./card_pictures.js";
import { createShares } from "./card_shares.js";
import { createSaving } from "./card_save.js";
import { createSheet } from "./card_sheet.js";
import { createTermsTable } from "./card_table.js";
import { createViews } from "./card_views.js";
import { element, setProperties, setText } from "../element.js";
import { focusInSight } from "../focus.js";
import { stepsOf, valueIndex } from "./probe.js";
import { tensorsOfCell } from "./card_tensors.js";
import { themeOf } from "../draw/theme.js";

/** @typedef {import("./walk.js").Place} Place */
/** @typedef {{network: any, columns: import("./column_model.js").Column[], indices: Map<string, number>}} Loaded */

const PAUSE = 80; // milliseconds without a change before the card follows a drawing

/**
 * Return the part that explains the pinned cell.
 * @param {any} context
 * @returns {{element: HTMLElement, update: (state: any) => void, dispose: () => void}}
 */
export function createCard(context) {
  const card = new Card(context);
  return { element: card.element, update: (state) => card.update(state), dispose: () => clearTimeout(card.timer) };
}

class Card {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.title = element("h2", { class: "convlab-title", tabIndex: -1 });
    this.badge = createBadge(context.source);
    this.body = element("div", { class: "convlab-card-body" });
    this.body.addEventListener("toggle", (/** @type {any} */ { target: { open: on } }) => {
      if (on !== context.store.state.open.includes("terms")) context.store.dispatch({ type: "open", name: "terms", on });
    }, { capture: true });
    const close = () => context.store.dispatch({ type: "pin", pin: null });
    const button = element("button", { type: "button", class: "convlab-button convlab-close", title: "Close and unpin the cell (Esc)", "aria-label": "Close", onclick: close }, "×");
    this.way = element("button", { type: "button", class: "convlab-button convlab-way-back", hidden: true, onclick: () => context.store.dispatch({ type: "back" }) });
    const head = element("div", { class: "convlab-card-head" }, this.title, this.way, button);
    const panel = element("div", { class: "convlab-card-panel" }, head, this.badge.element, this.body);
    this.saving = createSaving(() => this.tensors, panel, context.announce);
    this.element = element("div", { class: "convlab-arithmetic", hidden: true }, panel, this.saving.element);
    head.prepend(createSheet(context, this.element, head, close));
    /** @type {import("./card_save.js").Tensor[]} */
    this.tensors = [];
    /** @type {Place|null} */
    this.place = null;
    /** @type {any[]} */
    this.drawn = [];
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** @type {WeakMap<any, Loaded>} */
    this.loaded = new WeakMap();
  }

  /** @param {any} state */
  update(state) {
    const network = this.context.networks.get(state.model);
    const loaded = state.pin && network && this.context.pixels(state.model) ? this.loadedOf(network) : null;
    const index = loaded?.indices.get(state.pin.operation);
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = loaded === null || index === undefined;
    if (loaded === null || index === undefined) {
      if (hadFocus) focusInSight(this.context.root.querySelector(".convlab-strip-of-columns"));
      this.drawn = [];
      clearTimeout(this.timer);
      return this.badge.clear();
    }
    this.showWayBack(loaded, state.trail);
    const place = clippedPlace(loaded.columns, { ...state.pin, index });
    const outputs = this.networks(state).map(({ network: one }) => one.output(one.program.operations[one.program.operations.length - 1].name));
    const theme = themeOf(this.element);
    const views = loaded.columns[index].isAnswer ? this.context.views(state.model) : null;
    const next = [network, state.pin, theme, views, ...outputs];
    const samePin = next.slice(0, 3).every((value, position) => value === this.drawn[position]);
    if (samePin && next.length === this.drawn.length && next.every((value, position) => value === this.drawn[position])) return;
    this.drawn = next;
    clearTimeout(this.timer);
    if (!samePin) return this.draw(loaded, place, state);
    this.timer = setTimeout(() => this.draw(loaded, place, state), PAUSE);
  }

  /** Name the cell from which a contributor was followed. @param {Loaded} loaded @param {any[]} trail */
  showWayBack(loaded, trail) {
    const before = trail[trail.length - 1];
    this.way.hidden = before === undefined;
    if (before === undefined) return;
    const { title, channel, where } = this.partsOf(loaded, { ...before, name: before.operation });
    setText(this.way, `← ${title} ${channel}`);
    setProperties(this.way, { title: `Back to ${title} ${channel}${where} (Esc)` });
  }

  /** @param {any} network @returns {Loaded} */
  loadedOf(network) {
    let loaded = this.loaded.get(network);
    if (loaded === undefined) {
      const columns = columnsOf(network.program);
      loaded = { network, columns, indices: columnIndices(columns) };
      this.loaded.set(network, loaded);
    }
    return loaded;
  }

  /** The networks that are compared, as far as they are loaded. @param {any} state @returns {Loaded[]} */
  networks(state) {
    const names = new Set([state.model, ...state.models]);
    return [...names].map((name) => this.context.networks.get(name)).filter(Boolean).map((network) => this.loadedOf(network));
  }

  /** @param {Loaded} loaded @param {Place} place @param {any} state */
  draw(loaded, place, state) {
    const { network, columns } = loaded;
    const column = columns[place.index];
    const theme = themeOf(this.element);
    const steps = stepsOf(network, column, place);
    const where = column.isVector ? "" : `, row ${place.row}, column ${place.column}`;
    setText(this.title, `${column.title}, ${channelName(column, place.channel)}${where}`);
    const others = this.networks(state).filter((one) => one !== loaded);
    const counterparts = counterpartsOf(loaded, place, others);
    if (!samePlace(place, this.place)) this.element.scrollTop = 0;
    this.place = place;
    const hadFocus = this.body.contains(document.activeElement); // of a link that was followed
    this.body.replaceChildren(...[
      this.calculation(steps, network.program),
      section(pictureTitle(steps[0].kind), this.pictures(loaded, column, steps, theme)),
      steps[steps.length - 1].rule === "softmax" ? section("Softmax over the classes", createShares(steps[steps.length - 1], column)) : null,
      column.isAnswer ? section("From this view to the prediction", createViews(network.program, this.context.views(state.model), classOf(network.program, place.channel))) : null,
      steps[0].terms.length === 0 ? null
        : section(steps[0].terms.length === 1 ? "Computed from" : "Largest contributors", createContributors(network, steps[0].cell, this.links(loaded))),
      place.index > 0 ? section("Traced to the pixels", createTrace(network, steps[steps.length - 1].cell)) : null,
      counterparts.length > 1 ? section("The same place: dense, locally connected, convolution", createComparison(counterparts, theme)) : null,
      steps[0].terms.length === 0 ? null : createTermsTable(steps[0], (from) => this.nameOf(loaded, from)),
    ].filter((part) => part !== null));
    for (const details of this.body.querySelectorAll("details")) details.open = state.open.includes("terms");
    if (hadFocus) this.title.focus({ preventScroll: true }); // Esc still steps back
    this.tensors = tensorsOfCell(network, column, place, steps[0]);
    this.saving.update();
    this.askKeras(loaded, place, state);
  }

  /** @param {import("./probe.js").CellSum[]} steps @param {any} program */
  calculation(steps, program) {
    return element("ol", { class: "convlab-calculation" }, calculationOf(steps, program).map(({ operation, text }) =>
      element("li", {}, element("span", {}, operation.split("/").slice(-1)[0]), text)));
  }

  /**
   * @param {Loaded} loaded
   * @param {import("./column_model.js").Column} column
   * @param {import("./probe.js").CellSum[]} steps
   * @param {import("../draw/color.js").Theme} theme
   */
  pictures({ network, columns, indices }, column, [sum], theme) {
    const picture = pictureOf(sum.kind);
    if (picture === "none" || sum.terms.length === 0) return null;
    const from = columns[indices.get(sum.terms[0].from.name) ?? 0];
    const source = from.pixelRange ? { ramp: /** @type {const} */ ("pixels"), range: from.pixelRange } : null;
    const patches = patchesOf(network.program, sum);
    if (picture === "pool") return createWindow(patches[0], source, sum.rule === "maximum", theme);
    const named = from.isVector && patches[0].channel === null ? () => `${sum.terms.length} units` : (/** @type {number|null} */ channel) => (from.isVector ? `map ${channel}` : channelName(from, Number(channel)));
    return createProducts(patches, { bias: sum.bias, sum: sum.sum, nameOf: named }, source, theme);
  }

  /** @param {Loaded} loaded @param {import("../engine/shapes.js").Source} from */
  partsOf({ network, columns, indices }, from) {
    const column = columns[indices.get(from.name) ?? 0];
    const where = from.row === undefined || column.isVector ? unitText(network.program, from) : `, row ${from.row}, column ${from.column}`;
    return { title: column.title, channel: channelName(column, from.channel), where };
  }

  /** @param {Loaded} loaded @param {import("../engine/shapes.js").Source} from */
  nameOf(loaded, from) {
    const { title, channel, where } = this.partsOf(loaded, from);
    return `${title} ${channel}${where}`;
  }

  /** @param {Loaded} loaded */
  links(loaded) {
    return {
      nameOf: (/** @type {import("../engine/shapes.js").Source} */ from) => this.nameOf(loaded, from),
      follow: ({ name, row = 0, column = 0, channel }) => this.context.store.dispatch({ type: "pin", pin: { operation: name, row, column, channel }, isFollowed: true }),
    };
  }

  /** @param {Loaded} loaded @param {Place} place @param {any} state */
  askKeras({ network, columns }, place, state) {
    const column = columns[place.index];
    const { height, width, channels } = network.program.image;
    const pixels = this.context.pixels(state.model);
    const whole = pixels === null || pixels.every(Number.isInteger);
    this.badge.ask({
      model: state.model, operation: column.output.name, pixels, shape: [height, width, channels], values: network.output(column.output.name),
      index: valueIndex(column, place), changed: !whole || state.dropout !== null || Object.keys(state.kernels).length > 0,
    });
  }
}

/** The class of a unit of the answer: a single unit is for the second of two. @param {any} program @param {number} unit */
function classOf({ classes, operations }, unit) {
  const { shape } = operations[operations.length - 1];
  return shape[shape.length - 1] === 1 ? classes.length - 1 : unit;
}

/** @param {string} kind */
function pictureTitle(kind) {
  return pictureOf(kind) === "products" ? "Input × kernel, channel by channel" : "Window";
}

/** @param {any} program @param {import("../engine/shapes.js").Source} from */
function unitText(program, from) {
  const shape = mapBehind(program, from.name);
  if (shape === null) return "";
  const { channel, row, column } = cellBehind(shape, from.channel);
  return `: map ${channel}, row ${row}, column ${column}`;
}

/** @param {string} title @param {HTMLElement|null} content */
function section(title, content) {
  return content === null ? null : element("section", {}, element("h3", { class: "convlab-heading" }, title), content);
}
