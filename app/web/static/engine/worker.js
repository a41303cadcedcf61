// @ts-check
// The worker: a desk that answers the messages of a page.

import { createDesk } from "./desk.js";

/**
 * Answer the messages of a page.
 *
 * @param {any} scope Global object of the worker.
 */
export function serve(scope) {
  /** @type {() => void} */
  let turn = () => {};
  const { port1, port2 } = new MessageChannel(); // a timer would wait for some milliseconds
  port1.onmessage = () => turn();
  const take = createDesk((answer) => scope.postMessage(answer, buffersOf(answer)), (next) => {
    turn = next;
    port2.postMessage(null);
  });
  scope.onmessage = (/** @type {MessageEvent} */ { data }) => take(data);
}

/** What an answer hands over instead of copying it once more. @param {import("./desk.js").Answer} answer */
function buffersOf({ value }) {
  return value?.outputs?.length ? [value.outputs[0][1].buffer] : [];
}

// In a page that holds all modules as one text, this module is loaded outside of a worker, too.
if ("WorkerGlobalScope" in globalThis) {
  serve(globalThis);
}
