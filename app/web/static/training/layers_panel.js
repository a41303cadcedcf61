// @ts-check
/** The numbers inside: activations for the input of the page, weights and gradients of each layer. */

import { createMap, drawMap } from "../draw/map.js";
import { createPanel } from "../parts/panel.js";
import { createSlowMotion } from "./slow_motion.js";
import { element, setText } from "../element.js";
import { largestMagnitude, rampRange } from "../draw/color.js";
import { layersOf, matrixOf, rangeText, statisticsOf } from "./layer_values.js";
import { LIVE } from "./live_source.js";
import { shapeText } from "../draw/numbers.js";
import { themeOf } from "../draw/theme.js";

const WORDS = {
  name: "layers", title: "Inside the layers",
  term: "Smallest and largest value of each layer: activations for the input of the page, weights, and the gradient of the last batch's mean loss. A picture has a column for each filter or unit, and a row for each weight of it.",
};
const HEAD = ["layer", "activations", "weights", "gradients"];

/** @param {any} context @param {import("./session.js").Session} session */
export function createLayersPanel(context, session) {
  const body = element("tbody");
  const table = element("table", { class: "convlab-layer-table" },
    element("thead", {}, element("tr", {}, HEAD.map((name) => element("th", { scope: "col" }, name)))), body);
  const slow = createSlowMotion(context, session);
  const panel = createPanel(context, WORDS, element("div", { class: "convlab-sideways" }, table), slow.element);
  /** @type {any[]} */
  let rows = [];
  /** @type {any} */
  let plan = null;
  return {
    ...panel,
    update() {
      const { run, live } = session;
      panel.element.hidden = !session.isOpen || run.network === null || live.program === null;
      if (panel.element.hidden || !panel.isVisible()) return;
      if (live.plan !== plan) {
        plan = live.plan;
        rows = layersOf(plan).map(createRow);
        body.replaceChildren(...rows.map((row) => row.element));
      }
      const network = context.networks.get(LIVE);
      for (const row of rows) row.update(network, run);
      slow.update(rows.filter(({ hasKernel }) => hasKernel).map(({ name }) => name));
    },
  };
}

/** @param {import("./layer_values.js").Layer} layer */
function createRow({ layer, type, output, tensors }) {
  const activations = element("td", { "data-head": HEAD[1] });
  const weights = tensors.map((tensor) => createTensor(tensor, "weights"));
  const gradients = tensors.map((tensor) => createTensor(tensor, "gradients"));
  /** @type {any} */
  let shown = null;
  return {
    name: layer,
    hasKernel: tensors.some((tensor) => tensor.name === `${layer}/kernel`),
    element: element("tr", {}, element("th", { scope: "row" }, layer, element("small", {}, type)), activations,
      element("td", { "data-head": HEAD[2] }, weights.map((one) => one.element)), element("td", { "data-head": HEAD[3] }, gradients.map((one) => one.element))),
    /** @param {any} network @param {import("./run.js").Run} run */
    update(network, run) {
      const values = network?.program.byName.has(output) ? network.output(output) : null;
      if (values !== shown) setText(activations, values ? rangeText(statisticsOf(values)) : "");
      shown = values;
      for (const one of weights) one.update(run.weights);
      for (const one of gradients) one.update(run.gradients);
    },
  };
}

/** A tensor: its picture if it is a kernel, and its range. @param {{role: string, name: string}} tensor @param {"weights" | "gradients"} of */
function createTensor({ role, name }, of) {
  const canvas = role === "kernel" ? createMap() : null;
  const text = element("span");
  const shape = element("small");
  const line = element("div", { class: "convlab-tensor", hidden: true }, canvas, element("div", {}, text, shape));
  /** @type {any} */
  let shown = null;
  return {
    element: line,
    /** @param {any} event */
    update(event) {
      const tensor = event?.tensors.get(name);
      line.hidden = !tensor;
      if (!tensor || tensor === shown) return;
      shown = tensor;
      setText(text, rangeText(event.statistics[name]));
      setText(shape, of === "weights" ? `${role} ${shapeText(tensor.shape)}` : role);
      if (!canvas) return;
      const { data, height, width } = matrixOf(tensor.data, tensor.shape);
      drawMap(canvas, data, { height, width, channels: 1, channel: 0 },
        { ramp: "weights", range: rampRange("weights", largestMagnitude(data)), theme: themeOf(line) });
    },
  };
}
