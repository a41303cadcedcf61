// @ts-check
/** The maps of a layer below each other, the first ones at once and more on demand. */
import { captionOf } from "./column_model.js";
import { cellBox } from "../draw/edges.js";
import { clearMap, createMap, drawImage, drawMap } from "../draw/map.js";
import { element, setProperties, setText } from "../element.js";
import { largestMagnitude } from "../draw/color.js";
import { normalizationOf, silentText } from "./column_notes.js";

/** @typedef {import("./column_model.js").Column} Column */
/** @typedef {{figure: any, canvas: HTMLCanvasElement, caption: any, factor: any}} MapFigure */

const FIRST_MAPS = 8;
const MORE_MAPS = 24;

/**
 * Return the body of a column of maps.
 * @param {Column} column
 * @param {(count: number) => void} onChange Called when more maps are shown: with their number if the
 *   button was pressed, else with 0.
 * @returns {import("./column.js").ColumnBody}
 */
export function createMaps(column, onChange) {
  const { element: list, maps, show } = createList(column, onChange);
  const whole = column.output.kind === "input" && column.channels === 3 ? createMap() : null;
  if (whole) list.prepend(element("figure", { class: "convlab-map" }, whole, element("figcaption", {}, "image")));
  const size = { height: column.height, width: column.width };
  return {
    element: list,
    layout: null,
    draw(network, coloring) {
      if (whole) drawImage(whole, network.output(column.output.name), column.output.shape);
      drawAll(column, maps, network, coloring);
    },
    note: (network) => (column.pixelRange ? "" : silentText(column, network.output(column.output.name))),
    idle() {
      if (whole) clearMap(whole);
      maps.forEach(({ figure, canvas, caption, factor }, channel) => {
        clearMap(canvas);
        figure.classList.remove("convlab-silent");
        setText(caption, captionOf(column, channel));
        setText(factor, "");
      });
    },
    reveal(channel) {
      if (channel >= maps.length) show(channel + 1, false);
    },
    targetOf: (channel) => maps[channel].figure,
    placeAt: (event) => cellBelow(column, event),
    boxOf({ channel, row, column: across }) {
      if (channel >= maps.length) return null;
      const box = cellBox(maps[channel].canvas.getBoundingClientRect(), size, { top: row, bottom: row, left: across, right: across });
      return new DOMRect(box.x, box.y, box.width, box.height);
    },
    boxesOf: (region) => [...(whole ? [whole] : []), ...maps.map(({ canvas }) => canvas)].map((canvas) => cellBox(canvas.getBoundingClientRect(), size, region)),
  };
}

/**
 * Return the first maps, and how to show more of them.
 * @param {Column} column
 * @param {(count: number) => void} onChange
 * @returns {{element: any, maps: MapFigure[], show: (count: number, isAsked?: boolean) => void}}
 */
function createList(column, onChange) {
  /** @type {MapFigure[]} */
  const maps = [];
  const more = element("button", { type: "button", class: "convlab-more", tabIndex: -1, onclick: () => show(maps.length + MORE_MAPS) });
  // Keys scroll it from the network, which is one tab stop; the live region tells what it shows.
  const list = element("div", {
    class: "convlab-maps", tabIndex: -1, "aria-hidden": "true", style: { "--ratio": `${column.width} / ${column.height}` },
  }, more);
  const add = (/** @type {number} */ count) => {
    while (maps.length < Math.min(count, column.channels)) {
      const map = createFigure(column, maps.length);
      maps.push(map);
      more.before(map.figure);
    }
    more.hidden = maps.length === column.channels;
    setText(more, `+ ${column.channels - maps.length} more`);
  };
  const show = (/** @type {number} */ count, isAsked = true) => {
    add(count);
    onChange(isAsked ? maps.length : 0);
  };
  add(FIRST_MAPS);
  return { element: list, maps, show };
}

/**
 * @param {Column} column
 * @param {number} channel
 */
function createFigure(column, channel) {
  const canvas = createMap();
  canvas.dataset.channel = String(channel);
  const caption = element("span", {}, captionOf(column, channel));
  const factor = element("span", { class: "convlab-map-factor" });
  return { figure: element("figure", { class: "convlab-map" }, canvas, element("figcaption", {}, caption, factor)), canvas, caption, factor };
}

/**
 * @param {Column} column
 * @param {MapFigure[]} maps
 * @param {import("../engine/network.js").Network} network
 * @param {import("./column.js").ColumnColoring} coloring
 */
function drawAll(column, maps, network, coloring) {
  const { height, width, channels, output } = column;
  const data = network.output(output.name);
  maps.forEach(({ figure, canvas, caption, factor }, channel) => {
    const range = coloring.rangeOf(channel);
    drawMap(canvas, data, { height, width, channels, channel }, { ramp: coloring.ramp, range, theme: coloring.theme });
    const silent = column.pixelRange === null && largestMagnitude(data, channels, channel) === 0;
    figure.classList.toggle("convlab-silent", silent);
    setText(caption, [captionOf(column, channel), silent ? "silent" : ""].filter((word) => word !== "").join(" · "));
    const { text, title } = normalizationOf(column, network, channel);
    setText(factor, text && `· ${text}`);
    setProperties(factor, { title });
  });
}

/**
 * @param {Column} column
 * @param {MouseEvent} event
 */
function cellBelow({ height, width }, event) {
  const canvas = event.target;
  if (!(canvas instanceof HTMLCanvasElement) || canvas.dataset.channel === undefined) return null;
  const box = canvas.getBoundingClientRect();
  const cell = (/** @type {number} */ share, /** @type {number} */ count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
  return {
    channel: Number(canvas.dataset.channel),
    row: cell((event.clientY - box.top) / box.height, height),
    column: cell((event.clientX - box.left) / box.width, width),
  };
}
