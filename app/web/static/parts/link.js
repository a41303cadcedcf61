// @ts-check
// A button that copies the address of what the page shows; it says what no address can hold.

import { copyText, createAction } from "./action.js";

/**
 * Return the button; it is hidden where the page has no address, as in a notebook.
 *
 * @param {any} context
 */
export function createLink({ link, announce, store }) {
  const copy = async () => {
    const done = await copyText(link());
    return store.state.input.kind === "image" ? `${done} without your image` : done;
  };
  return {
    element: createAction(announce, "Copy link", copy, {
      class: "convlab-button convlab-link", title: "Link to this view", what: "the link to this view", hidden: !link,
    }),
    update() {},
    dispose() {},
  };
}
