// @ts-check
/** The wheel: play, pause, step, rewind, stop, and the settings that change at once. */

import { createButton, createSlider } from "../parts/controls.js";
import { element, setText } from "../element.js";
import { sayWhere } from "./run_curves.js";

const SETTINGS = [
  { name: "learning_rate", label: "Learning rate", unit: "power of ten", low: -5, high: 0, step: 0.05, digits: 2 },
  { name: "weight_decay", label: "Weight decay", unit: "", low: 0, high: 0.3, step: 0.005, digits: 3 },
  { name: "dropout", label: "Dropout", unit: "rate", low: 0, high: 0.9, step: 0.05, digits: 2 },
  { name: "strength", label: "Augmentation", unit: "times its ranges", low: 0, high: 2, step: 0.05, digits: 2 },
];
const IS_ON = ["running", "paused"];

/**
 * @param {any} context
 * @param {(command: string, values?: Record<string, any>) => Promise<any>} tell
 */
export function createRunControls(context, tell) {
  const where = element("p", { class: "convlab-run-where" });
  const problem = element("p", { class: "convlab-problem", role: "alert" });
  const steps = element("input", { type: "number", min: 1, max: 100000, value: "1", "aria-label": "Batches of a step" });
  const ask = async (/** @type {string} */ command, /** @type {Record<string, any>} */ values = {}) => {
    try {
      await tell(command, values);
      setText(problem, "");
    } catch (error) {
      setText(problem, error instanceof Error ? error.message : String(error));
    }
  };
  const play = createButton(context, "Train", () => ask(play.dataset.act ?? "play"));
  const step = createButton(context, "Step", () => ask("step", { batches: Number(steps.value) }));
  const rewind = createButton(context, "Rewind", () => ask("rewind"));
  const stop = createButton(context, "Stop", () => ask("cancel"));
  const wheel = createButton(context, "Take the wheel", () => ask("wheel", { take: wheel.dataset.act === "take" }));
  const sliders = SETTINGS.map((setting) => createSlider(context, {
    ...setting,
    onInput: (value) => ask("set", { [setting.name]: setting.name === "learning_rate" ? 10 ** value : value }),
  }));
  return {
    element: element("div", { class: "convlab-run-controls" }, where,
      element("div", { class: "convlab-field" }, play, step, steps, rewind, stop, wheel), problem,
      element("div", { class: "convlab-controls" }, sliders.map((slider) => slider.element))),
    /** @param {import("./run.js").Run} run @param {Record<string, number>} begun Settings that the run began with. */
    update(run, begun) {
      sayWhere(where, run);
      const isRunning = run.state === "running";
      play.dataset.act = isRunning ? "pause" : "play";
      setText(play, isRunning ? "Pause" : "Train");
      const mayDrive = run.wheel.yours || run.wheel.free;
      for (const button of [play, step, rewind, stop]) button.disabled = !mayDrive || !IS_ON.includes(run.state);
      step.disabled ||= isRunning;
      wheel.hidden = run.wheel.watching < 2;
      wheel.disabled = !mayDrive;
      wheel.dataset.act = run.wheel.yours ? "release" : "take";
      setText(wheel, run.wheel.yours ? "Let go of the wheel" : mayDrive ? "Take the wheel" : "Someone else steers");
      const now = { strength: 1, ...begun, ...run.settings };
      SETTINGS.forEach(({ name }, k) => {
        const value = now[/** @type {keyof typeof now} */ (name)];
        if (Number.isFinite(value)) sliders[k].show(name === "learning_rate" ? Math.log10(value) : value);
      });
    },
  };
}
