// @ts-check
/** The training room: panels that share one session. It begins when it is opened. */

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

/** @param {any} context */
export function createTraining(context) {
  const session = new Session(context);
  const panels = PANELS.map((create) => create(context, session));
  const room = element("div", { class: "convlab-room" }, panels.map((panel) => panel.element));
  return {
    element: room,
    /** @param {any} state */
    update(state) {
      room.hidden = !context.source.abilities.has("training");
      if (room.hidden) return;
      if (state.choices.room === "open" && !session.isOpen) session.open();
      for (const panel of panels) panel.update(state);
    },
    dispose() {
      session.dispose();
      for (const panel of panels) panel.dispose();
    },
  };
}
