// @ts-check
// Sliding windows: where a window lies, and the patch of values below it.

import { mapShape } from "./shapes.js";

/**
 * @typedef {{
 *   size: [number, number], strides: [number, number], dilation: [number, number],
 *   padding: [number, number, number, number],
 * }} Geometry Rows come before columns; padding is top, bottom, left, right.
 */

/**
 * Return the window of an operation.
 *
 * @param {import("./program.js").Operation} operation
 * @returns {Geometry}
 */
export function windowOf(operation) {
  const { size, strides, dilation = [1, 1], padding } = operation.attributes;
  const { kernel } = operation.weights;
  const [height, width] = size ?? kernel.shape;
  return { size: [height, width], strides, dilation, padding };
}

/**
 * Return the cells of the input below the windows of a region; `null` if all is padding.
 *
 * @param {import("./program.js").Operation} operation
 * @param {import("./shapes.js").Region} region
 * @param {number[]} inputShape
 */
export function windowReceptive(operation, region, inputShape) {
  const { size, strides, dilation, padding } = windowOf(operation);
  const [height, width] = mapShape(inputShape);
  const along = (/** @type {number} */ axis, /** @type {number} */ length) => ({
    size: size[axis], stride: strides[axis], step: dilation[axis], border: padding[2 * axis], length,
  });
  const rows = reachOf(region.top, region.bottom, along(0, height));
  const columns = reachOf(region.left, region.right, along(1, width));
  if (rows === null || columns === null) {
    return null;
  }
  return { top: rows[0], left: columns[0], bottom: rows[1], right: columns[1] };
}

/**
 * Return the places below one window in the order of the kernel; outside is padding.
 *
 * @param {Geometry} geometry
 * @param {number[]} inputShape
 * @param {number} row Of the output.
 * @param {number} column Of the output.
 * @returns {{row: number, column: number, inside: boolean}[]}
 */
export function placesBelow(geometry, inputShape, row, column) {
  const [height, width] = mapShape(inputShape);
  const { size, strides, dilation, padding } = geometry;
  const places = [];
  for (let i = 0; i < size[0]; i++) {
    const y = row * strides[0] - padding[0] + i * dilation[0];
    for (let j = 0; j < size[1]; j++) {
      const x = column * strides[1] - padding[2] + j * dilation[1];
      places.push({ row: y, column: x, inside: y >= 0 && y < height && x >= 0 && x < width });
    }
  }
  return places;
}

/**
 * Find where the places below one window begin in the values of the input; −1 is padding.
 *
 * @param {Geometry} geometry
 * @param {number[]} inputShape
 * @param {number} row Of the output.
 * @param {number} column Of the output.
 * @param {Int32Array} starts Filled with (kh, kw) positions.
 */
export function findStarts(geometry, inputShape, row, column, starts) {
  const [height, width, channels] = mapShape(inputShape);
  const { size, strides, dilation, padding } = geometry;
  const top = row * strides[0] - padding[0];
  const left = column * strides[1] - padding[2];
  for (let i = 0, tap = 0; i < size[0]; i++) {
    const y = top + i * dilation[0];
    for (let j = 0; j < size[1]; j++, tap++) {
      const x = left + j * dilation[1];
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      starts[tap] = inside ? (y * width + x) * channels : -1;
    }
  }
}

/**
 * Copy the patches below one row of windows; padding is zero.
 *
 * @param {{shape: number[], data: Float32Array}} input (H, W, C)
 * @param {Geometry} geometry
 * @param {{row: number, columns: number, from: number, channels: number}} part Row of the output,
 *   its columns, and which channels of the input.
 * @param {Float64Array} patches Filled with (columns, kh, kw, channels).
 */
export function gatherRow(input, geometry, part, patches) {
  const [height, width, depth] = input.shape;
  const { data } = input;
  const { size, strides, dilation, padding } = geometry;
  const { columns, from, channels } = part;
  const top = part.row * strides[0] - padding[0];
  let target = 0;
  for (let column = 0; column < columns; column++) {
    const left = column * strides[1] - padding[2];
    for (let i = 0; i < size[0]; i++) {
      const y = top + i * dilation[0];
      const insideRows = y >= 0 && y < height;
      for (let j = 0; j < size[1]; j++) {
        const x = left + j * dilation[1];
        if (insideRows && x >= 0 && x < width) {
          const source = (y * width + x) * depth + from;
          for (let channel = 0; channel < channels; channel++) {
            patches[target + channel] = data[source + channel];
          }
        } else {
          patches.fill(0, target, target + channels);
        }
        target += channels;
      }
    }
  }
}

/**
 * Return the first and the last place inside the input that windows touch along an axis.
 *
 * @param {number} first First window.
 * @param {number} last Last window.
 * @param {{size: number, stride: number, step: number, border: number, length: number}} axis
 * @returns {[number, number] | null}
 */
function reachOf(first, last, { size, stride, step, border, length }) {
  let [least, most] = [length, -1];
  for (let position = first; position <= last; position++) {
    for (let tap = 0; tap < size; tap++) {
      const place = position * stride - border + tap * step;
      if (place >= 0 && place < length) {
        least = Math.min(least, place);
        most = Math.max(most, place);
      }
    }
  }
  return most < 0 ? null : [least, most];
}
