// @ts-check
/** The canvas above the columns: frames of receptive fields and edges of the cell that is pointed at. */
import { customProperty, themeOf } from "../draw/theme.js";
import { drawEdges, drawFrame } from "../draw/edges.js";
import { edgesOf } from "./probe.js";
import { element } from "../element.js";

/** @typedef {import("./column.js").ColumnBody} ColumnBody */
/** @typedef {import("./probe.js").Probe} Probe */
/** @typedef {{columns: import("./column_model.js").Column[], bodies: ColumnBody[], indices: Map<string, number>}} Shown */

/**
 * Return an overlay for an element that it covers exactly; it lets the pointer through.
 * @param {HTMLElement} area
 * @returns {{element: HTMLCanvasElement, draw: (shown: Shown, probe: Probe|null) => void}}
 */
export function createOverlay(area) {
  const canvas = element("canvas", { class: "convlab-overlay", "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let empty = true;
  return {
    element: canvas,
    draw(shown, probe) {
      if (probe === null && empty) return;
      const box = fit(canvas, context, area);
      empty = probe === null;
      if (probe === null) return;
      const colors = { line: customProperty(area, "--accent", "#1d5fa8"), halo: customProperty(area, "--background", "#ffffff") };
      context.save();
      context.translate(-box.left, -box.top);
      drawEdges(context, edgesBetween(shown, probe), themeOf(area));
      for (const frame of framesOf(shown, probe)) drawFrame(context, frame, colors);
      context.restore();
    },
  };
}

/**
 * Give a canvas the size of an area in device pixels, and clear it.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLElement} area
 */
function fit(canvas, context, area) {
  const box = area.getBoundingClientRect();
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return box;
}

/**
 * @param {Shown} shown
 * @param {Probe} probe
 * @returns {import("../draw/edges.js").Edge[]} Window coordinates; edges to maps that are not shown are left out.
 */
function edgesBetween({ bodies, indices }, probe) {
  const cell = bodies[probe.place.index].boxOf(probe.place);
  if (cell === null) return [];
  const to = { x: cell.x, y: cell.y + cell.height / 2 };
  return edgesOf(probe).flatMap(({ from, weight }) => {
    const body = bodies[indices.get(from.name) ?? -1];
    const box = body?.boxOf({ channel: from.channel, row: from.row ?? 0, column: from.column ?? 0 });
    return box ? [{ from: { x: box.x + box.width, y: box.y + box.height / 2 }, to, weight }] : [];
  });
}

/**
 * @param {Shown} shown
 * @param {Probe} probe
 * @returns {import("../draw/edges.js").Box[]} Window coordinates.
 */
function framesOf({ columns, bodies }, { place, regions }) {
  const frames = columns.slice(0, place.index).flatMap(({ output }, index) => {
    const region = regions.get(output.name);
    return region ? bodies[index].boxesOf(region) : [];
  });
  const own = bodies[place.index].boxOf(place);
  return own === null ? frames : [...frames, own];
}
