// @ts-check
/** The history of a run: the input of the page through the weights of earlier steps, with one frozen color scale. */

import { createButton, createChoice } from "../parts/controls.js";
import { createLegend } from "../draw/legend.js";
import { createMap, drawMap } from "../draw/map.js";
import { createPanel } from "../parts/panel.js";
import { createProblem } from "./problem.js";
import { element, setText } from "../element.js";
import { largestMagnitude, rampRange } from "../draw/color.js";
import { layersOf } from "./layer_values.js";
import { LIVE } from "./live_source.js";
import { mapShape } from "../engine/shapes.js";
import { themeOf } from "../draw/theme.js";

const WORDS = {
  name: "history", title: "Through the history",
  term: "Move through the steps of the run: prediction and network show your input with the weights of that step. The colors of the maps below keep their scale, so that steps can be compared.",
};
const MOST_MAPS = 32;
const PAUSE = 400; // milliseconds that a step is shown for

/** @param {any} context @param {import("./session.js").Session} session */
export function createHistoryPanel(context, session) {
  return new History(context, session);
}

class History {
  /** @param {any} context @param {import("./session.js").Session} session */
  constructor(context, session) {
    [this.context, this.session] = [context, session];
    /** @type {number | null} Position in the steps; null for the newest weights. */
    this.position = null;
    this.magnitude = 0; // of the frozen scale; 0 until there are values
    this.layer = "";
    this.wanted = 0; // the newest question
    this.isPlaying = false;
    this.player = createButton(context, "Play", () => this.play());
    this.range = element("input", { type: "range", min: 0, step: 1, "aria-label": "Step of the run" });
    this.where = element("p", { class: "convlab-note convlab-history-where", role: "status" });
    this.newest = createButton(context, "Newest weights", () => this.go(null));
    this.layers = createChoice(context, { label: "Maps of", onChange: (layer) => this.rescale({ layer }) });
    this.again = createButton(context, "Rescale colors", () => this.rescale({}));
    this.legend = createLegend("activation");
    this.problem = createProblem();
    this.maps = element("div", { class: "convlab-history-maps", role: "img" });
    /** @type {HTMLCanvasElement[]} */
    this.canvases = [];
    context.listen(this.range, "input", () => {
      this.stop();
      this.go(this.range.valueAsNumber);
    });
    this.panel = createPanel(context, WORDS, element("div", { class: "convlab-row" }, this.player, this.range, this.newest), this.where, this.problem.element,
      element("div", { class: "convlab-row" }, this.layers.element, this.again, this.legend.element), this.maps);
    this.element = this.panel.element;
    /** @type {any} */
    this.drawn = null;
  }

  /** @param {{layer?: string}} change */
  rescale(change) {
    Object.assign(this, change, { magnitude: 0, drawn: null });
    this.session.refresh();
  }

  /** Show the weights of a step. @param {number | null} position */
  async go(position) {
    this.position = position;
    this.session.live.isFollowing = position === null;
    this.wanted += 1;
    const asked = this.wanted;
    this.session.refresh();
    await this.problem.attempt(async () => {
      if (position === null) return this.session.live.look(null);
      const { tensors } = await this.session.tell("snapshot", { step: this.session.run.steps[position] });
      if (asked === this.wanted) await this.session.live.look(tensors);
    });
  }

  /** Show all steps one after the other, from the first one after the last. */
  async play() {
    if (this.isPlaying) return this.stop();
    this.isPlaying = true;
    const last = () => this.session.run.steps.length - 1;
    for (let next = (this.position ?? last()) >= last() ? 0 : this.position + 1; this.isPlaying && next <= last(); next++) {
      await this.go(next);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    this.stop();
  }

  stop() {
    this.isPlaying = false;
    this.session.refresh();
  }

  update() {
    const { run, live } = this.session;
    const { steps, epochs } = run;
    this.element.hidden = run.network === null || live.program === null || steps.length < 2;
    if (this.element.hidden || !this.panel.isVisible()) return;
    if (live.isFollowing) this.position = null; // another run has begun
    this.range.max = String(steps.length - 1);
    this.range.valueAsNumber = this.position ?? steps.length - 1;
    const step = this.position === null ? run.step : steps[this.position];
    const place = this.position === null ? "newest weights" : `snapshot ${this.position + 1} of ${steps.length}, epoch ${epochs[this.position] + 1}`;
    setText(this.where, `Step ${step.toLocaleString("en")}: ${place}.`);
    setText(this.player, this.isPlaying ? "Stop" : "Play");
    this.newest.disabled = this.position === null;
    const names = layersOf(live.plan).filter(({ output }) => this.shapeOf(output)).map(({ layer }) => layer);
    if (!names.includes(this.layer)) this.rescale({ layer: names.find((name) => name !== "input" && !name.startsWith("rescaling")) ?? names[0] });
    this.layers.show(names.map((name) => [name, name]), this.layer);
    this.draw();
  }

  /** Rows, columns and maps of an output, or null for a vector. @param {string} name */
  shapeOf(name) {
    const { output_shape: shape } = this.session.live.plan.operations.find((/** @type {any} */ one) => one.name === name);
    return shape.length === 3 ? shape : null;
  }

  draw() {
    const network = this.context.networks.get(LIVE);
    const output = layersOf(this.session.live.plan).find(({ layer }) => layer === this.layer)?.output;
    if (!network || !output || !network.program.byName.has(output)) return;
    const values = network.output(output);
    if (values === this.drawn) return;
    this.drawn = values;
    const [height, width, channels] = mapShape(network.program.byName.get(output).shape);
    if (this.magnitude === 0) this.magnitude = largestMagnitude(values);
    const count = Math.min(channels, MOST_MAPS);
    if (this.canvases.length !== count) {
      this.canvases = Array.from({ length: count }, createMap);
      this.maps.replaceChildren(...this.canvases);
    }
    const coloring = { ramp: /** @type {const} */ ("activations"), range: rampRange("activations", this.magnitude), theme: themeOf(this.maps) };
    this.canvases.forEach((canvas, channel) => drawMap(canvas, values, { height, width, channels, channel }, coloring));
    this.legend.update(coloring, "on a frozen scale");
    this.maps.setAttribute("aria-label", `${count} of ${channels} maps of ${this.layer}, from −${this.magnitude.toPrecision(3)} to ${this.magnitude.toPrecision(3)}`);
  }

  dispose() {
    this.isPlaying = false;
    this.panel.dispose();
  }
}
