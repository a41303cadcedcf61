// @ts-check
/** The network as columns of maps, from the input to the answer: hover a cell, pin it, walk with the keys. */
import { KEY_SHORTCUTS, clippedPlace, moveBy, samePlace } from "./walk.js";
import { columnIndices, columnsOf } from "./column_model.js";
import { createColumn, trackOf } from "./column.js";
import { createOverlay } from "./network_overlay.js";
import { createNetworkSaving } from "./network_saving.js";
import { createScale } from "./scale.js";
import { createScroll } from "./network_scroll.js";
import { describeProbe, probeCell } from "./probe.js";
import { element, setStyle, setText } from "../element.js";
import { layerColoring, networkMagnitude } from "./network_colors.js";
import { networkHint } from "./column_notes.js";
import { themeOf } from "../draw/theme.js";

/** @typedef {import("./walk.js").Place} Place */

/**
 * Return the part that shows the network.
 * @param {any} context
 * @returns {{element: HTMLElement, update: (state: any) => void, dispose: () => void}}
 */
export function createColumns(context) {
  const view = new NetworkView(context);
  return { element: view.element, update: (state) => view.update(state), dispose: () => view.dispose() };
}

class NetworkView {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.scale = createScale(context.store);
    const spoken = { role: "application", "aria-roledescription": "network of maps", "aria-label": "Network", "aria-keyshortcuts": KEY_SHORTCUTS };
    this.strip = element("div", { class: "convlab-strip-of-columns", tabIndex: 0, ...spoken });
    this.area = element("div", { class: "convlab-network" });
    this.status = element("p", { class: "convlab-note convlab-network-status", "aria-hidden": "true" });
    this.overlay = createOverlay(this.area);
    this.area.append(this.strip, this.overlay.element);
    this.title = element("h2", { class: "convlab-heading" }, "Network");
    this.scroll = createScroll(context, this.strip);
    const line = element("div", { class: "convlab-line" }, this.title, this.scroll.element, this.scale.element);
    const below = element("div", { class: "convlab-line" }, this.status, this.scale.legends);
    this.element = element("div", { class: "convlab-columns" }, line, below, this.area);
    line.append(createNetworkSaving(context, { element: this.element, redraw: () => this.drawOverlay(), name: () => this.shown.network?.program.name ?? "network" }));
    /** @type {{network: any, columns: import("./column_model.js").Column[], bodies: import("./column.js").ColumnBody[], indices: Map<string, number>}} */
    this.shown = { network: null, columns: [], bodies: [], indices: new Map() };
    /** @type {Place|null} */
    this.hovered = null;
    /** @type {Place|null} */
    this.pinned = null;
    /** @type {Place|null} */
    this.scrollTo = null;
    this.frame = 0;
    this.drawn = "";
    /** @type {boolean|null} */
    this.isIdle = null;
    /** @type {Float32Array[]} */
    this.outputs = [];
    this.observer = new ResizeObserver(() => this.redrawOverlay());
    this.observer.observe(this.area);
    this.listen();
  }

  listen() {
    const { context, area, strip } = this;
    context.listen(area, "pointermove", (/** @type {PointerEvent} */ event) => {
      if (event.pointerType !== "touch") this.hover(this.placeAt(event));
    });
    context.listen(area, "pointerleave", (/** @type {PointerEvent} */ event) => {
      if (event.pointerType !== "touch") this.hover(null); // a finger leaves with each tap
    });
    context.listen(area, "click", (/** @type {PointerEvent} */ event) => this.click(event));
    context.listen(area, "mousedown", (/** @type {MouseEvent} */ event) => this.placeAt(event) && event.preventDefault()); // a row of maps would take the focus
    context.listen(strip, "keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
    context.listen(area, "scroll", () => this.redrawOverlay(), { capture: true, passive: true });
    context.listen(strip, "focus", () => this.announce(this.hovered ?? this.pinned));
    context.listen(strip, "blur", () => this.hover(null));
  }

  /** @param {any} state */
  update(state) {
    const network = this.context.networks.get(state.model) ?? null;
    if (network !== this.shown.network) this.build(network);
    if (network === null) return void setText(this.status, this.waitingText(state.model));
    this.setIdle(this.context.pixels(state.model) === null);
    if (!this.isIdle) this.drawMaps(state);
    this.showPin(this.isIdle ? null : this.placeOf(state.pin));
    queueMicrotask(() => this.drawOverlay()); // in the same frame, once the card beside the network has its place
  }

  /** @param {Place|null} place */
  showPin(place) {
    const moved = place !== null && !samePlace(place, this.pinned);
    this.pinned = place;
    if (place !== null) this.shown.bodies[place.index].reveal(place.channel);
    this.scrollTo = moved ? place : this.scrollTo;
  }

  /** @param {any} network */
  build(network) {
    const columns = network === null ? [] : columnsOf(network.program);
    const bodies = columns.map((column) => createColumn(column, (count) => this.afterChange(column, count)));
    this.shown = { network, columns, bodies, indices: columnIndices(columns) };
    [this.hovered, this.drawn] = [null, ""];
    this.isIdle = null; // not known yet
    this.strip.replaceChildren(...bodies.map((body) => body.element));
    setStyle(this.strip, { "grid-template-columns": bodies.map((body, index) => trackOf(body, index, bodies.length)).join(" ") });
    this.scroll.show(bodies);
    setText(this.title, network === null ? "Network" : `Network ${network.program.name}`);
  }

  /** Without an image there are no values. @param {boolean} isIdle */
  setIdle(isIdle) {
    if (isIdle === this.isIdle) return;
    this.isIdle = isIdle;
    this.drawn = "";
    this.hovered = null;
    this.strip.classList.toggle("convlab-idle", isIdle);
    if (isIdle) for (const body of this.shown.bodies) body.idle?.();
  }

  /** Draw the maps again whose values, scale or theme have changed. @param {any} state */
  drawMaps(state) {
    const { network, columns, bodies } = this.shown;
    const theme = themeOf(this.element);
    const outputs = columns.map(({ output, channels }, index) => {
      bodies[index].reveal(Math.min(Number(state.choices[`maps-${output.name}`]), channels) - 1);
      return network.output(output.name);
    });
    const magnitude = state.scale === "global" ? networkMagnitude(columns, outputs) : 0;
    const look = [state.scale, theme, magnitude, Boolean(state.dropout)].join(" ");
    bodies.forEach((body, index) => {
      if (look === this.drawn && outputs[index] === this.outputs[index]) return;
      body.draw(network, layerColoring(columns[index], outputs[index], { scale: state.scale, theme, magnitude }));
    });
    [this.drawn, this.outputs] = [look, outputs];
    this.scale.update(state, theme, magnitude);
  }

  /** @param {import("./column_model.js").Column} column @param {number} count See column_maps.js. */
  afterChange({ output }, count) {
    this.drawn = ""; // new maps are empty
    this.context.store.dispatch(count > 0 ? { type: "choose", name: `maps-${output.name}`, value: count } : { type: "refresh" });
  }

  /** @param {any} pin @returns {Place|null} */
  placeOf(pin) {
    const index = pin ? this.shown.indices.get(pin.operation) : undefined;
    return index === undefined ? null : clippedPlace(this.shown.columns, { ...pin, index });
  }

  /** @param {MouseEvent} event @returns {Place|null} */
  placeAt(event) {
    if (this.isIdle) return null;
    const target = /** @type {Node} */ (event.target);
    const index = this.shown.bodies.findIndex((body) => body.element.contains(target));
    const cell = index < 0 ? null : this.shown.bodies[index].placeAt(event);
    return cell === null ? null : { index, ...cell };
  }

  /** @param {Place|null} place */
  hover(place) {
    if (samePlace(place, this.hovered)) return;
    this.hovered = place;
    this.redrawOverlay();
  }

  /** @param {PointerEvent} event */
  click(event) {
    const place = this.placeAt(event);
    const control = event.target instanceof Element && event.target.closest("button, a");
    if (place === null) return control ? undefined : this.context.store.dispatch({ type: "back" });
    this.strip.focus({ preventScroll: true });
    const preview = event.pointerType === "touch" && !(this.hovered?.index === place.index && this.hovered.channel === place.channel);
    if (preview) return this.hover(place); // the second tap on a map pins
    this.pin(place);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (this.shown.network === null || this.isIdle || event.altKey || event.ctrlKey || event.metaKey || event.target !== this.strip) return;
    const start = this.hovered ?? this.pinned ?? { index: 0, channel: 0, row: 0, column: 0 };
    if (event.key === "Enter" || event.key === " ") this.pin(start);
    else if (event.key === "Escape" && this.hovered) this.hover(null);
    else {
      const place = moveBy(this.shown.columns, (index) => this.layoutOf(index), start, event);
      if (place === null) return;
      this.shown.bodies[place.index].reveal(place.channel);
      this.hover(place);
      this.bringIntoView(place);
      this.announce(place);
    }
    event.preventDefault();
  }

  /** @param {number} index */
  layoutOf(index) {
    return /** @type {import("../draw/vector.js").VectorLayout} */ (this.shown.bodies[index].layout);
  }

  /** @param {Place} place */
  bringIntoView({ index, channel }) {
    const body = this.shown.bodies[index];
    const sticks = index === 0 || index === this.shown.bodies.length - 1;
    (sticks ? body.element : body.targetOf(channel)).scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {Place} place */
  pin({ index, row, column, channel }) {
    const operation = this.shown.columns[index].output.name;
    this.context.store.dispatch({ type: "pin", pin: { operation, row, column, channel } });
    this.announce({ index, row, column, channel }, "Pinned: ");
  }

  /** @param {Place|null} place @param {string} [before] */
  announce(place, before = "") {
    if (place === null || this.shown.network === null || this.isIdle) return;
    const { network, columns } = this.shown;
    this.context.announce(before + describeProbe(network, columns, probeCell(network, columns, place)));
  }

  redrawOverlay() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.drawOverlay());
  }

  drawOverlay() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.scrollTo) this.scroll.toColumn(this.scrollTo);
    this.scrollTo = null;
    const { network, columns } = this.shown;
    const place = this.hovered ?? this.pinned;
    const probe = place === null || network === null || this.isIdle ? null : probeCell(network, columns, place);
    this.overlay.draw(this.shown, probe);
    if (this.isIdle) setText(this.status, this.context.input.problem || this.context.input.refusal(network?.program.name ?? "") || "Loading the image …");
    else if (network !== null) setText(this.status, probe === null ? networkHint() : describeProbe(network, columns, probe));
  }

  /** @param {string} model */
  waitingText(model) {
    const { catalog, failures } = this.context;
    return catalog.get(model)?.server_only ?? failures?.get(model) ?? "Loading the network …";
  }

  dispose() {
    this.observer.disconnect();
    this.scroll.dispose();
    cancelAnimationFrame(this.frame);
  }
}
