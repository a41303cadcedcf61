// @ts-check
/** Long computations of a panel: each begins when the page rests, and what is stale is dropped. */

import { REST } from "../rest.js";

const PERIOD = 80; // milliseconds between two reports

/**
 * Work of one panel. A generator yields after each piece; `start` with another key aborts what is not done.
 * @param {Element} panel Has the attribute `data-busy` meanwhile.
 * @param {() => void} onProgress Called now and then, and once all is done.
 */
export function createWork(panel, onProgress) {
  /** @type {any[] | null} */
  let current = null;
  let abort = new AbortController();
  let timer = 0;

  async function work(/** @type {AsyncIterable<void>} */ pieces, /** @type {AbortSignal} */ signal) {
    let reported = performance.now();
    try {
      for await (const _ of pieces) {
        if (signal.aborted) return;
        if (performance.now() - reported < PERIOD) continue;
        reported = performance.now();
        onProgress();
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return;
    panel.removeAttribute("data-busy");
    onProgress();
  }

  function stop() {
    clearTimeout(timer);
    abort.abort();
    panel.removeAttribute("data-busy");
    current = null;
  }

  return {
    /**
     * @param {any[]} key What the work depends on; compared by identity.
     * @param {(signal: AbortSignal) => AsyncIterable<void>} makePieces
     */
    start(key, makePieces) {
      if (current !== null && key.length === current.length && key.every((part, index) => part === /** @type {any[]} */ (current)[index])) return;
      stop();
      current = key;
      panel.setAttribute("data-busy", "");
      abort = new AbortController();
      const { signal } = abort;
      timer = setTimeout(() => work(makePieces(signal), signal), REST);
    },
    stop,
  };
}

/**
 * Ask for all items, two at a time, so that the next one is there when an answer comes.
 * @template Item
 * @param {Iterable<Item>} items
 * @param {(item: Item) => Promise<void>} ask
 */
export async function* oneAhead(items, ask) {
  /** @type {Promise<void>} */
  let before = Promise.resolve();
  for (const item of items) {
    const now = ask(item);
    now.catch(() => {}); // an abort is reported by the one before it
    await before;
    before = now;
    yield;
  }
  await before;
  yield;
}
