// @ts-check
// Networks in a worker, so that the page stays responsive. Answers are promises.

import { createDesk } from "./desk.js";

/**
 * @typedef {{pixels: ArrayLike<number>, edits: import("./edits.js").Edit[]}} Question
 * @typedef {{values: Float64Array, outputs: [string, Float32Array][]}} Run Values of the classes,
 *   and the outputs that have changed since the run before.
 * @typedef {{
 *   load: (name: string, buffer: ArrayBuffer) => Promise<void>,
 *   run: (name: string, given: Question & {dropout: {seed: number} | null}) => Promise<Run>,
 *   predict: (name: string, given: Question & {dropout?: {seed: number} | null},
 *     signal?: AbortSignal) => Promise<Float64Array[]>,
 *   score: (name: string, given: Question, signal?: AbortSignal) => Promise<Float64Array>,
 *   passes: (name: string, given: Question & {seeds: (number | null)[]}, signal?: AbortSignal) =>
 *     Promise<Float64Array[]>,
 *   dispose: () => void,
 * }} Client See `createDesk`. A run passes all questions; one that is aborted is not computed.
 */

const POLICY = "convlab";

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
 * Return a client of networks.
 *
 * @param {() => Worker} start Starts a worker that runs `worker.js`. If it raises, or the worker
 *   cannot run, the networks run in the page, a few milliseconds at a time.
 * @returns {Client}
 */
export function createClient(start) {
  const calls = new Calls(start);
  return {
    load: (name, buffer) => calls.ask("load", name, { buffer }),
    run: (name, given) => calls.ask("run", name, given),
    predict: (name, given, signal) => calls.ask("predict", name, given, signal),
    score: (name, given, signal) => calls.ask("score", name, given, signal),
    passes: (name, given, signal) => calls.ask("passes", name, given, signal),
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
  /** @param {() => Worker} start */
  constructor(start) {
    this.last = 0;
    this.isOpen = true;
    /** @type {Map<number, {request: any, resolve: (value: any) => void,
     *   reject: (error: Error) => void}>} */
    this.open = new Map();
    /** @type {(request: any) => void} */
    this.send = () => {};
    /** @type {any[]} Requests that a later start would need, too. */
    this.loads = [];
    /** @type {Worker | null} */
    this.worker = null;
    try {
      this.useWorker(start());
    } catch {
      this.usePage();
    }
  }

  /** @param {Worker} worker */
  useWorker(worker) {
    this.worker = worker;
    this.send = (request) => worker.postMessage(request);
    worker.onmessage = ({ data }) => this.answered(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.usePage();
    };
  }

  /** Run networks in the page: the browser refuses the worker. */
  usePage() {
    this.worker?.terminate();
    this.worker = null;
    this.send = createDesk((answer) => this.answered(answer), (turn) => setTimeout(turn, 0));
    for (const request of this.loads) this.send(request);
    for (const { request } of this.open.values()) if (request.kind !== "load") this.send(request);
  }

  /**
   * @param {string} kind
   * @param {string} name
   * @param {any} given
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  ask(kind, name, given, signal) {
    if (!this.isOpen) return Promise.reject(new Error("The networks have been closed."));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const request = { id: ++this.last, kind, name, given };
      this.open.set(request.id, { request, resolve, reject });
      if (kind === "load") this.loads = [...this.loads.filter((other) => other.name !== name), request];
      this.send(request);
      signal?.addEventListener("abort", () => this.cancel(request.id, signal.reason), { once: true });
    });
  }

  /** @param {number} id @param {Error} reason */
  cancel(id, reason) {
    const call = this.open.get(id);
    if (!call) return;
    this.open.delete(id);
    this.send({ id, kind: "cancel" });
    call.reject(reason);
  }

  /** @param {import("./desk.js").Answer} answer */
  answered({ id, value, error }) {
    const call = this.open.get(id);
    this.open.delete(id);
    if (error === undefined) {
      call?.resolve(value);
    } else {
      call?.reject(new Error(error));
    }
  }

  dispose() {
    this.isOpen = false;
    this.send = () => {};
    this.worker?.terminate();
    for (const { reject } of this.open.values()) reject(new Error("The networks have been closed."));
    this.open.clear();
  }
}
