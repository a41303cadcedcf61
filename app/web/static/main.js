// @ts-check
// The page as the server shows it.

import { createServerSource } from "./source_server.js";
import { showInWindow } from "./window_address.js";

const root = /** @type {HTMLElement} */ (document.querySelector(".convlab"));
showInWindow(root, createServerSource(window.location), window);
