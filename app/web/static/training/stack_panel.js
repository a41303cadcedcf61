// @ts-check
/** Images, layers and settings: what is about to be built. */

import { createButton } from "../parts/controls.js";
import { createDataChoice } from "./data_choice.js";
import { createGathering } from "./gathering.js";
import { createPanel } from "../parts/panel.js";
import { createProblem } from "./problem.js";
import { createRecipeFields } from "./recipe_fields.js";
import { createStackEditor } from "./stack_editor.js";
import { element, setText } from "../element.js";
import { startOf } from "./start.js";

const WORDS = {
  name: "training", title: "Train a network",
  term: "Choose images, stack layers, and watch the weights change. A window of side F that moves by S over an input of side W with P zeros at each edge gives (W − F + 2P) / S + 1 values.",
};

/** @param {any} context @param {import("./session.js").Session} session */
export function createStackPanel(context, session) {
  const open = createButton(context, "Begin", () => session.choose("training", "open"));
  const data = createDataChoice(context, session);
  const gathering = createGathering(context, session, data.choose);
  const presets = element("select", { "aria-label": "Network to begin with" });
  context.listen(presets, "change", () => {
    if (presets.value) session.change(session.prepared.presets[presets.value]);
  });
  const stack = createStackEditor(context, (changed) => session.change(changed));
  const code = element("code");
  const python = element("details", { class: "convlab-fold" }, element("summary", {}, "The network in Python"),
    element("pre", { class: "convlab-code", tabIndex: 0, role: "group", "aria-label": "The network in Python" }, code));
  const recipe = createRecipeFields(context, session);
  const problem = createProblem();
  const kept = element("p", { class: "convlab-note", role: "status" });
  const start = (/** @type {boolean} */ keep) => problem.attempt(async () => {
    const answer = await session.tell("start", startOf(session, keep));
    if (keep) setText(kept, keptText(answer.kept ?? []));
    else setText(kept, "");
    context.scrolling.to("run");
  });
  const build = createButton(context, "Build the network", () => start(false), { class: "convlab-button convlab-main" });
  const keep = createButton(context, "Build, and keep weights that fit", () => start(true));
  const further = element("div", { class: "convlab-group", hidden: true },
    element("h3", { class: "convlab-heading" }, "Layers"),
    element("label", { class: "convlab-choice" }, element("span", {}, "Begin with"), presets), stack.element, python,
    element("h3", { class: "convlab-heading" }, "Settings"), recipe.element,
    element("div", { class: "convlab-field" }, build, keep), kept, problem.element);
  const inside = element("div", { class: "convlab-group" }, element("h3", { class: "convlab-heading" }, "Images"), data.element, gathering.element, further);
  const panel = createPanel(context, WORDS, open, inside);
  let offered = "";
  return {
    ...panel,
    /** @param {any} state */
    update(state) {
      open.hidden = session.isOpen;
      inside.hidden = !session.isOpen;
      if (!session.isOpen) return;
      panel.say(session.isConnected ? "" : "Connecting to the server …");
      data.update(state);
      gathering.update();
      further.hidden = session.prepared === null;
      if (session.prepared === null) return;
      const names = Object.keys(session.prepared.presets);
      if (names.join() !== offered) {
        offered = names.join();
        presets.replaceChildren(element("option", { value: "" }, "…"), ...names.map((name) => element("option", { value: name }, name)));
      }
      stack.update(session.stack, session.run.kinds, session.rows, session.sizeProblem);
      setText(code, session.python);
      recipe.update(state);
      const { yours, free } = session.run.wheel;
      build.disabled = keep.disabled = !(yours || free) || Boolean(session.sizeProblem) || session.rows.some(({ problem: reason }) => reason);
      keep.hidden = session.run.network === null;
    },
    dispose() {
      gathering.dispose();
      panel.dispose();
    },
  };
}

/** @param {string[]} names */
function keptText(names) {
  return names.length ? `Layers of the network before, whose weights are kept where their shapes agree: ${names.join(", ")}.` : "No weights could be kept.";
}
