// @ts-check
// The texts of the state's fields in an address. Damaged texts are read as undefined.

import { readStrokes, writeStrokes } from "./strokes.js";

export const SCALES = ["unit", "layer", "global"];
export const ORDERS = ["first", "random", "errors"];
export const STEPS = ["invert", "crop", "scale", "center"];
export const NO_PLAY = {
  shift_x: 0, shift_y: 0, rotation: 0, zoom: 1, brightness: 1, noise: 0, sticker: null,
};

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

/** @param {string | undefined} text @returns {number | null} */
function numberOf(text) {
  return text !== undefined && NUMBER.test(text) ? Number(text) : null;
}

/** @param {string} text @returns {string[]} */
function namesOf(text) {
  return text === "" ? [] : text.split(",").map(decodeURIComponent);
}

/** @param {string[]} names */
function listed(names) {
  return names.map(encodeURIComponent).join(",");
}

/** @param {string} text key:value;key:value @returns {[string, string][]} */
function pairsOf(text) {
  return text.split(";").filter((part) => part.includes(":")).map((part) => {
    const at = part.indexOf(":");
    return [decodeURIComponent(part.slice(0, at)), part.slice(at + 1)];
  });
}

/** @param {[string, string][]} pairs */
function paired(pairs) {
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}:${value}`).join(";");
}

/** @param {any} input */
function writeInput(input) {
  if (input.kind === "drawing") return `drawing:${writeStrokes(input.strokes)}`;
  if (input.kind === "sample") {
    const { order, seed, index, label, model, predicted = null } = input;
    const fields = [order, seed, index, label ?? "", encodeURIComponent(model)];
    return `sample:${[...fields, ...(predicted === null ? [] : [predicted])].join(",")}`;
  }
  return "example"; // the pixels of a chosen image are in no address
}

/** @param {string} text @returns {any} */
function readInput(text) {
  const at = text.indexOf(":");
  const [kind, rest] = [text.slice(0, at), text.slice(at + 1)];
  if (kind === "drawing") {
    const strokes = readStrokes(rest);
    return strokes ? { kind, strokes } : undefined;
  }
  const [order, ...numbers] = rest.split(",");
  const [seed, index, label] = [0, 1, 2].map((k) => numberOf(numbers[k]));
  const predicted = numberOf(numbers[4]);
  const isWhole = (/** @type {any} */ value) => Number.isInteger(value) && value >= 0;
  if (kind !== "sample" || !ORDERS.includes(order)) return undefined;
  if (!isWhole(seed) || !isWhole(index)) return undefined;
  if (![label, predicted].every((value) => value === null || isWhole(value))) return undefined;
  const sample = { kind, model: decodeURIComponent(numbers[3] ?? ""), order, seed, index, label };
  return predicted === null ? sample : { ...sample, predicted };
}

/** @param {any} play */
function writePlay({ sticker, ...sliders }) {
  const changed = Object.entries(sliders).filter(([key, value]) => value !== NO_PLAY[key]);
  const texts = changed.map(([key, value]) => [key, String(value)]);
  if (sticker) texts.push(["sticker", [sticker.x, sticker.y, sticker.size, sticker.shade].join(",")]);
  return paired(/** @type {any} */ (texts));
}

/** @param {string} text */
function readPlay(text) {
  /** @type {any} */
  const play = { ...NO_PLAY };
  for (const [key, value] of pairsOf(text)) {
    const [x, y, size, shade] = value.split(",").map(numberOf);
    const isSticker = x !== null && (y ?? null) !== null && (size ?? null) !== null;
    if (key === "sticker") play.sticker = isSticker ? { x, y, size, shade: shade ?? 255 } : null;
    else if (Object.hasOwn(NO_PLAY, key) && x !== null) play[key] = x;
  }
  return play;
}

/** @param {string} text */
function readPin(text) {
  const [operation, ...places] = text.split(",");
  const [row, column, channel] = places.map(numberOf);
  if (places.length !== 3 || [row, column, channel].includes(null)) return undefined;
  return { operation: decodeURIComponent(operation), row, column, channel };
}

/** @param {string} text */
function readKernels(text) {
  /** @type {[string, any[]][]} */
  const kernels = pairsOf(text).map(([key, list]) => [key, list.split(",").map(numberOf)]);
  return Object.fromEntries(kernels.filter(([, values]) => !values.includes(null)));
}

/** @param {string} text */
function readLesson(text) {
  const [pair] = pairsOf(text);
  const step = numberOf(pair?.[1]);
  return step === null ? undefined : { name: pair[0], step };
}

/** @param {string} text */
function readChoices(text) {
  const choices = pairsOf(text).map(([key, value]) =>
    [key, value.startsWith("'") ? decodeURIComponent(value.slice(1)) : numberOf(value)]);
  return Object.fromEntries(choices.filter(([, value]) => value !== null));
}

/** @param {any} choices */
function writeChoices(choices) {
  return paired(Object.entries(choices).map(([key, value]) =>
    [key, typeof value === "number" ? String(value) : `'${encodeURIComponent(value)}`]));
}

/** @type {{[field: string]: {write: (value: any) => string, read: (text: string) => any}}} */
export const FIELDS = {
  models: { write: listed, read: namesOf },
  model: { write: encodeURIComponent, read: decodeURIComponent },
  input: { write: writeInput, read: readInput },
  steps: {
    write: (steps) => STEPS.filter((step) => !steps[step]).map((step) => `-${step}`).join(","),
    read: (text) =>
      Object.fromEntries(STEPS.map((step) => [step, !text.split(",").includes(`-${step}`)])),
  },
  pin: {
    write: (pin) =>
      pin ? [encodeURIComponent(pin.operation), pin.row, pin.column, pin.channel].join(",") : "",
    read: readPin,
  },
  scale: { write: String, read: (text) => (SCALES.includes(text) ? text : undefined) },
  play: { write: writePlay, read: readPlay },
  kernels: {
    write: (kernels) =>
      paired(Object.entries(kernels).map(([key, values]) => [key, values.join(",")])),
    read: readKernels,
  },
  dropout: {
    write: (dropout) => (dropout ? String(dropout.seed) : ""),
    read: (text) => (numberOf(text) === null ? undefined : { seed: numberOf(text) }),
  },
  open: { write: listed, read: namesOf },
  hide: { write: listed, read: namesOf },
  lesson: {
    write: (lesson) => (lesson ? paired([[lesson.name, String(lesson.step)]]) : ""),
    read: readLesson,
  },
  choices: { write: writeChoices, read: readChoices },
  at: { write: encodeURIComponent, read: decodeURIComponent },
};
