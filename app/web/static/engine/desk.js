// @ts-check
// Where networks run, in a worker or, if the browser starts none, in the page itself: requests wait
// in line, urgent ones pass the others, and between two operations there is time for new ones.

import { currentScores, currentValues, valuesOfViews } from "./predict.js";
import { createNetwork } from "./network.js";
import { readProgram } from "./program.js";
import { weightsToChange } from "./edits.js";

const SLICE = 8; // milliseconds

/**
 * @typedef {import("./edits.js").Edit} Edit
 * @typedef {import("./network.js").Network} Network
 * @typedef {{network: Network, edits: Map<string, string>}} Edited
 * @typedef {{shown: Edited, second: Edited, pixels: Float32Array | null,
 *   dropout: {seed: number} | null}} Held What the page shows has run on these pixels; the second
 *   network is for questions, which leave the outputs of the first one as they are.
 * @typedef {{id: number, kind: string, name: string, given: any}} Request
 * @typedef {{id: number, value?: any, error?: string}} Answer
 * @typedef {{id: number, isUrgent: boolean, steps: Generator<void, any>}} Job
 */

/** @type {Record<string, (held: Held, given: any) => Generator<void, any>>} */
const KINDS = { run, predict, score, passes };

/**
 * Return a desk: a function that takes requests {id, kind, name, given}. Kinds:
 *   load {buffer}   hold a program under a name
 *   run {pixels, edits, dropout}   urgent; {values, outputs: what has changed since the last run}
 *   predict {pixels, edits, dropout}   values of the classes in each view
 *   score {pixels, edits}   scores of the classes
 *   passes {pixels, edits, seeds}   values of the classes for each seed of dropout, null for none
 *   cancel   the request with this id is not answered, if it is not urgent
 *
 * @param {(answer: Answer) => void} answer
 * @param {(turn: () => void) => void} later Calls a function after whatever has arrived.
 */
export function createDesk(answer, later) {
  /** @type {Map<string, Held>} */
  const networks = new Map();
  /** @type {Job[]} */
  let jobs = [];
  let isWaiting = false;

  function* stepsOf(/** @type {Request} */ { kind, name, given }) {
    if (kind === "load") return yield* hold(networks, name, given);
    // Not before its turn: the network may be loaded by a request before it.
    return yield* KINDS[kind](/** @type {Held} */ (networks.get(name)), given);
  }

  function turn() {
    isWaiting = false;
    const end = performance.now() + SLICE;
    while (jobs.length > 0 && performance.now() < end) {
      advance(jobs.find(({ isUrgent }) => isUrgent) ?? jobs[0]);
    }
    wait();
  }

  function advance(/** @type {Job} */ job) {
    const { id, steps } = job;
    try {
      const { done, value } = steps.next();
      if (!done) return;
      answer({ id, value });
    } catch (error) {
      answer({ id, error: error instanceof Error ? error.message : String(error) });
    }
    jobs = jobs.filter((other) => other !== job);
  }

  function wait() {
    if (jobs.length === 0 || isWaiting) return;
    isWaiting = true;
    later(turn);
  }

  return (/** @type {Request} */ request) => {
    const { id, kind } = request;
    if (kind === "cancel") {
      jobs = jobs.filter((job) => job.id !== id || job.isUrgent);
      return;
    }
    jobs.push({ id, isUrgent: kind === "load" || kind === "run", steps: stepsOf(request) });
    wait();
  };
}

/** @param {Map<string, Held>} networks @param {string} name @param {{buffer: ArrayBuffer}} given @returns {Generator<void, void>} */
function* hold(networks, name, { buffer }) {
  const program = readProgram(buffer);
  const edited = () => ({ network: createNetwork(program), edits: new Map() });
  networks.set(name, { shown: edited(), second: edited(), pixels: null, dropout: null });
}

/**
 * @param {Held} held
 * @param {{pixels: Float32Array, edits: Edit[], dropout: {seed: number} | null}} given
 * @returns {Generator<void, {values: Float64Array, outputs: [string, Float32Array][]}>}
 */
function* run(held, { pixels, edits, dropout }) {
  const { network, edits: applied } = held.shown;
  const before = held.pixels;
  const isSame = before !== null && pixels.every((value, index) => value === before[index]);
  const hasSameDropout = held.dropout?.seed === dropout?.seed;
  [held.pixels, held.dropout] = [pixels, dropout];
  const ran = yield* network.change({
    pixels: isSame ? undefined : pixels,
    dropout: hasSameDropout ? undefined : dropout,
    weights: weightsToChange(network.program, edits, applied),
  });
  return { values: currentValues(network), outputs: copied(ran.map((name) => [name, network.output(name)])) };
}

/**
 * Return copies in one buffer, which a worker hands over as a whole.
 *
 * @param {[string, Float32Array][]} outputs
 * @returns {[string, Float32Array][]}
 */
function copied(outputs) {
  const all = new Float32Array(outputs.reduce((sum, [, { length }]) => sum + length, 0));
  let end = 0;
  return outputs.map(([name, data]) => {
    const copy = all.subarray(end, (end += data.length));
    copy.set(data);
    return [name, copy];
  });
}

/**
 * @param {Held} held
 * @param {{pixels: Float32Array, edits: Edit[], dropout?: {seed: number} | null}} given
 * @returns {Generator<void, Float64Array[]>}
 */
function* predict({ second }, { pixels, edits, dropout }) {
  return yield* valuesOfViews(prepared(second, edits, dropout), pixels);
}

/** @param {Held} held @param {{pixels: Float32Array, edits: Edit[]}} given @returns {Generator<void, Float64Array>} */
function* score({ second }, { pixels, edits }) {
  const network = prepared(second, edits);
  yield* network.change({ pixels });
  return currentScores(network);
}

/**
 * @param {Held} held
 * @param {{pixels: Float32Array, edits: Edit[], seeds: (number | null)[]}} given
 * @returns {Generator<void, Float64Array[]>}
 */
function* passes({ second }, { pixels, edits, seeds }) {
  const network = prepared(second, edits);
  yield* network.change({ pixels });
  const values = [];
  for (const seed of seeds) {
    yield* network.change({ dropout: seed === null ? null : { seed } });
    values.push(currentValues(network));
  }
  return values;
}

/**
 * @param {Edited} edited
 * @param {Edit[]} edits
 * @param {{seed: number} | null} dropout
 * @returns {Network} With these edits and this dropout; its outputs are still without.
 */
function prepared({ network, edits: applied }, edits, dropout = null) {
  network.adopt({ dropout, weights: weightsToChange(network.program, edits, applied) }, []);
  return network;
}
