// @ts-check
// The page as one file: its parts are base64 in blocks of the document.

import { createEmbeddedSource } from "./source_embedded.js";
import { decode } from "./state.js";
import { mount } from "./mount.js";

/**
 * Show the page; its state is in the address of the window.
 *
 * @param {Document} document
 * @param {string} workerText Text of a script that runs a network in a worker.
 */
export function start(document, workerText) {
  const window = /** @type {Window} */ (document.defaultView);
  const root = /** @type {HTMLElement} */ (document.querySelector(".convlab"));
  const { store } = mount(root, createEmbeddedSource(blocksOf(document), workerText), {
    text: window.location.hash,
    onAddress: (text) => window.history.replaceState(null, "", `#${text}`),
  });
  window.addEventListener("hashchange", () => {
    store.dispatch({ type: "restore", state: decode(window.location.hash) });
  });
}

/** @param {Document} document @returns {(part: string) => Uint8Array} */
function blocksOf(document) {
  const blocks = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("script[data-part]")]);
  const texts = new Map(blocks.map((block) => [block.dataset.part, block.textContent ?? ""]));
  return (part) => bytesOf(texts.get(part) ?? "");
}

/** @param {string} base64 */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}
