// @ts-check
// A button that copies the address of what the page shows.

import { copyText, createAction } from "./action.js";

/**
 * Return the button; it is hidden where the page has no address, as in a notebook.
 *
 * @param {any} context
 */
export function createLink({ link, announce }) {
  return {
    element: createAction(announce, "Copy link", () => copyText(link()), {
      class: "convlab-button convlab-link", title: "Link to this view", what: "the link to this view", hidden: !link,
    }),
    update() {},
    dispose() {},
  };
}
