// @ts-check
/** Fields of the settings of a run. An empty one stands for the usual value, which it shows. */

import { element } from "../element.js";
import { RECIPE, readRecipe, withSetting } from "./recipe.js";

const PLAIN = { limit: "all", seed: "0" }; // where a dataset has no opinion

/** @param {any} context @param {import("./session.js").Session} session */
export function createRecipeFields({ listen }, session) {
  const fields = RECIPE.map((setting) => {
    const { name, label, kind, low, high, step = "any" } = setting;
    const field = kind === "choice" ? element("select", { "data-setting": name })
      : element("input", { type: "number", min: low, max: high, step, "data-setting": name });
    listen(field, "change", () => {
      if (!field.checkValidity()) return;
      const value = field.value === "" ? undefined : kind === "number" ? Number(field.value) : field.value;
      const given = readRecipe(session.context.store.state.choices.recipe);
      session.choose("recipe", withSetting(given, name, value));
    });
    return { setting, field, element: element("label", { class: "convlab-setting" }, element("span", {}, label), field) };
  });
  let built = "";
  const build = (/** @type {any} */ defaults) => {
    const { names } = session.run;
    const key = JSON.stringify([names, defaults]);
    if (key === built) return;
    built = key;
    for (const { setting: { name, kind }, field } of fields) {
      const usual = defaults[name] ?? PLAIN[/** @type {"limit" | "seed"} */ (name)];
      if (kind === "number") field.placeholder = String(usual);
      else {
        field.replaceChildren(element("option", { value: "" }, `${usual} (default)`),
          ...(names[name] ?? []).filter((one) => one !== usual).map((one) => element("option", { value: one }, one)));
      }
    }
  };
  return {
    element: element("div", { class: "convlab-settings" }, fields.map((field) => field.element)),
    /** @param {any} state */
    update(state) {
      build(session.prepared?.defaults ?? {});
      const given = readRecipe(state.choices.recipe);
      for (const { setting: { name }, field } of fields) {
        if (field.ownerDocument.activeElement !== field) field.value = String(given[name] ?? "");
      }
    },
  };
}
