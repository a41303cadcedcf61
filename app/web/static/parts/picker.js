// @ts-check
// Which network is looked into, and which ones are compared with it.

import { element } from "../element.js";

const MOST = 4; // networks side by side

/**
 * Return the picker.
 *
 * @param {any} context
 */
export function createPicker(context) {
  const { store, listen, catalog } = context;
  const select = element("select", { class: "convlab-select" });
  const chips = element("div", { class: "convlab-chips", role: "group", "aria-label": "Compare with" });
  /** @type {(() => void)[]} */
  let forget = [];
  let built = "";
  listen(select, "change", () => {
    const chosen = catalog.get(select.value);
    const kept = store.state.models.filter((/** @type {string} */ name) => alike(catalog.get(name), chosen));
    const models = kept.includes(chosen.name) ? kept : [chosen.name, ...kept].slice(0, MOST);
    store.dispatch({ type: "models", models, model: chosen.name });
    showFitting(context, chosen);
  });
  const toggle = (/** @type {string} */ name) => {
    const { models, model } = store.state;
    if (name === model) return;
    const others = models.filter((/** @type {string} */ other) => other !== name);
    const next = others.length < models.length ? others : [...others.slice(-(MOST - 1)), name];
    store.dispatch({ type: "models", models: next.includes(model) ? next : [model, ...next.slice(1)], model });
  };
  return {
    element: element("div", { class: "convlab-picker" },
      element("h1", { class: "convlab-title" }, "convlab"),
      element("label", { class: "convlab-field" }, element("span", {}, "network"), select), chips),
    update(/** @type {any} */ state) {
      if (catalog.size === 0) return;
      const current = catalog.get(state.model);
      const others = [...catalog.values()].filter((model) => alike(model, current));
      const key = JSON.stringify([state.model, state.models, others.length]);
      if (key === built) return;
      built = key;
      for (const undo of forget) undo();
      forget = [];
      if (select.children.length !== catalog.size) select.replaceChildren(...[...catalog.keys()].map((name) => element("option", { value: name }, name)));
      select.value = state.model;
      chips.replaceChildren(...others.filter(({ name }) => name !== state.model).map((model) => {
        const chip = element("button", {
          class: "convlab-chip", type: "button", title: describe(model), "aria-pressed": String(state.models.includes(model.name)),
        }, model.name);
        forget.push(listen(chip, "click", () => toggle(model.name)));
        return chip;
      }));
    },
    dispose() {},
  };
}

/** @param {any} model @param {any} other */
function alike(model, other) {
  return Boolean(model && other) && model.classes.join("\n") === other.classes.join("\n");
}

/** @param {any} model */
function describe({ parameters, accuracy, server_only: serverOnly }) {
  const parts = [`${parameters.toLocaleString("en-US")} parameters`];
  if (typeof accuracy === "number") parts.push(`accuracy ${(100 * accuracy).toFixed(2)} %`);
  if (serverOnly) parts.push(serverOnly);
  return parts.join(" · ");
}

/** A drawing says nothing to a network for photographs: it gets a sample. @param {any} context @param {any} model */
function showFitting({ store, source, catalog }, model) {
  const { input } = store.state;
  if (input.kind === "image") return;
  const from = input.kind === "sample" ? catalog.get(input.model) : null;
  if (from ? alike(from, model) : model.mnist_style) return;
  if (source.abilities.has("samples")) {
    store.dispatch({ type: "input", input: { kind: "sample", model: model.name, order: "first", seed: 0, index: 0, label: null } });
  }
}
