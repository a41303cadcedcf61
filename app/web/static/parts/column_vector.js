// @ts-check
/** A long vector as a block of small cells on one canvas. */
import { cellBox } from "../draw/edges.js";
import { clearMap, createMap, drawMap } from "../draw/map.js";
import { droppedUnits, silentText } from "./column_notes.js";
import { element, setStyle } from "../element.js";
import { vectorBlock, vectorIndex, vectorLayout } from "../draw/vector.js";

/** @typedef {import("./column_model.js").Column} Column */

const WIDTH = 80; // CSS pixels, of a column that is as narrow as it may be

/**
 * Return the body of a column with a vector.
 * @param {Column} column
 * @returns {import("./column.js").ColumnBody}
 */
export function createVector(column) {
  const { channels, output } = column;
  const layout = vectorLayout(channels, WIDTH, lineOf(column));
  const size = { height: layout.rows, width: layout.columns };
  const canvas = createMap();
  setStyle(canvas, { "--across": `${layout.columns * layout.cell}px`, "--ratio": `${layout.columns} / ${layout.rows}` });
  const boxOf = (/** @type {number} */ channel) => {
    const [row, across] = [Math.floor(channel / layout.columns), channel % layout.columns];
    const box = cellBox(canvas.getBoundingClientRect(), size, { top: row, bottom: row, left: across, right: across });
    return new DOMRect(box.x, box.y, box.width, box.height);
  };
  return {
    element: element("div", { class: "convlab-vector" }, canvas),
    layout,
    draw(network, { ramp, theme, rangeOf }) {
      const values = Float32Array.from(network.output(output.name));
      for (const unit of droppedUnits(column, network)) values[unit] = Number.NaN; // a hole
      const place = { height: layout.rows, width: layout.columns, channels: 1, channel: 0 };
      drawMap(canvas, vectorBlock(values, layout), place, { ramp, theme, range: rangeOf(0) });
    },
    note: (network) => noteOf(column, network),
    idle: () => clearMap(canvas),
    reveal() {},
    targetOf: () => canvas,
    placeAt(event) {
      if (event.target !== canvas) return null;
      const box = canvas.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * layout.rows);
      const across = Math.floor(((event.clientX - box.left) / box.width) * layout.columns);
      const channel = vectorIndex(layout, channels, row, across);
      return channel === null ? null : { channel, row: 0, column: 0 };
    },
    boxOf: ({ channel }) => boxOf(channel),
    boxesOf: () => [canvas.getBoundingClientRect()],
  };
}

/**
 * Return the cells side by side if a vector is one flattened map.
 * @param {Column} column
 */
function lineOf({ inputShape, output }) {
  const [, width, channels] = inputShape ?? [];
  return output.kind === "flatten" && channels === 1 ? width : undefined;
}

/**
 * @param {Column} column
 * @param {import("../engine/network.js").Network} network
 */
function noteOf(column, network) {
  if (column.pixelRange) return "";
  if (column.output.kind !== "dropout") return silentText(column, network.output(column.output.name));
  const { dropout } = network.call(column.output.name);
  if (dropout === null) return "off now: passes everything on";
  const kept = 1 / (1 - column.output.attributes.rate);
  return `on: ${droppedUnits(column, network).length} of ${column.channels} dropped, the others × ${Math.round(kept * 100) / 100}`;
}
