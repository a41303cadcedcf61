// @ts-check
// The page as the server shows it.

import { createServerSource } from "./source_server.js";
import { trainingParts } from "./training/parts.js";
import { showInWindow } from "./window_address.js";
import { withLive } from "./training/live_source.js";

const root = /** @type {HTMLElement} */ (document.querySelector(".convlab"));
showInWindow(root, withLive(createServerSource(window.location)), window, trainingParts());
