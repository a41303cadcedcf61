// @ts-check
/** A kernel edited by hand or replaced by a classical one; everything downstream is computed again. */

import { KERNELS, classicalWeights } from "../play/kernels.js";
import { createAction } from "./action.js";
import { createButton, createChoice } from "./controls.js";
import { createFilterList } from "./filter_list.js";
import { createLegend } from "../draw/legend.js";
import { createMap, drawMap } from "../draw/map.js";
import { createPanel } from "./panel.js";
import { createWeightTable } from "./weight_table.js";
import { editableOperations, editedKernel, editsOf, filterKey, filterOf, filterShape, placeOf } from "../engine/edits.js";
import { element, setStyle } from "../element.js";
import { largest } from "../play/spread.js";
import { largestMagnitude, rampRange } from "../draw/color.js";
import { probesOf } from "../play/probes.js";
import { trainedResponse } from "../play/responses.js";
import { saveTensor } from "../draw/save.js";
import { themeOf } from "../draw/theme.js";

const WORDS = {
  name: "kernel", title: "Edit a kernel",
  term: "A filter slides over its input; its response is large where the input looks like the kernel. Change single weights or choose a classical kernel, and all later layers are computed again.",
};

/** @type {Record<string, string>} */
const NOTES = { depthwise: " (depthwise)", local: " (locally connected)" };

/** @param {any} context */
export function createKernelEditor(context) {
  return new KernelEditor(context);
}

