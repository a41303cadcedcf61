// @ts-check
/** Long computations in slices, so that the page answers meanwhile; what is stale is dropped. */

const SLICE = 9; // milliseconds
const PERIOD = 80; // milliseconds between two reports
const SMOOTH = 16; // milliseconds that nobody notices
/** When the next slice may begin, of all works: after a long piece, the page gets as much time as the piece took. */
const free = { at: 0 };

/**
 * Work of one panel. A generator yields after each piece; `start` with another key drops what is not done.
 * @param {() => void} onProgress Called now and then, and once all is done.
 * @param {number} [patience] Milliseconds of stillness before new work begins.
 */
export function createWork(onProgress, patience = 40) {
  /** @type {any[] | null} */
  let current = null;
  /** @type {Iterator<void> | null} */
  let pieces = null;
  let timer = 0;
  let reported = 0;
  function slice() {
    const begin = performance.now();
    if (begin < free.at) {
      timer = setTimeout(slice, free.at - begin);
      return;
    }
    const end = begin + SLICE;
    let done = false;
    do {
      done = pieces === null || pieces.next().done === true;
    } while (!done && performance.now() < end);
    const took = performance.now() - begin;
    free.at = took > SMOOTH ? performance.now() + took : 0;
    timer = done ? 0 : setTimeout(slice, 0);
    if (done) pieces = null;
    if (!done && performance.now() - reported < PERIOD) return;
    reported = performance.now();
    onProgress();
  }
  return {
    /**
     * @param {any[]} key What the work depends on; compared by identity.
     * @param {() => Iterator<void>} makePieces
     */
    start(key, makePieces) {
      if (current !== null && key.length === current.length && key.every((part, index) => part === /** @type {any[]} */ (current)[index])) return;
      clearTimeout(timer);
      current = key;
      pieces = makePieces();
      timer = setTimeout(slice, patience);
    },
    stop() {
      clearTimeout(timer);
      current = pieces = null;
      timer = 0;
    },
    isBusy: () => timer !== 0,
  };
}
