// @ts-check
// Which of the source's models are compared, and which one is looked into.

import { fitOf } from "./engine/fitting.js";

const MOST = 4; // networks side by side
const USUAL = 3;

/** @param {any} model @param {any} other @returns {boolean} */
export function haveSameClasses(model, other) {
  return Boolean(model && other) && model.classes.join("\n") === other.classes.join("\n");
}

/**
 * Return which networks are compared and looked into: those of the address that exist, else the
 * first three that read digits, of which the smallest is looked into.
 *
 * @param {any[]} catalog
 * @param {{models: string[], model: string}} wanted
 */
export function chooseModels(catalog, wanted) {
  const named = (/** @type {string} */ name) => catalog.find((model) => model.name === name);
  const asked = named(wanted.model) ?? wanted.models.map(named).find(Boolean);
  const first = asked ?? catalog.find((model) => model.mnist_style) ?? catalog[0];
  if (!first) return { models: [], model: "" };
  const alike = catalog.filter((model) => haveSameClasses(model, first));
  const chosen = alike.filter((model) => wanted.models.includes(model.name));
  const models = (chosen.length ? chosen : alike.slice(0, USUAL)).slice(0, MOST);
  const smallest = [...models].sort((a, b) => a.parameters - b.parameters)[0];
  const model = (asked ?? smallest).name;
  return { models: withModel(models.map(({ name }) => name), model), model };
}

/**
 * Return the networks that are compared with one at first.
 *
 * @param {any[]} catalog
 * @param {any} model
 * @returns {string[]}
 */
export function usualModels(catalog, model) {
  return catalog.filter((other) => haveSameClasses(other, model)).slice(0, USUAL).map(({ name }) => name);
}

/**
 * Return the compared networks with another one among them.
 *
 * @param {string[]} models
 * @param {string} model
 */
export function withModel(models, model) {
  return models.includes(model) ? models : [model, ...models].slice(0, MOST);
}

/** @param {string[]} models @param {string} name @param {string} model Stays. */
export function withToggled(models, name, model) {
  if (name === model) return models;
  const others = models.filter((other) => other !== name);
  if (others.length < models.length) return others;
  const kept = others.length < MOST ? others : others.filter((other) => other === model)
    .concat(others.filter((other) => other !== model).slice(-(MOST - 2)));
  return [...kept, name];
}

/** @param {string} model @returns {any} the input that shows the first sample of its data */
export function firstSample(model) {
  return { kind: "sample", model, order: "first", seed: 0, index: 0, label: null };
}

/** @param {any} described @returns {boolean} */
export function readsDigits({ mnist_style: mnistStyle, image }) {
  return mnistStyle && image.channels === 1;
}

/** What the pixels of an image depend on, for a network. @param {any} described @returns {string} */
export function formOf(described) {
  const { height, width, channels } = described.image;
  return [readsDigits(described), height, width, channels, fitOf(described.image)].join(" ");
}

/**
 * Show the first sample in place of the example, which is a digit, to a network for photographs.
 *
 * @param {any} context
 */
export function fitExample({ store, source, catalog }) {
  const { input, model, play } = store.state;
  const described = catalog.get(model);
  const fits = !described || described.mnist_style || input.kind !== "example";
  if (fits || !source.abilities.has("samples")) return;
  store.dispatch({ type: "input", input: firstSample(model) });
  store.dispatch({ type: "play", play }); // of the address
}
