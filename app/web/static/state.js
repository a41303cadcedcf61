// @ts-check
// The state of the page, the events that change it, and its text in the address.
//
// Events ({type, …}), sent by `store.dispatch`:
//   models {models, model}   model {model}        which networks are compared, which one is looked into
//   input {input}            stroke {stroke}      extend {points}      finish        undo      clear
//   step {step, on}          pin {pin}            scale {scale}        back (Esc: one depth up)
//   play {play: some of it}  kernel {key, values|null}   reset-kernels {prefix}      dropout {dropout}
//   open {name, on}          lesson {lesson}      choose {name, value}
//   restore {state}          refresh              something outside the state has arrived

import { readStrokes, simplify, writeStrokes } from "./strokes.js";

/**
 * @typedef {{kind: "example"} | {kind: "image", number: number} | {kind: "drawing", strokes: import("./strokes.js").Stroke[]} | {kind: "sample", model: string, order: string, seed: number, index: number, label: number | null}} Input
 * @typedef {{operation: string, row: number, column: number, channel: number}} Pin
 * @typedef {{x: number, y: number, size: number}} Sticker  Shares of the input's side, 0 to 1.
 * @typedef {{shift_x: number, shift_y: number, rotation: number, zoom: number, brightness: number, noise: number, sticker: Sticker | null}} Play
 * @typedef {{models: string[], model: string, input: Input, steps: {[step: string]: boolean}, pin: Pin | null, scale: string, play: Play, kernels: {[key: string]: number[]}, dropout: {seed: number} | null, open: string[], hide: string[], lesson: {name: string, step: number} | null, choices: {[name: string]: string | number}, history: Input[], revision: number}} State
 */

export const SCALES = ["unit", "layer", "global"];
export const ORDERS = ["first", "random", "errors"];
export const STEPS = ["invert", "crop", "scale", "center"];
export const NO_PLAY = { shift_x: 0, shift_y: 0, rotation: 0, zoom: 1, brightness: 0, noise: 0, sticker: null };
const DEEPEST_HISTORY = 50;

/** @returns {State} */
export function initialState() {
  return {
    models: [], model: "", input: { kind: "example" },
    steps: { invert: true, crop: true, scale: true, center: true },
    pin: null, scale: "layer", play: NO_PLAY, kernels: {}, dropout: null, open: [], hide: [], lesson: null,
    choices: {}, history: [], revision: 0,
  };
}

/**
 * @type {{[type: string]: (state: State, event: any) => State}}
 */
const EVENTS = {
  models: (state, { models, model }) => ({ ...state, models, model, pin: model === state.model ? state.pin : null }),
  model: (state, { model }) => (model === state.model ? state : { ...state, model, pin: null }),
  input: (state, { input }) => ({ ...remember(state), input }),
  stroke: (state, { stroke }) => ({ ...remember(state), input: { kind: "drawing", strokes: [...strokesOf(state), stroke] } }),
  extend: (state, { points }) => changeLast(state, (stroke) => ({ ...stroke, points: [...stroke.points, ...points] })),
  finish: (state) => changeLast(state, (stroke) => ({ ...stroke, points: simplify(stroke.points) })),
  undo: (state) => (state.history.length === 0 ? state
    : { ...state, input: state.history[state.history.length - 1], history: state.history.slice(0, -1) }),
  clear: (state) => ({ ...remember(state), input: { kind: "drawing", strokes: [] } }),
  step: (state, { step, on }) => ({ ...state, steps: { ...state.steps, [step]: on } }),
  pin: (state, { pin }) => ({ ...state, pin }),
  scale: (state, { scale }) => ({ ...state, scale }),
  back: (state) => {
    if (state.pin) return { ...state, pin: null };
    if (state.open.length > 0) return { ...state, open: state.open.slice(0, -1) };
    return state;
  },
  play: (state, { play }) => ({ ...state, play: { ...state.play, ...play } }),
  kernel: (state, { key, values }) => {
    const { [key]: _, ...others } = state.kernels;
    return { ...state, kernels: values === null ? others : { ...others, [key]: values } };
  },
  "reset-kernels": (state, { prefix = "" }) => ({
    ...state, kernels: Object.fromEntries(Object.entries(state.kernels).filter(([key]) => !key.startsWith(prefix))),
  }),
  dropout: (state, { dropout }) => ({ ...state, dropout }),
  open: (state, { name, on }) => {
    const others = state.open.filter((other) => other !== name);
    return { ...state, open: on ? [...others, name] : others };
  },
  lesson: (state, { lesson }) => ({ ...state, lesson }),
  choose: (state, { name, value }) => ({ ...state, choices: { ...state.choices, [name]: value } }),
  restore: (state, { state: other }) => ({
    ...other, models: other.models.length ? other.models : state.models, model: other.model || state.model,
    history: remember(state).history, revision: state.revision + 1,
  }),
  refresh: (state) => ({ ...state, revision: state.revision + 1 }),
};

