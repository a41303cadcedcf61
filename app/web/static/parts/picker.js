// @ts-check
// Which network is looked into, and which ones are compared with it.

import { element } from "../element.js";
import { firstSample, haveSameClasses, withModel, withToggled } from "../catalog.js";

/**
 * Return the picker.
 *
 * @param {any} context
 */
export function createPicker(context) {
  const { listen, catalog } = context;
  const select = element("select", { class: "convlab-select" });
  const chips = createChips(context);
  let built = 0;
  listen(select, "change", () => chooseModel(context, catalog.get(select.value)));
  return {
    element: element("div", { class: "convlab-picker" },
      element("label", { class: "convlab-field" }, "Network", select), chips.element),
    update(/** @type {any} */ state) {
      if (catalog.size !== built) {
        const options = [...catalog.keys()].map((name) => element("option", { value: name }, name));
        select.replaceChildren(...options);
        built = catalog.size;
      }
      select.value = state.model;
      chips.update(state);
    },
    dispose() {},
  };
}

/** @param {any} context */
function createChips({ store, listen, catalog }) {
  const chips = element("div", { class: "convlab-chips" });
  /** @type {(() => void)[]} */
  let forget = [];
  let built = "";
  const toggle = (/** @type {string} */ name) => {
    const { models, model } = store.state;
    store.dispatch({ type: "models", models: withToggled(models, name, model), model });
  };
  const createChip = (/** @type {any} */ described, /** @type {any} */ state) => {
    const pressed = String(state.models.includes(described.name));
    const chip = element("button", {
      class: "convlab-chip", type: "button", title: describe(described), "aria-pressed": pressed,
    }, described.name);
    forget.push(listen(chip, "click", () => toggle(described.name)));
    return chip;
  };
  return {
    element: element("div", { class: "convlab-field", role: "group", "aria-label": "Compare with" },
      element("span", { "aria-hidden": "true" }, "Compare with"), chips),
    update(/** @type {any} */ state) {
      const current = catalog.get(state.model);
      const others = [...catalog.values()].filter((model) =>
        model.name !== state.model && haveSameClasses(model, current));
      const key = JSON.stringify([state.model, state.models, others.length]);
      if (key === built) return;
      built = key;
      const focused = [...chips.children].findIndex((chip) => chip === document.activeElement);
      for (const undo of forget.splice(0)) undo();
      chips.replaceChildren(...others.map((model) => createChip(model, state)));
      chips.children[focused]?.focus();
      chips.parentElement?.classList.toggle("convlab-hidden", others.length === 0);
    },
  };
}

/** @param {any} model */
function describe({ parameters, accuracy, server_only: serverOnly }) {
  const parts = [`${Number(parameters ?? 0).toLocaleString("en-US")} parameters`];
  if (typeof accuracy === "number") parts.push(`accuracy ${(100 * accuracy).toFixed(2)}%`);
  if (serverOnly) parts.push(serverOnly);
  return parts.join(" · ");
}

/**
 * Look into a network. A drawing says nothing to a network for photographs: it gets a sample.
 *
 * @param {any} context
 * @param {any} chosen
 */
function chooseModel({ store, source, catalog }, chosen) {
  const { models, input } = store.state;
  const kept = models.filter((/** @type {string} */ name) =>
    haveSameClasses(catalog.get(name), chosen));
  const { name } = chosen;
  store.dispatch({ type: "models", models: withModel(kept, name), model: name });
  const from = input.kind === "sample" ? catalog.get(input.model) : null;
  const fits = from ? haveSameClasses(from, chosen) : chosen.mnist_style || input.kind === "image";
  if (fits) return;
  if (chosen.mnist_style) store.dispatch({ type: "input", input: { kind: "example" } });
  else if (source.abilities.has("samples")) {
    store.dispatch({ type: "input", input: firstSample(name) });
  }
}
