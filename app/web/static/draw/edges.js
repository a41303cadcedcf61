// @ts-check
/** Edges between cells, colored and wide by weight, and frames around receptive fields. Draws on a 2D context. */
import { cssColor, valueColor, rampRange } from "./color.js";

/** @typedef {import("./color.js").Theme} Theme */
/** @typedef {{x: number, y: number}} Point CSS pixels. */
/** @typedef {{from: Point, to: Point, weight: number}} Edge */
/** @typedef {{x: number, y: number, width: number, height: number}} Box CSS pixels. */

/** More edges than this are a gray wall; the strongest stay. */
export const MOST_EDGES = 320;

const LEAST_WIDTH = 0.5;
const LARGEST_WIDTH = 2.5;
const WIDTH_STEPS = 8;

/**
 * Return the edges of the largest weights, the strongest last so that it lies on top.
 * @param {Edge[]} edges
 * @param {number} [count]
 * @returns {Edge[]}
 */
export function strongestEdges(edges, count = MOST_EDGES) {
  const sorted = [...edges].sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
  return sorted.slice(Math.max(sorted.length - count, 0));
}

/**
 * Draw edges as curves that leave and arrive along the direction of the network.
 * @param {CanvasRenderingContext2D} context
 * @param {Edge[]} edges
 * @param {Theme} theme
 * @param {"across"|"down"} direction
 */
export function drawEdges(context, edges, theme, direction) {
  const largest = edges.reduce((value, edge) => Math.max(value, Math.abs(edge.weight)), 0);
  if (largest === 0) return;
  const range = rampRange("weights", largest);
  context.save();
  for (const edge of strongestEdges(edges)) {
    const share = Math.ceil((Math.abs(edge.weight) / largest) * WIDTH_STEPS) / WIDTH_STEPS;
    const shown = Math.sign(edge.weight) * Math.max(share, 0.45) * largest; // weak edges keep a hue
    context.globalAlpha = 0.15 + 0.75 * share;
    context.lineWidth = LEAST_WIDTH + (LARGEST_WIDTH - LEAST_WIDTH) * share;
    context.strokeStyle = cssColor(valueColor(shown, range, "weights", theme));
    context.beginPath();
    curve(context, edge.from, edge.to, direction);
    context.stroke();
  }
  context.restore();
}

/**
 * Draw a frame that is visible on any color: a line of the accent between two of the background.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {{line: string, halo: string}} colors
 */
export function drawFrame(context, box, colors) {
  const x = Math.round(box.x) - 0.5;
  const y = Math.round(box.y) - 0.5;
  const width = Math.max(Math.round(box.width), 2) + 1;
  const height = Math.max(Math.round(box.height), 2) + 1;
  context.lineWidth = 3.5;
  context.strokeStyle = colors.halo;
  context.strokeRect(x, y, width, height);
  context.lineWidth = 1.5;
  context.strokeStyle = colors.line;
  context.strokeRect(x, y, width, height);
}

/**
 * Return the rectangle that some cells of a map cover on the screen.
 * @param {Box} map
 * @param {{height: number, width: number}} size Cells of the map.
 * @param {{top: number, left: number, bottom: number, right: number}} cells Inclusive.
 * @returns {Box}
 */
export function cellBox(map, size, cells) {
  const [cellWidth, cellHeight] = [map.width / size.width, map.height / size.height];
  return {
    x: map.x + cells.left * cellWidth,
    y: map.y + cells.top * cellHeight,
    width: (cells.right - cells.left + 1) * cellWidth,
    height: (cells.bottom - cells.top + 1) * cellHeight,
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} from
 * @param {Point} to
 * @param {"across"|"down"} direction
 */
function curve(context, from, to, direction) {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  context.moveTo(from.x, from.y);
  if (direction === "across") context.bezierCurveTo(middle.x, from.y, middle.x, to.y, to.x, to.y);
  else context.bezierCurveTo(from.x, middle.y, to.x, middle.y, to.x, to.y);
}
