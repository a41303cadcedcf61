// @ts-check
// Predictions of networks that the page cannot run.

import { wholeLevels } from "../engine/image.js";

/**
 * Return what the source says: one question at a time per network; an answer to an older input is
 * dropped.
 *
 * @param {any} context
 */
export function createRemote(context) {
  /** @type {Map<string, {pixels: any, values: any, pending: any}>} */
  const asked = new Map();
  return {
    /** @param {string} name @returns {ArrayLike<number> | null} */
    values(name) {
      const shown = context.pixels(name);
      if (!shown || !context.source.abilities.has("oracle")) return null;
      const entry = asked.get(name) ?? { pixels: null, values: null, pending: null };
      asked.set(name, entry);
      if (entry.pixels !== shown) {
        entry.pixels = shown;
        if (!entry.pending) ask(context, name, entry);
      }
      return entry.values;
    },
    dispose() {
      for (const { pending } of asked.values()) pending?.cancel();
    },
  };
}

/** @param {any} context @param {string} name @param {any} entry */
async function ask(context, name, entry) {
  const shown = entry.pixels;
  const { height, width, channels } = context.catalog.get(name).image;
  const pixels = wholeLevels(shown);
  entry.pending = context.source.ask("predict", {
    model: name, pixels, shape: [height, width, channels],
  });
  let values = null;
  try {
    values = (await entry.pending).tensors.get("values").data;
  } catch (error) {
    context.failures.set(name, error instanceof Error ? error.message : String(error));
  }
  entry.pending = null;
  if (entry.pixels !== shown) {
    ask(context, name, entry);
    return;
  }
  entry.values = values;
  context.store.dispatch({ type: "refresh" });
}
