// @ts-check
// A network in a worker, so that the page stays responsive. Answers are promises.

/**
 * @typedef {{
 *   ready: Promise<unknown>,
 *   run: (pixels: ArrayLike<number>) => Promise<Float32Array | null>,
 *   classValues: (pixels: ArrayLike<number>) => Promise<Float64Array | null>,
 *   output: (name: string) => Promise<Float32Array>,
 *   weights: (name: string) => Promise<Record<string, Float32Array>>,
 *   setWeight: (name: string, weight: string, data: ArrayLike<number>) => Promise<string[]>,
 *   resetWeights: () => Promise<string[]>,
 *   setDropout: (dropout: {seed: number} | null) => Promise<string[]>,
 *   setOutput: (name: string, data: ArrayLike<number> | null) => Promise<string[]>,
 *   terms: (name: string, cell: import("./shapes.js").Cell) => Promise<ReturnType<
 *     typeof import("./terms.js").terms>>,
 *   topContributors: (name: string, cell: import("./shapes.js").Cell, count: number) =>
 *     Promise<import("./contributors.js").Contributor[]>,
 *   traceToPixels: (name: string, cell: import("./shapes.js").Cell) =>
 *     Promise<import("./contributors.js").Trace>,
 *   dispose: () => void,
 * }} Client `run` and `classValues` resolve to `null` if a newer call overtook them.
 */

const POLICY = "convlab";
const WORKER = "/static/engine/worker.js"; // where the server has it

/** @type {{createScriptURL: (url: string) => any} | null} A page may make a policy only once. */
let policy = null;

/**
 * Start a worker from the address of a module of this page, or of a Blob. A page that was opened
 * from disk can start only classic ones.
 *
 * @param {string | URL} url
 * @param {WorkerType} type
 * @returns {Worker}
 */
export function workerFromUrl(url, type = "module") {
  const { href } = new URL(url, globalThis.location.href);
  const types = /** @type {any} */ (globalThis).trustedTypes;
  if (types === undefined) {
    return new Worker(checkedUrl(href), { type });
  }
  const made = policy ?? types.createPolicy(POLICY, { createScriptURL: checkedUrl });
  policy = made;
  return new Worker(made.createScriptURL(href), { type });
}

/**
 * Return a client of a worker that runs a program.
 *
 * @param {ArrayBuffer} buffer Program, as `readProgram` takes it.
 * @param {Worker} worker Runs `worker.js`.
 * @returns {Client}
 */
export function createClient(buffer, worker = workerFromUrl(WORKER)) {
  const calls = new Calls(worker);
  return {
    ready: calls.ask("load", [buffer]),
    run: (pixels) => calls.askNewest("run", [pixels]),
    classValues: (pixels) => calls.askNewest("classValues", [pixels]),
    output: (name) => calls.ask("output", [name]),
    weights: (name) => calls.ask("weights", [name]),
    setWeight: (name, weight, data) => calls.ask("setWeight", [name, weight, data]),
    resetWeights: () => calls.ask("resetWeights", []),
    setDropout: (dropout) => calls.ask("setDropout", [dropout]),
    setOutput: (name, data) => calls.ask("setOutput", [name, data]),
    terms: (name, cell) => calls.ask("terms", [name, cell]),
    topContributors: (name, cell, count) => calls.ask("topContributors", [name, cell, count]),
    traceToPixels: (name, cell) => calls.ask("traceToPixels", [name, cell]),
    dispose: () => calls.dispose(),
  };
}

/** @param {string} url */
function checkedUrl(url) {
  const { origin, protocol } = new URL(url);
  if (protocol !== "blob:" && origin !== globalThis.location.origin) {
    throw new TypeError(`Cannot start a worker from another origin: ${origin}.`);
  }
  return url;
}

class Calls {
  /** @param {Worker} worker */
  constructor(worker) {
    this.worker = worker;
    this.last = 0;
    /** @type {Error | null} Why nothing is answered any more. */
    this.failure = null;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.open = new Map();
    /** @type {Map<string, {args: any[], resolve: (value: any) => void} | null>} Calls that wait
     *   for the one before them, by method. */
    this.waiting = new Map();
    worker.onmessage = ({ data }) => this.answered(data);
    worker.onerror = (event) => this.fail(new Error(event.message || "The worker cannot start."));
  }

  /** @param {string} method @param {any[]} args @returns {Promise<any>} */
  ask(method, args) {
    if (this.failure !== null) {
      return Promise.reject(this.failure);
    }
    return new Promise((resolve, reject) => {
      const id = ++this.last;
      this.open.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, args });
    });
  }

  /**
   * Ask as soon as the call before has been answered; of those that wait, only the newest stays.
   *
   * @param {string} method
   * @param {any[]} args
   * @returns {Promise<any>}
   */
  askNewest(method, args) {
    if (this.waiting.has(method)) {
      this.waiting.get(method)?.resolve(null);
      return new Promise((resolve) => this.waiting.set(method, { args, resolve }));
    }
    this.waiting.set(method, null);
    return this.ask(method, args).finally(() => {
      const next = this.waiting.get(method);
      this.waiting.delete(method);
      next?.resolve(this.askNewest(method, next.args));
    });
  }

  /** @param {{id: number, value?: any, error?: string}} answer */
  answered({ id, value, error }) {
    const call = this.open.get(id);
    this.open.delete(id);
    if (error === undefined) {
      call?.resolve(value);
    } else {
      call?.reject(new Error(error));
    }
  }

  /** @param {Error} error */
  fail(error) {
    this.failure = error;
    const calls = [...this.open.values()];
    this.open.clear();
    calls.forEach(({ reject }) => reject(error));
  }

  dispose() {
    this.worker.terminate();
    this.fail(new Error("The network has been closed."));
  }
}
