// @ts-check
// The state of the page in one place, and one redraw per frame for all parts.

/**
 * Return a store.
 *
 * Any number of events within a frame lead to one call of each subscriber, in the order of their
 * subscription.
 *
 * @template State
 * @param {(state: State, event: any) => State} reduce Pure.
 * @param {State} initial
 */
export function createStore(reduce, initial) {
  let state = initial;
  let frame = 0;
  /** @type {Set<(state: State) => void>} */
  const listeners = new Set();
  function notify() {
    frame = 0;
    for (const listener of [...listeners]) listener(state);
  }
  return {
    get state() {
      return state;
    },
    dispatch(event) {
      const next = reduce(state, event);
      if (next === state) return;
      state = next;
      if (frame === 0) frame = requestAnimationFrame(notify);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      cancelAnimationFrame(frame);
      listeners.clear();
    },
  };
}
