// @ts-check
/** What is kept of a run: a model folder, Python, a page of its own, a link. */

import { copyText, createAction } from "../parts/action.js";
import { createButton } from "../parts/controls.js";
import { createPanel } from "../parts/panel.js";
import { createProblem } from "./problem.js";
import { element, setText } from "../element.js";
import { saveFile } from "../draw/save.js";

const WORDS = {
  name: "keep", title: "Keep it",
  term: "A saved model is a folder like any other: with its card, its history, and the Python that makes its network. It joins the networks of this page at once. Training goes on from the end of the last epoch.",
};

/** @param {any} context @param {import("./session.js").Session} session */
export function createKeepPanel(context, session) {
  const { source, announce } = context;
  const name = element("input", { type: "text", "aria-label": "Name of the model", placeholder: "name of the model", spellcheck: false, autocomplete: "off" });
  const problem = createProblem();
  const done = element("p", { class: "convlab-note", role: "status" });
  let saved = "";
  const save = createButton(context, "Save the best epoch", () => problem.attempt(async () => {
    const kept = await session.tell("save", { name: name.value.trim() });
    saved = kept.name;
    setText(done, savedText(kept));
    for (const model of await source.models()) if (!context.catalog.has(model.name)) context.catalog.set(model.name, model);
    session.refresh();
  }), { class: "convlab-button convlab-main" });
  context.listen(name, "keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && save.click());
  const page = createAction(announce, "Download as one HTML file", async () => {
    const content = await problem.attempt(() => source.page(saved));
    if (!content) throw new Error("There is no page.");
    saveFile(`${saved}.html`, content, "text/html");
    return "Saved";
  }, { what: "the page of the model" });
  const python = createAction(announce, "Download the network in Python", () => {
    saveFile("network.py", session.python, "text/x-python");
    return "Saved";
  }, { what: "the network in Python" });
  const link = createAction(announce, "Copy a link to this network and its settings", () => copyText(context.link()), { what: "the link", hidden: !context.link });
  const panel = createPanel(context, WORDS, element("div", { class: "convlab-field" }, name, save, page), problem.element, done,
    element("div", { class: "convlab-field" }, python, link));
  return {
    ...panel,
    update() {
      const { run } = session;
      panel.element.hidden = run.network === null;
      save.disabled = run.rows.length === 0 || !(run.wheel.yours || run.wheel.free);
      panel.say(run.rows.length === 0 ? "It can be saved after the first epoch." : "");
      page.hidden = saved === "";
      python.disabled = session.python === "";
    },
  };
}

/** @param {any} kept */
function savedText({ name, epoch, accuracy }) {
  return `Saved as ${name}: the weights after epoch ${epoch}, which classify ${(100 * accuracy).toFixed(1)}% of the validation images correctly. In the terminal: python -m app predict ${name} photo.jpg`;
}