/**
 * Return the state after an event. Pure.
 *
 * @param {State} state
 * @param {any} event
 * @returns {State}
 */
export function reduce(state, event) {
  const change = Object.hasOwn(EVENTS, event.type) ? EVENTS[event.type] : null;
  if (change === null) throw new TypeError(`Unknown event ${event.type}; expected one of ${Object.keys(EVENTS).join(", ")}.`);
  return change(state, event);
}

/** @param {State} state @returns {State} */
function remember(state) {
  return { ...state, history: [...state.history, state.input].slice(-DEEPEST_HISTORY) };
}

/** @param {State} state */
function strokesOf(state) {
  return state.input.kind === "drawing" ? state.input.strokes : [];
}

/** @param {State} state @param {(stroke: any) => any} change @returns {State} */
function changeLast(state, change) {
  const strokes = strokesOf(state);
  if (strokes.length === 0) return state;
  return { ...state, input: { kind: "drawing", strokes: [...strokes.slice(0, -1), change(strokes[strokes.length - 1])] } };
}

// The address: `key=value&key=value`, only what differs from the initial state. Each field has its
// own text; damaged ones are left at their initial value.

const name = encodeURIComponent;
const number = (/** @type {any} */ text) => (text === "" || text === undefined || !Number.isFinite(Number(text)) ? null : Number(text));
const names = (/** @type {string} */ text) => (text === "" ? [] : text.split(",").map(decodeURIComponent));

/** @param {string} text @returns {[string, string][]} */
function pairs(text) {
  return text.split(";").filter((part) => part.includes(":")).map((part) => {
    const at = part.indexOf(":");
    return [decodeURIComponent(part.slice(0, at)), part.slice(at + 1)];
  });
}

