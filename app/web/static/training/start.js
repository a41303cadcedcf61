// @ts-check
// What a run begins with.

import { readRecipe } from "./recipe.js";

/**
 * Return the values of the command `start`, from what has been chosen on the page.
 *
 * @param {import("./session.js").Session} session
 * @param {boolean} keep_weights Whether layers keep the weights of the run before, where they fit.
 * @returns {Record<string, any>}
 */
export function startOf({ context, prepared, stack }, keep_weights) {
  const { choices } = context.store.state;
  const side = choices.side ? { image_size: Number(choices.side) } : {};
  return { dataset: choices.data, layers: stack, keep_weights, ...prepared.defaults, ...side, ...readRecipe(choices.recipe) };
}
