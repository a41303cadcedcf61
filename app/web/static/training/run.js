// @ts-check
// What is known of the run: a pure function of the events of the trainer.

import { thinned } from "./run_points.js";

/**
 * @typedef {import("./run_points.js").Points} Points
 * @typedef {{
 *   state: string, problem: string, run: number, step: number,
 *   network: any, points: Points, rows: any[], changes: any[], settings: Record<string, number>,
 *   wheel: {yours: boolean, free: boolean, watching: number},
 *   progress: {task: string, done: number, total: number} | null, lines: string[],
 *   batch: any, weights: any, gradients: any, validation: any, hardest: any, dissection: any,
 *   steps: number[], epochs: number[], kinds: Record<string, any>, names: Record<string, string[]>,
 * }} Run
 */

const MOST_LINES = 200;
const OF_A_RUN = {
  points: { step: [], loss: [], accuracy: [] }, rows: [], changes: [], settings: {}, batch: null, weights: null, gradients: null,
  validation: null, hardest: null, dissection: null, steps: [], epochs: [], step: 0,
};

/** @returns {Run} */
export function initialRun() {
  return {
    state: "", problem: "", run: 0, network: null, progress: null, lines: [], kinds: {}, names: {},
    wheel: { yours: false, free: true, watching: 0 }, ...OF_A_RUN,
  };
}

/** @type {{[topic: string]: (run: Run, event: any) => Run}} */
const TOPICS = {
  kinds: (run, { kinds, names }) => ({ ...run, kinds, names }),
  state: (run, { state, step = run.step, error = "", fix = "" }) =>
    ({ ...run, state, step, problem: [error, fix].filter(Boolean).join(" "), progress: null }),
  network: (run, event) =>
    (event.run === run.run ? { ...run, network: event, ...until(run, event.step) } : { ...run, ...OF_A_RUN, run: event.run, network: event }),
  metrics: (run, { step, loss, accuracy }) => ({
    ...run,
    step: step[step.length - 1] ?? run.step,
    points: thinned({
      step: [...run.points.step, ...step],
      loss: [...run.points.loss, ...loss],
      accuracy: [...run.points.accuracy, ...accuracy],
    }),
  }),
  changes: (run, { changes }) => ({ ...run, changes: [...run.changes, ...changes] }),
  epochs: (run, { rows }) => ({ ...run, rows: [...run.rows, ...rows] }),
  record: (run, { lines }) => ({ ...run, lines: [...run.lines, ...lines].slice(-MOST_LINES) }),
  settings: (run, { topic, tensors, ...settings }) => ({ ...run, settings: { ...run.settings, ...settings } }),
  wheel: (run, { yours, free, watching }) => ({ ...run, wheel: { yours, free, watching } }),
  progress: (run, { task, done, total }) => ({ ...run, progress: task ? { task, done, total } : null }),
  gradients: (run, event) => ({ ...run, gradients: event }),
  batch: (run, event) => ({ ...run, batch: event }),
  weights: (run, event) => ({ ...run, weights: event }),
  validation: (run, event) => ({ ...run, validation: event }),
  hardest: (run, event) => ({ ...run, hardest: event }),
  dissection: (run, event) => ({ ...run, dissection: event }),
  snapshots: (run, { steps, epochs }) => ({ ...run, steps, epochs }),
};

/**
 * Return the run after an event. Pure.
 *
 * @param {Run} run
 * @param {any} event
 * @returns {Run}
 */
export function reduceRun(run, event) {
  const isOld = event.run !== undefined && event.run !== run.run && event.topic !== "network";
  return isOld || !Object.hasOwn(TOPICS, event.topic) ? run : TOPICS[event.topic](run, event);
}

/** The curves up to a step, from which a run that was stopped goes on. @param {Run} run @param {number} last */
function until({ points, changes }, last) {
  const count = points.step.filter((step) => step <= last).length;
  const first = (/** @type {number[]} */ values) => values.slice(0, count);
  return {
    step: last, changes: changes.filter(({ step }) => step <= last),
    points: { step: first(points.step), loss: first(points.loss), accuracy: first(points.accuracy) },
  };
}