/** @type {{[field: string]: {write: (state: any) => string, read: (text: string) => any}}} */
const FIELDS = {
  models: { write: (state) => state.models.map(name).join(","), read: names },
  model: { write: (state) => name(state.model), read: decodeURIComponent },
  input: { write: (state) => writeInput(state.input), read: readInput },
  steps: {
    write: (state) => STEPS.filter((step) => !state.steps[step]).map((step) => `-${step}`).join(","),
    read: (text) => Object.fromEntries(STEPS.map((step) => [step, !text.split(",").includes(`-${step}`)])),
  },
  pin: {
    write: ({ pin }) => (pin ? [name(pin.operation), pin.row, pin.column, pin.channel].join(",") : ""),
    read: (text) => {
      const [operation, ...place] = text.split(",");
      const [row, column, channel] = place.map(number);
      if (place.length !== 3 || row === null || column === null || channel === null) return undefined;
      return { operation: decodeURIComponent(operation), row, column, channel };
    },
  },
  scale: { write: (state) => state.scale, read: (text) => (SCALES.includes(text) ? text : undefined) },
  play: { write: (state) => writePlay(state.play), read: readPlay },
  kernels: {
    write: (state) => Object.entries(state.kernels).map(([key, values]) => `${name(key)}:${values.join(",")}`).join(";"),
    read: (text) => Object.fromEntries(pairs(text).map(([key, list]) => [key, list.split(",").map(Number)])
      .filter(([, values]) => /** @type {number[]} */ (values).every(Number.isFinite))),
  },
  dropout: {
    write: ({ dropout }) => (dropout ? String(dropout.seed) : ""),
    read: (text) => (number(text) === null ? undefined : { seed: number(text) }),
  },
  open: { write: (state) => state.open.map(name).join(","), read: names },
  hide: { write: (state) => state.hide.map(name).join(","), read: names },
  lesson: {
    write: ({ lesson }) => (lesson ? `${name(lesson.name)}:${lesson.step}` : ""),
    read: (text) => pairs(text).filter(([, step]) => number(step) !== null).map(([title, step]) => ({ name: title, step: Number(step) }))[0],
  },
  choices: {
    write: ({ choices }) => Object.entries(choices).map(([key, value]) =>
      `${name(key)}:${typeof value === "number" ? value : `'${name(value)}`}`).join(";"),
    read: (text) => Object.fromEntries(pairs(text).map(([key, value]) =>
      [key, value.startsWith("'") ? decodeURIComponent(value.slice(1)) : number(value)]).filter(([, value]) => value !== null)),
  },
};

/** @param {Input} input */
function writeInput(input) {
  if (input.kind === "drawing") return `drawing:${writeStrokes(input.strokes)}`;
  if (input.kind === "sample") {
    const { order, seed, index, label, model } = input;
    return `sample:${[order, seed, index, label ?? "", name(model)].join(",")}`;
  }
  return "example"; // the pixels of a chosen image are in no address
}

/** @param {string} text @returns {any} */
function readInput(text) {
  const [kind, rest = ""] = text.split(":");
  if (kind === "drawing") {
    const strokes = readStrokes(rest);
    return strokes ? { kind, strokes } : undefined;
  }
  const [order, seed, index, label, model = ""] = rest.split(",");
  const [at, place] = [number(seed), number(index)];
  const whole = [at, place].every((value) => Number.isInteger(value) && Number(value) >= 0);
  if (kind !== "sample" || !ORDERS.includes(order) || !whole) return undefined;
  return { kind, model: decodeURIComponent(model), order, seed: at, index: place, label: number(label) };
}

/** @param {Play} play */
function writePlay(play) {
  const changed = Object.entries(NO_PLAY).filter(([key]) => key !== "sticker" && /** @type {any} */ (play)[key] !== /** @type {any} */ (NO_PLAY)[key]);
  const parts = changed.map(([key]) => `${key}:${/** @type {any} */ (play)[key]}`);
  if (play.sticker) parts.push(`sticker:${play.sticker.x},${play.sticker.y},${play.sticker.size}`);
  return parts.join(";");
}

/** @param {string} text @returns {Play} */
function readPlay(text) {
  /** @type {any} */
  const play = { ...NO_PLAY };
  for (const [key, value] of pairs(text)) {
    const [x, y, size] = value.split(",").map(number);
    if (key === "sticker") play.sticker = x === null || y === null || size === null ? null : { x, y, size };
    else if (Object.hasOwn(NO_PLAY, key) && x !== null) play[key] = x;
  }
  return play;
}

/**
 * Return the text of a state for an address, without "#".
 *
 * @param {State} state
 * @returns {string}
 */
export function encode(state) {
  const initial = initialState();
  return Object.entries(FIELDS).map(([field, { write }]) => [field, write(state), write(initial)])
    .filter(([, text, usual]) => text !== usual).map(([field, text]) => `${field}=${text}`).join("&");
}

/**
 * Return the state of an address. Unknown fields and damaged values are left out.
 *
 * @param {string} text
 * @returns {State}
 */
export function decode(text) {
  /** @type {any} */
  const state = initialState();
  for (const part of text.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    const field = part.slice(0, at);
    if (at < 1 || !Object.hasOwn(FIELDS, field)) continue;
    const value = attempt(() => FIELDS[field].read(part.slice(at + 1)));
    if (value !== undefined) state[field] = value;
  }
  return state;
}

/** @param {() => any} read A damaged percent sign throws. */
function attempt(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
