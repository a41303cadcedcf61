// @ts-check
/** At the top of the page: the way to the training section, and the run in sight of the drawing. */

import { createButton } from "../parts/controls.js";
import { element, setText } from "../element.js";

/** @param {any} context @param {import("./session.js").Session} session */
export function createEntry(context, session) {
  const where = element("span", { class: "convlab-note" });
  const play = createButton(context, "Pause", () => session.tell(play.dataset.act ?? "pause").catch(() => session.refresh()));
  const open = createButton(context, "Train a network", () => {
    session.choose("training", "open");
    context.scrolling.to(session.run.network ? "run" : "training");
  });
  const whole = element("div", { class: "convlab-entry" }, where, play, open);
  return {
    element: whole,
    update() {
      whole.hidden = !context.source.abilities.has("training");
      const { run } = session;
      const isOn = ["running", "paused"].includes(run.state);
      where.hidden = !isOn;
      play.hidden = !isOn || !(run.wheel.yours || run.wheel.free);
      if (!isOn) return;
      const loss = run.points.loss[run.points.loss.length - 1];
      setText(where, `Step ${run.step.toLocaleString("en")}${loss === undefined ? "" : `, loss ${loss.toPrecision(3)}`}`);
      play.dataset.act = run.state === "running" ? "pause" : "play";
      setText(play, run.state === "running" ? "Pause training" : "Go on training");
    },
    dispose() {},
  };
}
