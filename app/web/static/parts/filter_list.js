// @ts-check
/** The filters of a layer as small pictures, of which one is chosen: one tab stop, arrow keys. */

import { createMap, drawMap } from "../draw/map.js";
import { element } from "../element.js";
import { largestMagnitude, rampRange } from "../draw/color.js";
import { themeOf } from "../draw/theme.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
const MOST = 128;

/**
 * @param {any} context @param {(filter: number) => void} onChoose
 */
export function createFilterList(context, onChoose) {
  return new FilterList(context, onChoose);
}

class FilterList {
  /** @param {any} context @param {(filter: number) => void} onChoose */
  constructor(context, onChoose) {
    /** @type {{option: HTMLElement, canvas: HTMLCanvasElement}[]} */
    this.options = [];
    this.chosen = 0;
    this.element = element("div", { class: "convlab-filters", role: "listbox", tabIndex: 0, "aria-label": "Filters of this layer", "aria-orientation": "horizontal" });
    context.listen(this.element, "click", (/** @type {any} */ event) => {
      const index = this.options.findIndex(({ option }) => option.contains(event.target));
      if (index >= 0) onChoose(index);
    });
    context.listen(this.element, "keydown", (/** @type {KeyboardEvent} */ event) => {
      const step = STEPS[event.key];
      if (step === undefined) return;
      event.preventDefault();
      onChoose(Math.min(this.options.length - 1, Math.max(0, this.chosen + step)));
    });
  }

  /**
   * @param {(filter: number) => Float32Array} weightsOf Weights (kh, kw, C) of a filter.
   * @param {number[]} shape (kh, kw, C, F)
   * @param {number} chosen
   * @param {Set<number>} edited
   */
  update(weightsOf, [height, width, channels, filters], chosen, edited) {
    const count = Math.min(filters, MOST);
    if (this.options.length !== count) {
      this.options = Array.from({ length: count }, (_, index) => {
        const canvas = createMap();
        return { canvas, option: element("div", { role: "option", "aria-label": `Filter ${index}` }, canvas) };
      });
      this.element.replaceChildren(...this.options.map(({ option }) => option));
    }
    const theme = themeOf(this.element);
    const all = this.options.map((_, index) => meanOverChannels(weightsOf(index), channels));
    const range = rampRange("weights", Math.max(...all.map((weights) => largestMagnitude(weights))));
    this.options.forEach(({ option, canvas }, index) => {
      drawMap(canvas, all[index], { height, width, channels: 1, channel: 0 }, { ramp: "weights", range, theme });
      option.setAttribute("aria-selected", String(index === chosen));
      option.classList.toggle("convlab-edited", edited.has(index));
    });
    this.chosen = chosen;
  }
}

/** @param {Float32Array} weights (kh, kw, C) @param {number} channels @returns {Float32Array} (kh, kw) */
function meanOverChannels(weights, channels) {
  const mean = new Float32Array(weights.length / channels);
  weights.forEach((weight, index) => {
    mean[Math.floor(index / channels)] += weight / channels;
  });
  return mean;
}
