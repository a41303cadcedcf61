// @ts-check
// A network that has run: every output is kept, and a change re-runs only what depends on it.

import { OPERATIONS } from "./operations.js";
import { inputShapes, operationNamed } from "./program.js";
import { sizeOf } from "./shapes.js";

/**
 * @typedef {{
 *   program: import("./program.js").Program,
 *   run: (pixels: ArrayLike<number>) => Float32Array,
 *   output: (name: string) => Float32Array,
 *   weights: (name: string) => Record<string, Float32Array>,
 *   setWeight: (name: string, weight: string, data: ArrayLike<number>) => string[],
 *   resetWeights: () => string[],
 *   setDropout: (dropout: {seed: number} | null) => string[],
 *   setOutput: (name: string, data: ArrayLike<number> | null) => string[],
 *   call: (name: string) => import("./operations.js").Call & {output: Float32Array},
 *   change: (changes: Changes) => Generator<void, string[]>,
 *   adopt: (changes: Changes, outputs: Iterable<[string, Float32Array]>) => void,
 * }} Network The setters return the operations that ran again. `change` makes several changes at
 *   once, and pauses after each operation; `adopt` takes what they led to in another network.
 * @typedef {{
 *   pixels?: ArrayLike<number>, dropout?: {seed: number} | null,
 *   weights?: [name: string, weight: string, data: ArrayLike<number>][],
 * }} Changes
 */

/**
 * Return a network with the weights of its program.
 *
 * @param {import("./program.js").Program} program
 * @returns {Network}
 */
export function createNetwork(program) {
  checkKinds(program);
  const state = new State(program);
  return {
    program,
    run: (pixels) => state.run(pixels),
    output: (name) => state.output(name),
    weights: (name) => state.weights(name),
    setWeight: (name, weight, data) => finish(state.change({ weights: [[name, weight, data]] })),
    resetWeights: () => state.resetWeights(),
    setDropout: (dropout) => finish(state.change({ dropout })),
    setOutput: (name, data) => state.setOutput(name, data),
    call: (name) => state.finishedCall(name),
    change: (changes) => state.change(changes),
    adopt: (changes, outputs) => state.adopt(changes, outputs),
  };
}

/**
 * Return what steps lead to, made without a pause.
 *
 * @template Result
 * @param {Generator<void, Result>} steps
 */
