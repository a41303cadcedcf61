// @ts-check
// The page in a window of its own: its state is in the window's address.

import { decode } from "./state.js";
import { mount } from "./mount.js";

/**
 * Show the page; going back, or another address, shows that state.
 *
 * @param {HTMLElement} root
 * @param {any} source
 * @param {Window} window
 */
export function showInWindow(root, source, window) {
  const { store } = mount(root, source, {
    text: window.location.hash,
    onAddress: (text) => window.history.replaceState(null, "", `#${text}`),
    link: () => window.location.href,
  });
  window.addEventListener("hashchange", () => {
    store.dispatch({ type: "restore", state: decode(window.location.hash) });
  });
}
