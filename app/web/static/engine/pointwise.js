// @ts-check
// Operations on each value by itself, and those that only move values.

import { clippedRegion, mapShape, sizeOf, wholeRegion } from "./shapes.js";
import { sumOfTerms, termAt, termOf } from "./term.js";
import { seedOf, uniform } from "./random.js";

/**
 * @typedef {{down: number, across: number, factor: number[]}} Move From a place of the output,
 *   divided by the factor, to that of the input.
 */

/** @type {import("./operations.js").Kind} */
export const input = {
  forward: () => {
    throw new Error("The input is given, not computed.");
  },
  receptive: () => null,
  terms: ({ output }, cell, index) => sumOfTerms([], output[index], { note: "a pixel" }),
};

/** @type {import("./operations.js").Kind} */
export const rescale = {
  forward({ operation, inputs: [{ data }] }) {
    const { scale, offset } = operation.attributes;
    const channels = operation.shape[operation.shape.length - 1];
    return data.map((value, i) => value * of(scale, i % channels) + of(offset, i % channels));
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs: [source] }, { channel }, index) {
    const { scale, offset } = operation.attributes;
    return sumOfTerms([termOf(source, index, of(scale, channel))], of(offset, channel));
  },
};

/** @type {import("./operations.js").Kind} */
export const copy = {
  forward: ({ inputs: [source] }) => source.data,
  receptive(operation, region, inputShape) {
    const [height, width] = mapShape(operation.shape);
    const [inputHeight, inputWidth] = mapShape(inputShape);
    return height === inputHeight && width === inputWidth ? region : wholeRegion(inputShape);
  },
  terms: ({ inputs: [source] }, cell, index) => sumOfTerms([termOf(source, index, 1)]),
};

/** @type {import("./operations.js").Kind} */
export const dropout = {
  forward({ operation, inputs: [{ data }], dropout: random }) {
    if (random === null) {
      return data;
    }
    const seed = seedOf(operation.name, random.seed);
    return data.map((value, i) => value * scaleOf(operation, seed, i));
  },
  receptive: (operation, region) => region,
  terms({ operation, inputs: [source], dropout: random }, cell, index) {
    const seed = random && seedOf(operation.name, random.seed);
    const scale = seed === null ? 1 : scaleOf(operation, seed, index);
    const kept = scale === 0 ? "dropped" : "kept and scaled";
    const note = random === null ? "off" : kept;
    return sumOfTerms([termOf(source, index, scale)], 0, { note });
  },
};

/** @type {import("./operations.js").Kind} */
export const pad = moved(({ top, left }) => ({ down: -top, across: -left, factor: [1, 1] }));
/** @type {import("./operations.js").Kind} */
export const crop = moved(({ top, left }) => ({ down: top, across: left, factor: [1, 1] }));
/** @type {import("./operations.js").Kind} */
export const upsample = moved(({ size }) => ({ down: 0, across: 0, factor: size }));

/**
 * Return a kind that takes each cell from one place of the input, or zero from outside it.
 *
 * @param {(attributes: any) => Move} moveOf
 * @returns {import("./operations.js").Kind}
 */
function moved(moveOf) {
  return {
    forward({ operation, inputs: [source] }) {
      const move = moveOf(operation.attributes);
      const [height, width, channels] = operation.shape;
      const output = new Float32Array(sizeOf(operation.shape));
      for (let row = 0, offset = 0; row < height; row++) {
        for (let column = 0; column < width; column++, offset += channels) {
          const place = placeOf(move, row, column);
          if (isInside(place, source.shape)) {
            const start = (place.row * source.shape[1] + place.column) * channels;
            output.set(source.data.subarray(start, start + channels), offset);
          }
        }
      }
      return output;
    },
    receptive(operation, { top, left, bottom, right }, inputShape) {
      const move = moveOf(operation.attributes);
      const first = placeOf(move, top, left);
      const last = placeOf(move, bottom, right);
      const region = { top: first.row, left: first.column, bottom: last.row, right: last.column };
      return clippedRegion(region, inputShape);
    },
    terms({ operation, inputs: [source] }, { row, column, channel }) {
      const place = placeOf(moveOf(operation.attributes), row, column);
      const inside = isInside(place, source.shape);
      return sumOfTerms([termAt(source, { ...place, channel, inside }, 1)]);
    },
  };
}

/**
 * Return what dropout multiplies a value by: 0, or what keeps the mean as it is.
 *
 * @param {import("./program.js").Operation} operation
 * @param {number} seed
 * @param {number} index
 */
function scaleOf({ shape, attributes: { rate, maps } }, seed, index) {
  const unit = maps ? index % shape[shape.length - 1] : index;
  return uniform(seed, unit) < rate ? 0 : 1 / (1 - rate);
}

/** @param {Move} move @param {number} row @param {number} column */
function placeOf({ down, across, factor }, row, column) {
  const [rows, columns] = factor;
  return { row: Math.floor(row / rows) + down, column: Math.floor(column / columns) + across };
}

/** @param {{row: number, column: number}} place @param {number[]} shape */
function isInside({ row, column }, [height, width]) {
  return row >= 0 && row < height && column >= 0 && column < width;
}

/** @param {number | number[]} value @param {number} channel */
function of(value, channel) {
  return typeof value === "number" ? value : value[channel];
}
