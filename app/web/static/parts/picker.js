// @ts-check
// Which network is looked into, and which ones are compared with it.

import { UNCHANGED } from "../play/changes.js";
import { element, setText } from "../element.js";
import { firstSample, haveSameClasses, usualModels, withModel, withToggled } from "../catalog.js";

/**
 * Return the picker.
 *
 * @param {any} context
 */
export function createPicker(context) {
  const { listen, catalog, refused } = context;
  const select = element("select", { class: "convlab-select" });
  const chips = createChips(context);
  const note = element("p", { class: "convlab-note", role: "status" });
  let built = 0;
  const choose = createChoice(context);
  listen(select, "change", () => choose(catalog.get(select.value)));
  return {
    element: element("div", { class: "convlab-picker" },
      element("label", { class: "convlab-field" }, "Network", select), chips.element, note),
    update(/** @type {any} */ state) {
      if (catalog.size !== built) {
        const options = [...catalog.keys()].map((name) => element("option", { value: name }, name));
        select.replaceChildren(...options);
        built = catalog.size;
      }
      setText(note, [...refused].map(([name, reason]) => `${name} cannot be opened: ${reason}`).join(" "));
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
 * Return how a network is chosen. What was compared and shown before comes back when a network with the same classes
 * is chosen again; a drawing says nothing to a network for photographs, which gets a sample.
 *
 * @param {any} context
 * @returns {(chosen: any) => void}
 */
export function createChoice({ store, source, catalog }) {
  /** @type {Map<string, {models: string[], input: any}>} By classes. */
  const before = new Map();
  const classesOf = (/** @type {string} */ name) => (catalog.get(name)?.classes ?? []).join("\n");
  return (chosen) => {
    const { models, model, input } = store.state;
    const { name } = chosen;
    if (haveSameClasses(catalog.get(model), chosen)) return store.dispatch({ type: "models", models: withModel(models, name), model: name });
    before.set(classesOf(model), { models, input });
    const found = before.get(classesOf(name));
    const alike = usualModels([...catalog.values()], chosen);
    store.dispatch({ type: "models", models: withModel(found?.models ?? alike, name), model: name });
    store.dispatch({ type: "play", play: UNCHANGED });
    if (input.kind === "image") return; // says something to every network
    if (found) store.dispatch({ type: "input", input: found.input });
    else if (chosen.mnist_style) store.dispatch({ type: "input", input: { kind: "example" } });
    else if (source.abilities.has("samples")) store.dispatch({ type: "input", input: firstSample(name) });
  };
}
