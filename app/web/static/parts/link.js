// @ts-check
// A button that copies the address of what the page shows.

import { createAction } from "./action.js";

/**
 * Return the button; it is hidden where the page has no address, as in a notebook.
 *
 * @param {any} context
 */
export function createLink({ link, announce }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link());
    } catch { // a page from a file, or a browser without permission
      throw new Error("The browser does not allow it: copy the address of the window.");
    }
    return "Copied";
  };
  return {
    element: createAction(announce, "Copy link", copy, {
      class: "convlab-button convlab-link", title: "Link to this view", hidden: !link,
    }),
    update() {},
    dispose() {},
  };
}
