// @ts-check
// The page as the server shows it: its state is in the address of the window.

import { createServerSource } from "./source_server.js";
import { decode } from "./state.js";
import { mount } from "./mount.js";

const root = /** @type {HTMLElement} */ (document.querySelector(".convlab"));
const { store } = mount(root, createServerSource(window.location), {
  text: window.location.hash,
  onAddress: (text) => window.history.replaceState(null, "", `#${text}`),
});
window.addEventListener("hashchange", () => {
  store.dispatch({ type: "restore", state: decode(window.location.hash) });
});
