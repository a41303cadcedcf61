// @ts-check
/** The canvas above the columns: frames of receptive fields and edges of the cell that is pointed at. */
import { customProperty, themeOf } from "../draw/theme.js";
import { drawEdges, drawFrame } from "../draw/edges.js";
import { edgesOf } from "./probe.js";
import { element } from "../element.js";

/** @typedef {import("./column.js").ColumnBody} ColumnBody */
/** @typedef {import("./probe.js").Probe} Probe */
/** @typedef {{columns: import("./column_model.js").Column[], bodies: ColumnBody[], indices: Map<string, number>}} Shown */

const FADE = 14; // CSS pixels beside the input and the answer, where columns fade out

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
      const direction = directionOf(shown.bodies);
      const edges = edgesBetween(shown, probe, direction);
      drawEdges(context, edges.filter(({ isFree }) => isFree), themeOf(area), direction);
      const frames = framesOf(shown, probe);
      for (const { box: frame, isFree } of frames) if (isFree) drawFrame(context, frame, colors);
      clipBetween(context, shown.bodies, direction);
      drawEdges(context, edges.filter(({ isFree }) => !isFree), themeOf(area), direction);
      for (const { box: frame, isFree } of frames) if (!isFree) drawFrame(context, frame, colors);
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
 * @param {"across"|"down"} direction
 * @returns {(import("../draw/edges.js").Edge & {isFree: boolean})[]} Window coordinates; edges to maps that are not
 *   shown are left out; free ones begin or end at a column that stays in sight.
 */
function edgesBetween({ bodies, indices }, probe, direction) {
  const { boxOf, portOf = boxOf } = bodies[probe.place.index];
  const cell = portOf(probe.place);
  const isCovered = coverOf(bodies);
  if (cell === null || isCovered(cell, probe.place.index)) return [];
  const to = sideOf(cell, direction, 0);
  return edgesOf(probe).flatMap(({ from, weight }) => {
    const index = indices.get(from.name) ?? 0;
    const box = bodies[index].boxOf({ channel: from.channel, row: from.row ?? 0, column: from.column ?? 0 });
    return box && !isCovered(box, index) ? [{ from: sideOf(box, direction, 1), to, weight, isFree: sticks(bodies, index) || sticks(bodies, probe.place.index) }] : [];
  });
}

/**
 * Return the middle of the side at which edges arrive (0) or leave (1).
 * @param {import("../draw/edges.js").Box} box
 * @param {"across"|"down"} direction
 * @param {0|1} end
 */
function sideOf({ x, y, width, height }, direction, end) {
  return direction === "across" ? { x: x + end * width, y: y + height / 2 } : { x: x + width / 2, y: y + end * height };
}

/**
 * Return whether the layers are columns or, in a narrow page, rows.
 * @param {ColumnBody[]} bodies
 * @returns {"across"|"down"}
 */
export function directionOf(bodies) {
  const [first, last] = [bodies[0], bodies[bodies.length - 1]].map(({ element: shown }) => shown.getBoundingClientRect());
  return first.bottom <= last.top ? "down" : "across";
}

/**
 * @param {Shown} shown
 * @param {Probe} probe
 * @returns {{box: import("../draw/edges.js").Box, isFree: boolean}[]} Window coordinates.
 */
function framesOf({ columns, bodies }, { place, regions }) {
  const frames = columns.slice(0, place.index).flatMap(({ output }, index) => {
    const region = regions.get(output.name);
    return region ? bodies[index].boxesOf(region).map((box) => ({ box, isFree: sticks(bodies, index) })) : [];
  });
  const own = bodies[place.index].boxOf(place);
  return own === null ? frames : [...frames, { box: own, isFree: sticks(bodies, place.index) }];
}

/**
 * Return whether a column is the input or the answer, which stay in sight.
 * @param {ColumnBody[]} bodies
 * @param {number} index
 */
function sticks(bodies, index) {
  return index === 0 || index === bodies.length - 1;
}

/**
 * Draw only between the input and the answer from now on.
 * @param {CanvasRenderingContext2D} context
 * @param {ColumnBody[]} bodies
 * @param {"across"|"down"} direction
 */
function clipBetween(context, bodies, direction) {
  if (direction === "down") return;
  const [first, last] = [bodies[0].element, bodies[bodies.length - 1].element].map((one) => one.getBoundingClientRect());
  const strip = /** @type {HTMLElement} */ (bodies[0].element.parentElement);
  const [before, behind] = ["before", "behind"].map((side) => (strip.classList.contains(`convlab-more-${side}`) ? FADE : 0));
  context.beginPath();
  context.rect(first.right + before, first.top, last.left - behind - first.right - before, first.height);
  context.clip();
}

/**
 * Return whether a box of a column lies behind the input or the answer.
 * @param {ColumnBody[]} bodies
 * @returns {(box: import("../draw/edges.js").Box, index: number) => boolean}
 */
function coverOf(bodies) {
  const [first, last] = [bodies[0].element, bodies[bodies.length - 1].element].map((one) => one.getBoundingClientRect());
  if (directionOf(bodies) === "down") return () => false; // nothing stays in sight
  return ({ x, width }, index) => !sticks(bodies, index) && (x + width / 2 < first.right || x + width / 2 > last.left);
}