class KernelEditor {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.probes = probesOf(context);
    /** @type {{row: number, column: number} | null} Whose private kernel is edited, in a locally connected layer. */
    this.cell = null;
    this.layer = createChoice(context, { label: "Layer", onChange: (value) => this.select({ operation: value, filter: 0, channel: 0 }) });
    this.channel = createChoice(context, { label: "Channel", onChange: (value) => this.select({ channel: Number(value) }) });
    this.preset = createChoice(context, { label: "Set to", onChange: (value) => this.setClassical(value) });
    this.filters = createFilterList(context, (filter) => this.select({ filter }));
    this.table = createWeightTable(context, (row, column, value) => this.setWeight(row, column, value));
    this.reset = createButton(context, "Reset filter", () => this.store.dispatch({ type: "kernel", key: this.key, values: null }));
    this.resetAll = createButton(context, "Reset all", () => this.store.dispatch({ type: "reset-kernels", prefix: "" }));
    this.legends = { weights: createLegend("weight"), responses: createLegend("response") };
    this.before = createMap();
    this.after = createMap();
    this.body = this.layout();
    this.body.hidden = true; // until there is a network
    this.panel = createPanel(context, WORDS, this.body);
    this.element = this.panel.element;
  }

  layout() {
    const picture = (/** @type {HTMLElement} */ map, /** @type {string} */ title, /** @type {any} */ more = []) =>
      element("figure", {}, element("div", { class: "convlab-picture" }, map), element("figcaption", { class: "convlab-caption-line" }, title, element("span", {}, more)));
    return element("div", {},
      element("div", { class: "convlab-row" }, this.layer.element, this.channel.element, this.preset.element, this.reset, this.resetAll),
      this.filters.element,
      element("div", { class: "convlab-kernel-body" },
        element("div", { class: "convlab-kernel-numbers" }, this.table.element, this.legends.weights.element, this.legends.responses.element),
        element("div", { class: "convlab-pictures" }, picture(this.before, "Response of the trained kernel"), picture(this.after, "Response of this kernel", this.savers()))));
  }

  /** Buttons that save the response map. */
  savers() {
    return ["npy", "csv"].map((format) => createAction(this.context.announce, `Save as .${format}`, () => {
      const [height, width, filters] = this.operation.shape;
      const map = this.network.output(this.operation.name).filter((/** @type {number} */ _, /** @type {number} */ index) => index % filters === this.filter);
      saveTensor(`${this.operation.layer}-${this.filter}.${format}`, map, [height, width]);
      return "Saved";
    }, { class: "convlab-button convlab-quiet", title: `Save the response of this kernel as .${format}`, what: `the response as .${format}` }));
  }

  get store() {
    return this.context.store;
  }

  get key() {
    return filterKey(this.name, this.operation.name, this.filter, this.cell);
  }

  /** Edits of the network, which it may not have answered yet. */
  get edits() {
    return editsOf(this.store.state.kernels, this.name);
  }

  /** @param {{operation?: string, filter?: number, channel?: number}} choice */
  select(choice) {
    for (const [name, value] of Object.entries(choice)) this.store.dispatch({ type: "choose", name: `kernel-${name}`, value });
  }

  /** @param {ArrayLike<number>} weights */
  setFilter(weights) {
    this.store.dispatch({ type: "kernel", key: this.key, values: Array.from(weights) });
  }

  /** @param {number} row @param {number} column @param {number} value */
  setWeight(row, column, value) {
    const [, width, channels] = filterShape(this.operation);
    const weights = this.weights.slice();
    weights[(row * width + column) * channels + this.chosenChannel] = value;
    this.setFilter(weights);
  }

  /** @param {string} name */
  setClassical(name) {
    const [height, width, channels] = filterShape(this.operation);
    if (name) this.setFilter(classicalWeights(name, height, width, channels));
  }

  /** The weights of the chosen filter as they are now, (kh, kw, C). */
  get weights() {
    return filterOf(this.operation, editedKernel(this.operation, this.edits), this.filter, this.cell);
  }

  /** Read the choices of a state; false if the network has no kernels. @param {any} state */
  read(state) {
    this.name = this.probes.subject(state);
    this.network = this.context.networks.get(this.name);
    const operations = this.network ? editableOperations(this.network.program) : [];
    this.operations = operations;
    this.operation = operations.find((operation) => operation.name === state.choices["kernel-operation"]) ?? operations[0];
    if (!this.operation) return false;
    const [, , channels, filters] = filterShape(this.operation);
    const limited = (/** @type {any} */ value, /** @type {number} */ count) => Math.min(count - 1, Math.max(0, Math.trunc(Number(value ?? 0)) || 0));
    this.filter = limited(state.choices["kernel-filter"], filters);
    this.chosenChannel = limited(state.choices["kernel-channel"], channels);
    this.cell = this.operation.kind === "local" ? this.cellOf(state.pin) : null;
    return true;
  }

  /** The pinned cell if it is in the chosen layer, or the middle one. @param {any} pin */
  cellOf(pin) {
    const [height, width] = this.operation.shape;
    const isPinned = pin && this.network.program.byName.get(pin.operation)?.layer === this.operation.layer;
    const { row, column } = isPinned ? pin : { row: height >> 1, column: width >> 1 };
    return { row: Math.min(row, height - 1), column: Math.min(column, width - 1) };
  }

  /** @param {any} state */
  update(state) {
    if (!this.panel.isVisible()) return;
    const found = this.read(state);
    this.body.hidden = !found;
    if (!found) return this.panel.say(this.network ? `${this.name} has no convolution. Choose a network that has one.` : "");
    const pixels = this.context.pixels(this.name);
    const [before, after] = [this.probes.trained(this.name), this.context.values(this.name)];
    const now = [before, after, this.name, this.operation, this.filter, this.chosenChannel, this.cell?.row, this.cell?.column, state.kernels, pixels, themeOf(this.element)];
    if (!pixels || (this.drawn && now.every((part, index) => part === this.drawn[index]))) return;
    this.drawn = now;
    this.drawControls(state);
    this.drawResponses();
    this.describe(before, after);
  }

  /** @param {any} state */
  drawControls(state) {
    const shape = filterShape(this.operation);
    const own = this.edits.filter(([name]) => name === this.operation.name).map(([, place]) => placeOf(place));
    const edited = new Set(own.filter(({ cell }) => cell?.row === this.cell?.row && cell?.column === this.cell?.column).map(({ filter }) => filter));
    this.layer.show(this.operations.map(({ name, layer, kind }) => [name, `${layer || name}${NOTES[kind] ?? ""}`]), this.operation.name);
    this.channel.show(Array.from({ length: shape[2] }, (_, channel) => [String(channel), `${channel} of ${shape[2]}`]), String(this.chosenChannel));
    this.preset.show([["", "a classical kernel…"], ...Object.entries(KERNELS).map(([name, { effect }]) => /** @type {[string, string]} */ ([name, `${name}: ${effect}`]))], "");
    this.reset.disabled = !edited.has(this.filter);
    this.resetAll.disabled = Object.keys(state.kernels).length === 0;
    const kernel = editedKernel(this.operation, this.edits);
    this.filters.update((filter) => filterOf(this.operation, kernel, filter, this.cell), shape, this.filter, edited);
    this.table.update(this.weights, shape, this.chosenChannel);
    this.legends.weights.update({ ramp: "weights", range: rampRange("weights", largestMagnitude(this.weights)), theme: themeOf(this.element) });
  }

  drawResponses() {
    const [height, width, channels] = this.operation.shape;
    const place = { height, width, channels, channel: this.filter };
    const now = this.network.output(this.operation.name);
    const trained = trainedResponse(this.network, this.operation);
    const magnitude = Math.max(largestMagnitude(now, channels, this.filter), largestMagnitude(trained, channels, this.filter));
    const coloring = { ramp: /** @type {const} */ ("activations"), range: rampRange("activations", magnitude), theme: themeOf(this.element) };
    this.legends.responses.update(coloring);
    drawMap(this.before, trained, place, coloring);
    drawMap(this.after, now, place, coloring);
    for (const map of [this.before, this.after]) setStyle(map.parentElement, { "--ratio": width / height });
  }

  /** Both are of the picture as the network is shown it. @param {Float64Array | null} before @param {Float64Array | null} after */
  describe(before, after) {
    const { classes } = this.context.catalog.get(this.name);
    const [height, width, channels, filters] = filterShape(this.operation);
    const { operations } = this.network.program;
    const behind = operations.length - 1 - operations.indexOf(this.operation);
    const where = this.cell ? `, used at row ${this.cell.row}, column ${this.cell.column} alone: pin another cell of the layer to edit its kernel` : "";
    const size = `Filter ${this.filter} of ${filters}: ${height}×${width}×${channels} weights${where}; ${behind} later operations.`;
    if (!before || !after) return this.panel.say(size);
    const index = this.probes.chosenClass(this.store.state, this.name) ?? largest(before);
    this.panel.say(`${size} Probability of “${classes[index]}”: ${(100 * before[index]).toFixed(1)}% with the trained weights, ${(100 * after[index]).toFixed(1)}% now.`);
  }

  dispose() {
    this.panel.dispose();
  }
}
