// @ts-check
/** Which images a network learns: a dataset by name, or a folder with a subfolder per class. */

import { createButton } from "../parts/controls.js";
import { createProblem } from "./problem.js";
import { element, setText } from "../element.js";

/** @param {any} context @param {import("./session.js").Session} session */
export function createDataChoice(context, session) {
  const field = element("input", { type: "text", class: "convlab-path", "aria-label": "Name of a dataset, or path of a folder with a subfolder per class", placeholder: "mnist, or /path/of/a/folder", spellcheck: false, autocomplete: "off" });
  const names = element("div", { class: "convlab-field", role: "group", "aria-label": "Datasets" });
  const size = element("input", { type: "number", min: 8, max: 512, placeholder: "default", "aria-label": "Side of the images in pixels" });
  const facts = element("p", { class: "convlab-note", role: "status" });
  const problem = createProblem();
  const button = createButton(context, "Load images", () => load());
  const choose = (/** @type {string} */ name) => {
    session.choose("data", name);
    field.value = name;
    return load();
  };
  async function load() {
    const dataset = field.value.trim();
    if (!dataset) return field.focus();
    session.choose("data", dataset);
    session.choose("side", size.value);
    button.disabled = true;
    setText(facts, `Loading ${dataset} …`);
    const image_size = size.value ? { image_size: Number(size.value) } : {};
    const done = await problem.attempt(() => session.prepare({ dataset, ...image_size }).then(() => true));
    setText(facts, done ? factsOf(session.prepared) : "");
    button.disabled = false;
  }
  context.listen(field, "keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && load());
  let listed = "";
  let asked = false;
  return {
    element: element("div", { class: "convlab-data" }, names,
      element("div", { class: "convlab-field" }, field, element("label", { class: "convlab-choice" }, element("span", {}, "side in pixels"), size), button),
      facts, problem.element),
    choose,
    /** @param {any} state */
    update(state) {
      const known = session.run.names.dataset ?? [];
      if (known.join() !== listed) {
        listed = known.join();
        names.replaceChildren(...known.map((name) => createButton(context, nameOf(name, session.run.names.about), () => choose(name), { "data-name": name })));
      }
      for (const one of names.children) one.setAttribute("aria-pressed", String(one.dataset.name === state.choices.data && session.prepared !== null));
      if (asked || !session.isConnected || !known.length) return;
      asked = true;
      size.value = String(state.choices.side ?? "");
      if (state.choices.data) choose(String(state.choices.data)); // of the address
    },
  };
}

/** A dataset by name, and what it is if the name does not say it. @param {string} name @param {any} about */
function nameOf(name, about) {
  return about?.[name] ? `${name}: ${about[name]}` : name;
}

/** @param {any} prepared */
function factsOf({ dataset, counts: { train, validation }, classes, image: [height, width, channels] }) {
  return `${dataset}: ${train.toLocaleString("en")} training and ${validation.toLocaleString("en")} validation images of `
    + `${classes.length} classes, ${width}×${height}×${channels}. The test images are not used.`;
}
