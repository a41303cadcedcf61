// @ts-check
// The page in a window of its own: its state is in the window's address.

import { decode } from "./state.js";
import { mount } from "./mount.js";

const PATIENCE = 100; // milliseconds of stillness: writing the address takes longer than a frame

/**
 * Show the page; going back, or another address, shows that state.
 *
 * @param {HTMLElement} root
 * @param {any} source
 * @param {Window} window
 */
export function showInWindow(root, source, window) {
  let address = window.location.href;
  let timer = 0;
  const { store } = mount(root, source, {
    text: window.location.hash,
    onAddress(text) {
      address = new URL(`#${text}`, window.location.href).href;
      clearTimeout(timer);
      timer = window.setTimeout(() => window.history.replaceState(null, "", address), PATIENCE);
    },
    link: () => address,
  });
  window.addEventListener("hashchange", () => {
    clearTimeout(timer);
    address = window.location.href;
    store.dispatch({ type: "restore", state: decode(window.location.hash) });
  });
}
