// @ts-check
// The page as one file: its parts are blocks of the document, in base64, all but one compressed.

import { createEmbeddedSource } from "./source_embedded.js";
import { showInWindow } from "./window_address.js";

/**
 * Show the page.
 *
 * @param {Document} document
 * @param {string} workerText Text of a script that runs a network in a worker.
 */
export function start(document, workerText) {
  const window = /** @type {Window} */ (document.defaultView);
  const root = /** @type {HTMLElement} */ (document.querySelector(".convlab"));
  const catalog = JSON.parse(new TextDecoder().decode(bytesOf(document, "catalog")));
  const read = async (/** @type {string} */ part) => inflated(bytesOf(document, part));
  showInWindow(root, createEmbeddedSource(catalog, read, workerText), window);
}

/** @param {Document} document @param {string} part */
function bytesOf(document, part) {
  const block = document.querySelector(`script[data-part="${part}"]`);
  const text = atob(block?.textContent ?? "");
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
