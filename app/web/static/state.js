// @ts-check
// The state of the page, the events that change it, and its text in the address.
//
// Events ({type, …}), sent by `store.dispatch`:
//   models {models, model}   compared networks, and the one that is looked into
//   model {model}   input {input}: another one, with sliders and sticker at rest
//   stroke {stroke}   extend {points}   finish   undo   clear
//   step {step, on}   pin {pin, isFollowed?: from the pinned cell}   scale {scale}
//   back (Esc: one depth up)
//   play {play: some of it}   reset (sliders, sticker, kernels, dropout)   kernel {key, values|null}   reset-kernels {prefix}
//   dropout {dropout}   open {name, on}   lesson {lesson}   choose {name, value}   at {at}
//   restore {state}   refresh (something outside the state has arrived)

import { FIELDS, NO_PLAY } from "./address.js";
import { simplify } from "./strokes.js";

/**
 * @typedef {import("./strokes.js").Stroke} Stroke
 * @typedef {{kind: "example"} | {kind: "image", number: number}
 *   | {kind: "drawing", strokes: Stroke[]}
 *   | {kind: "sample", model: string, order: string, seed: number, index: number,
 *      label: number | null, predicted?: number | null}} Input
 * @typedef {{operation: string, row: number, column: number, channel: number}} Pin
 * @typedef {{x: number, y: number, size: number, shade: number}} Sticker
 *   Shares of the input's side, 0 to 1; shade 0 to 255.
 * @typedef {{shift_x: number, shift_y: number, rotation: number, zoom: number,
 *   brightness: number, noise: number, sticker: Sticker | null}} Play
 * @typedef {{
 *   models: string[], model: string, input: Input, steps: {[step: string]: boolean},
 *   pin: Pin | null, trail: Pin[], scale: string, play: Play, kernels: {[key: string]: number[]},
 *   dropout: {seed: number} | null, open: string[], hide: string[],
 *   lesson: {name: string, step: number} | null, choices: {[name: string]: string | number},
 *   at: string,
 *   history: Input[], revision: number,
 * }} State
 */

const DEEPEST_HISTORY = 50;
const NO_PIN = { pin: null, trail: [] };

/** @returns {State} */
export function initialState() {
  return {
    models: [], model: "", input: { kind: "example" },
    steps: { invert: true, crop: true, scale: true, center: true },
    pin: null, trail: [], scale: "layer", play: NO_PLAY, kernels: {}, dropout: null,
    open: [], hide: [], lesson: null, choices: {}, at: "", history: [], revision: 0,
  };
}

/** @type {{[type: string]: (state: State, event: any) => State}} */
const EVENTS = {
  models: (state, { models, model }) =>
    (model === state.model ? { ...state, models } : { ...state, models, model, ...NO_PIN }),
  model: (state, { model }) => (model === state.model ? state : { ...state, model, ...NO_PIN }),
  input: (state, { input }) => ({ ...remember(state), input, play: NO_PLAY }),
  stroke: (state, { stroke }) => {
    const strokes = strokesOf(state);
    const play = strokes.length === 0 ? NO_PLAY : state.play; // the first one makes another input
    return draw({ ...remember(state), play }, [...strokes, stroke]);
  },
  extend: (state, { points }) =>
    changeLast(state, (stroke) => ({ ...stroke, points: [...stroke.points, ...points] })),
  finish: (state) =>
    changeLast(state, (stroke) => ({ ...stroke, points: simplify(stroke.points) })),
  undo: (state) => {
    if (state.history.length === 0) return state;
    const history = state.history.slice(0, -1);
    return { ...state, input: state.history[history.length], history };
  },
  clear: (state) => draw(remember(state), []),
  step: (state, { step, on }) => ({ ...state, steps: { ...state.steps, [step]: on } }),
  pin: (state, { pin, isFollowed = false }) => {
    const trail = isFollowed && state.pin ? [...state.trail, state.pin] : [];
    return { ...state, pin, trail: trail.slice(-DEEPEST_HISTORY) };
  },
  scale: (state, { scale }) => ({ ...state, scale }),
  back: (state) => {
    const before = state.trail[state.trail.length - 1];
    if (before) return { ...state, pin: before, trail: state.trail.slice(0, -1) };
    if (state.pin) return { ...state, ...NO_PIN };
    return state.open.length > 0 ? { ...state, open: state.open.slice(0, -1) } : state;
  },
  play: (state, { play }) => ({ ...state, play: { ...state.play, ...play } }),
  reset: (state) => ({ ...state, play: NO_PLAY, kernels: {}, dropout: null }),
  kernel: (state, { key, values }) => {
    const { [key]: _, ...others } = state.kernels;
    return { ...state, kernels: values === null ? others : { ...others, [key]: values } };
  },
  "reset-kernels": (state, { prefix = "" }) => {
    const kept = Object.entries(state.kernels).filter(([key]) => !key.startsWith(prefix));
    return { ...state, kernels: Object.fromEntries(kept) };
  },
  dropout: (state, { dropout }) => ({ ...state, dropout }),
  open: (state, { name, on }) => {
    const others = state.open.filter((other) => other !== name);
    return { ...state, open: on ? [...others, name] : others };
  },
  lesson: (state, { lesson }) => ({ ...state, lesson }),
  choose: (state, { name, value }) =>
    ({ ...state, choices: { ...state.choices, [name]: value } }),
  at: (state, { at }) => ({ ...state, at }),
  restore: (state, { state: other }) => ({
    ...other,
    models: other.models.length ? other.models : state.models,
    model: other.model || state.model,
    history: remember(state).history,
    revision: state.revision + 1,
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
  if (!Object.hasOwn(EVENTS, event.type)) {
    const known = Object.keys(EVENTS).join(", ");
    throw new TypeError(`Unknown event ${event.type}. Expected one of: ${known}.`);
  }
  return EVENTS[event.type](state, event);
}

/** @param {State} state @returns {State} */
function remember(state) {
  return { ...state, history: [...state.history, state.input].slice(-DEEPEST_HISTORY) };
}

/** @param {State} state @returns {Stroke[]} */
function strokesOf(state) {
  return state.input.kind === "drawing" ? state.input.strokes : [];
}

/** @param {State} state @param {Stroke[]} strokes @returns {State} */
function draw(state, strokes) {
  return { ...state, input: { kind: "drawing", strokes } };
}

/** @param {State} state @param {(stroke: Stroke) => Stroke} change @returns {State} */
function changeLast(state, change) {
  const strokes = strokesOf(state);
  const last = strokes[strokes.length - 1];
  return last ? draw(state, [...strokes.slice(0, -1), change(last)]) : state;
}

/**
 * Return the text of a state for an address, without "#".
 *
 * @param {State} state
 * @returns {string}
 */
export function encode(state) {
  /** @type {any} */
  const [now, usual] = [state, initialState()];
  return Object.entries(FIELDS)
    .map(([field, { write }]) => [field, write(now[field]), write(usual[field])])
    .filter(([, text, usualText]) => text !== usualText)
    .map(([field, text]) => `${field}=${text}`)
    .join("&");
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