export function finish(steps) {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

class State {
  /** @param {import("./program.js").Program} program */
  constructor(program) {
    this.program = program;
    /** @type {Map<string, Float32Array>} */
    this.outputs = new Map();
    /** @type {Map<string, Float32Array>} Outputs that stand in for computed ones. */
    this.replaced = new Map();
    /** @type {Map<string, Record<string, import("./program.js").Weight>>} */
    this.changed = new Map();
    /** @type {{seed: number} | null} */
    this.dropout = null;
    /** @type {Float32Array | null} */
    this.pixels = null;
  }

  /** @param {ArrayLike<number>} pixels */
  run(pixels) {
    finish(this.change({ pixels }));
    const { operations } = this.program;
    return this.output(operations[operations.length - 1].name);
  }

  /** @param {Changes} changes @returns {Generator<void, string[]>} Names of what ran. */
  *change(changes) {
    return yield* this.rerun(this.take(changes));
  }

  /** @param {Changes} changes @param {Iterable<[string, Float32Array]>} outputs */
  adopt(changes, outputs) {
    this.take(changes);
    for (const [name, data] of outputs) this.outputs.set(name, data);
  }

  /** @param {Changes} changes @returns {Set<import("./program.js").Operation>} What they concern. */
  take({ pixels, dropout, weights = [] }) {
    const { operations } = this.program;
    const first = weights.map((change) => this.takeWeight(...change));
    if (dropout !== undefined) {
      this.dropout = dropout;
      first.push(...operations.filter(({ kind }) => kind === "dropout"));
    }
    if (pixels === undefined) return new Set(first);
    this.pixels = sized(operations[0].shape, pixels, "pixels");
    return new Set(operations);
  }

  /**
   * Compute some operations again, and all that depends on them.
   *
   * @param {Set<import("./program.js").Operation>} first
   * @returns {Generator<void, string[]>} Names of what ran.
   */
  *rerun(first) {
    const ran = new Set();
    if (this.pixels === null) {
      return [];
    }
    for (const operation of this.program.operations) {
      const { name, inputs } = operation;
      if (first.has(operation) || inputs.some((input) => ran.has(input))) {
        this.outputs.set(name, this.replaced.get(name) ?? this.compute(operation));
        ran.add(name);
        yield;
      }
    }
    return [...ran];
  }

  /** @param {import("./program.js").Operation} operation */
  compute(operation) {
    if (operation.kind === "input") {
      return /** @type {Float32Array} */ (this.pixels);
    }
    return OPERATIONS[operation.kind].forward(this.callOf(operation));
  }

  /** @param {import("./program.js").Operation} operation */
  callOf(operation) {
    const shapes = inputShapes(this.program, operation);
    const inputs = operation.inputs.map((name, i) =>
      ({ name, shape: shapes[i], data: this.output(name) }));
    const weights = this.changed.get(operation.name) ?? operation.weights;
    return { operation, inputs, weights, dropout: this.dropout };
  }

  /** @param {string} name */
  finishedCall(name) {
    return { ...this.callOf(operationNamed(this.program, name)), output: this.output(name) };
  }

  /** @param {string} name */
  output(name) {
    const found = this.outputs.get(operationNamed(this.program, name).name);
    if (found === undefined) {
      throw new Error(`No output of '${name}' yet: run the network first.`);
    }
    return found;
  }

  /** @param {string} name */
  weights(name) {
    const weights = this.changed.get(name) ?? operationNamed(this.program, name).weights;
    return Object.fromEntries(Object.entries(weights).map(([role, { data }]) => [role, data]));
  }

  /** @param {string} name @param {string} role @param {ArrayLike<number>} data */
  takeWeight(name, role, data) {
    const operation = operationNamed(this.program, name);
    const weights = this.changed.get(name) ?? operation.weights;
    if (!Object.hasOwn(weights, role)) {
      const known = Object.keys(weights).join(", ") || "none";
      throw new Error(`Operation '${name}' has no weight '${role}'. It has: ${known}.`);
    }
    const own = operation.weights[role];
    const replaced = data === own.data ? own
      : { shape: own.shape, data: sized(own.shape, data, `weight '${role}' of '${name}'`) };
    this.changed.set(name, { ...weights, [role]: replaced });
    return operation;
  }

  resetWeights() {
    const operations = [...this.changed.keys()].map((name) => operationNamed(this.program, name));
    this.changed.clear();
    return finish(this.rerun(new Set(operations)));
  }

  /** @param {string} name @param {ArrayLike<number> | null} data */
  setOutput(name, data) {
    const operation = operationNamed(this.program, name);
    if (data === null) {
      this.replaced.delete(name);
    } else {
      this.replaced.set(name, sized(operation.shape, data, `the output of '${name}'`));
    }
    return finish(this.rerun(new Set([operation])));
  }
}

/**
 * Return a copy of values, of which there must be as many as a shape has.
 *
 * @param {number[]} shape
 * @param {ArrayLike<number>} values
 * @param {string} what
 */
function sized(shape, values, what) {
  if (values.length !== sizeOf(shape)) {
    const wanted = `${sizeOf(shape)} numbers, (${shape.join(", ")})`;
    throw new Error(`Cannot take ${values.length} numbers as ${what}. Expected: ${wanted}.`);
  }
  return Float32Array.from(values);
}

/** @param {import("./program.js").Program} program */
function checkKinds({ operations }) {
  for (const { name, kind } of operations) {
    if (!Object.hasOwn(OPERATIONS, kind)) {
      const known = Object.keys(OPERATIONS).join(", ");
      throw new Error(`Operation '${name}' is of kind '${kind}'. Expected one of: ${known}.`);
    }
  }
}
