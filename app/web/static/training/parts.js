// @ts-check
/** The training section: panels that share one session. It begins when it is opened. */

import { createEntry } from "./entry.js";
import { createHardestPanel } from "./hardest_panel.js";
import { createHistoryPanel } from "./history_panel.js";
import { createKeepPanel } from "./keep_panel.js";
import { createLayersPanel } from "./layers_panel.js";
import { createRunPanel } from "./run_panel.js";
import { createStackPanel } from "./stack_panel.js";
import { createValidationPanel } from "./validation_panel.js";
import { element } from "../element.js";
import { Session } from "./session.js";

const PANELS = [
  createStackPanel, createRunPanel, createHistoryPanel, createValidationPanel, createLayersPanel, createHardestPanel, createKeepPanel,
];

/** The parts of the page in which a network trains: what leads to the section from above, and the section. */
export function trainingParts() {
  /** @type {Session | null} */
  let session = null;
  const sessionOf = (/** @type {any} */ context) => (session ??= new Session(context));
  return [
    { name: "train", area: "header", after: "intro", create: (/** @type {any} */ context) => createEntry(context, sessionOf(context)) },
    { name: "training", area: "below", create: (/** @type {any} */ context) => createSection(context, sessionOf(context)) },
  ];
}

/** @param {any} context @param {Session} session */
function createSection(context, session) {
  const panels = PANELS.map((create) => create(context, session));
  const section = element("div", { class: "convlab-training" }, panels.map((panel) => panel.element));
  return {
    element: section,
    /** @param {any} state */
    update(state) {
      section.hidden = !context.source.abilities.has("training");
      if (section.hidden) return;
      if (state.choices.training === "open" && !session.isOpen) session.open();
      for (const panel of panels) panel.update(state);
    },
    dispose() {
      session.dispose();
      for (const panel of panels) panel.dispose();
    },
  };
}
