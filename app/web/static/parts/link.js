// @ts-check
// A button that copies the address of what the page shows.

import { createButton } from "./controls.js";

/**
 * Return the button; it is hidden where the page has no address, as in a notebook.
 *
 * @param {any} context
 */
export function createLink(context) {
  const { link, announce } = context;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link());
      announce("The link is copied. It opens the page as you see it now.");
    } catch { // a page from a file, or a browser without permission
      announce("The browser does not allow it: copy the address of the window.");
    }
  };
  return {
    element: createButton(context, "Copy link", copy, {
      class: "convlab-button convlab-link", title: "Copy the address of what you see", hidden: !link,
    }),
    update() {},
    dispose() {},
  };
}
