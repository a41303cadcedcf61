// @ts-check
/** The wheel: play, pause, step, rewind, stop, and the settings that change at once. */

import { createButton, createSlider } from "../parts/controls.js";
import { createProblem } from "./problem.js";
import { element, setText } from "../element.js";
import { readRecipe } from "./recipe.js";
import { startOf } from "./start.js";

const SETTINGS = [
  { name: "learning_rate", label: "Learning rate", unit: "", low: 1e-5, high: 1, step: 0.05, digits: 2, isLogarithmic: true },
  { name: "weight_decay", label: "Weight decay", unit: "", low: 0, high: 0.3, step: 0.005, digits: 3 },
  { name: "dropout", label: "Dropout", unit: "rate of all its layers", low: 0, high: 0.9, step: 0.05, digits: 2 },
  { name: "strength", label: "Augmentation", unit: "times its ranges", low: 0, high: 2, step: 0.05, digits: 2 },
];
const IS_ON = ["running", "paused"];

/** @param {any} context @param {import("./session.js").Session} session */
export function createRunControls(context, session) {
  const where = element("p", { class: "convlab-run-where", role: "status" });
  const problem = createProblem();
  const ask = (/** @type {string} */ command, /** @type {Record<string, any>} */ values = {}) =>
    problem.attempt(() => session.tell(command, values));
  /** Train further than was planned: a run of its own, which begins with these weights. */
  const goOn = async () => (await ask("start", startOf(session, true))) && ask("play");
  const steps = element("input", { type: "number", min: 1, max: 100000, value: "1", "aria-label": "Batches of a step" });
  const play = createButton(context, "Train", () => (play.dataset.act === "further" ? goOn() : ask(play.dataset.act ?? "play")), { class: "convlab-button convlab-main" });
  const step = createButton(context, "Step", () => ask("step", { batches: Number(steps.value) }));
  const rewind = createButton(context, "Rewind", () => ask("rewind"), { title: "Back to the same initial weights and settings; the curves begin again" });
  const stop = createButton(context, "Stop", () => ask("cancel"), { title: "Forget this run" });
  const wheel = createButton(context, "Take the wheel", () => ask("wheel", { take: wheel.dataset.act === "take" }));
  const sliders = SETTINGS.map((setting) => {
    const slider = createSlider(context, { ...setting, onInput: (value) => set(value) });
    const set = async (/** @type {number} */ value) => {
      const isOn = IS_ON.includes(session.run.state);
      if (isOn && await ask("set", { [setting.name]: value })) return;
      slider.forget(); // the run has ended, or refuses it
      session.refresh();
    };
    return slider;
  });
  return {
    element: element("div", { class: "convlab-run-controls" }, where,
      element("div", { class: "convlab-field" }, play, step,
        element("label", { class: "convlab-choice" }, steps, element("span", {}, "batches")), rewind, stop, wheel), problem.element,
      element("div", { class: "convlab-controls" }, sliders.map((slider) => slider.element))),
    update() {
      const { run } = session;
      setText(where, whereText(run));
      const isRunning = run.state === "running";
      const hasEnded = run.state === "ended";
      play.dataset.act = isRunning ? "pause" : hasEnded ? "further" : "play";
      setText(play, isRunning ? "Pause" : hasEnded ? "Train further" : "Train");
      play.title = hasEnded ? "As many epochs again, with these weights; the curves begin again" : "";
      const mayDrive = run.wheel.yours || run.wheel.free;
      const isOn = mayDrive && IS_ON.includes(run.state);
      stop.disabled = !isOn;
      play.disabled = !isOn && !(mayDrive && hasEnded && session.prepared !== null);
      step.disabled = !isOn || isRunning;
      rewind.disabled = !mayDrive || run.step === 0 || ![...IS_ON, "ended"].includes(run.state);
      wheel.hidden = run.wheel.watching < 2;
      wheel.disabled = !mayDrive;
      wheel.dataset.act = run.wheel.yours ? "release" : "take";
      setText(wheel, run.wheel.yours ? "Let go of the wheel" : mayDrive ? "Take the wheel" : "Someone else steers");
      const now = valuesOf(session);
      SETTINGS.forEach(({ name }, k) => {
        const value = now[name];
        const { element: control, show } = sliders[k];
        for (const field of control.querySelectorAll("input")) field.disabled = !isOn || !Number.isFinite(value);
        if (Number.isFinite(value)) show(value);
      });
    },
  };
}

/** The settings as they are now; one that the run does not have is left out. @param {import("./session.js").Session} session @returns {Record<string, number>} */
function valuesOf({ context, prepared, run, stack }) {
  const recipe = { ...prepared?.defaults, ...readRecipe(context.store.state.choices.recipe) };
  const dropout = stack.find(({ layer }) => layer === "Dropout");
  return {
    learning_rate: recipe.learning_rate, weight_decay: recipe.weight_decay,
    ...(dropout && { dropout: dropout.rate ?? run.kinds.Dropout?.arguments.rate.default }),
    ...(recipe.augment !== "none" && { strength: 1 }), ...run.settings,
  };
}

/** @param {import("./run.js").Run} run */
function whereText({ network, step, state, problem, progress }) {
  if (progress) return progress.total > 0 ? `${progress.task}: ${Math.round(100 * progress.done / progress.total)}%` : `${progress.task} …`;
  const words = { starting: "Starting Keras …", loading: "Loading images …", idle: "No network yet: choose images and layers above, and build one.", failed: problem, saving: "Saving the best epoch …" };
  if (state in words) return words[/** @type {keyof typeof words} */ (state)];
  if (!network) return "";
  const epoch = Math.min(network.epochs, Math.max(1, Math.ceil(step / network.batches)));
  const ends = { paused: step === 0 ? ", paused: press Train" : ", paused", ended: ", finished" };
  const end = ends[/** @type {keyof typeof ends} */ (state)] ?? "";
  return `Step ${step.toLocaleString("en")}, epoch ${epoch} of ${network.epochs}${end}. ${network.parameters.toLocaleString("en")} parameters.`;
}
