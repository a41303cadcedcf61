// @ts-check
/** Lecture mode: prepared steps that drive the page. Space or Page Down goes on, Page Up goes back, Escape ends. */

import { LESSONS, readLesson } from "../play/lesson.js";
import { createButton } from "./controls.js";
import { decode } from "../state.js";
import { element, setText } from "../element.js";
import { withModel } from "../catalog.js";

const INTERACTIVE = "input, select, textarea, button, a[href], summary, [contenteditable], [role='listbox'], [role='application'], [role='grid']";
const YOURS = "yours";

/** @param {any} context */
export function createLecture(context) {
  return new Lecture(context);
}

class Lecture {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.lessons = { ...LESSONS };
    this.start = createButton(context, "Lecture", () => this.go("lecture", 0), { title: "A prepared walk through the lecture on this page" });
    this.file = element("input", { type: "file", accept: "application/json,.json", class: "convlab-unseen", tabIndex: -1, "aria-hidden": "true" });
    context.listen(this.file, "change", () => this.open());
    const choose = createButton(context, "Lesson…", () => this.file.click(), { title: "Open a lesson of your own: a JSON list of steps with title, text, see, state, look" });
    this.element = element("div", { class: "convlab-lecture" }, this.start, choose, this.file);
    this.title = element("h2");
    this.text = element("p", { class: "convlab-lesson-text" });
    this.see = element("p", { class: "convlab-lesson-see" });
    this.steps = element("select", { class: "convlab-select", "aria-label": "Step of the lesson" });
    context.listen(this.steps, "change", () => this.go(this.name, 2 * Number(this.steps.value)));
    this.next = createButton(context, "Next", () => this.move(1), { "aria-keyshortcuts": "Space PageDown" });
    this.bar = element("section", { class: "convlab-lesson", "aria-label": "Lesson", hidden: true, "data-part": "lesson" },
      element("header", {}, this.title, this.steps),
      element("div", { class: "convlab-lesson-words", "aria-live": "polite" }, this.text, this.see),
      element("footer", { class: "convlab-row" }, createButton(context, "Back", () => this.move(-1), { "aria-keyshortcuts": "PageUp" }), this.next,
        element("small", { class: "convlab-note" }, "Space goes on, Page Up goes back, Esc ends."),
        createButton(context, "End", () => this.end())));
    context.frame.append(this.bar);
    context.listen(context.root.ownerDocument, "keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
    this.shown = "";
  }

  async open() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    try {
      this.lessons[YOURS] = readLesson(await file.text());
      this.go(YOURS, 0);
    } catch (error) {
      this.context.announce(/** @type {Error} */ (error).message);
    }
  }

  get lesson() {
    return this.context.store.state.lesson;
  }

  get name() {
    return this.lesson?.name ?? "lecture";
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    const outside = !this.context.root.contains(target) && target !== this.context.root.ownerDocument.body;
    if (!this.lesson || outside || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const inBar = this.bar.contains(target);
    const busy = target.matches(INTERACTIVE) && !(inBar && target.matches("section"));
    if (event.key === "PageDown" && !target.matches("[role='grid']")) this.move(1);
    else if (event.key === "PageUp" && !target.matches("[role='grid']")) this.move(-1);
    else if (event.key === " " && !busy) this.move(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && (inBar || !this.context.store.state.pin)) this.end();
    else return;
    event.preventDefault();
  }

  /** @param {number} by Half a step: the text, then the page. */
  move(by) {
    const to = this.lesson.step + by;
    if (to < 0) return;
    if (to >= 2 * this.lessons[this.name].length) this.end();
    else this.go(this.name, to);
  }

  /** @param {string} name @param {number} step Twice the number of the step, and one more once the page has followed. */
  go(name, step) {
    const { store } = this.context;
    const lesson = { name, step };
    if (step % 2 === 1) store.dispatch({ type: "restore", state: { ...this.stateOf(this.lessons[name][(step - 1) / 2]), lesson } });
    else store.dispatch({ type: "lesson", lesson });
    this.look = true;
  }

  /** The state of a step, with the networks that are there. @param {import("../play/lesson.js").LessonStep} step */
  stateOf({ state: text }) {
    const { catalog, store } = this.context;
    const state = decode(text);
    const model = catalog.has(state.model) ? state.model : store.state.model;
    const wanted = state.models.filter((name) => catalog.has(name));
    const models = wanted.length > 0 ? wanted : store.state.models;
    return { ...state, model, models: withModel(models, model), hide: store.state.hide };
  }

  end() {
    this.spot(null);
    this.context.store.dispatch({ type: "lesson", lesson: null });
    this.start.focus({ preventScroll: true });
  }

  /** @param {any} state */
  update(state) {
    const steps = state.lesson && this.lessons[state.lesson.name];
    const active = Boolean(steps) && state.lesson.step < 2 * steps.length;
    this.bar.hidden = !active;
    this.context.root.classList.toggle("convlab-in-lesson", active);
    this.start.hidden = active;
    const key = active ? `${state.lesson.name}:${state.lesson.step}` : "";
    if (key === this.shown) return;
    const opened = this.shown === "";
    this.shown = key;
    if (!active) return;
    const number = Math.floor(state.lesson.step / 2);
    const acted = state.lesson.step % 2 === 1;
    const step = steps[number];
    this.fillSteps(steps);
    this.steps.value = String(number);
    setText(this.title, step.title);
    setText(this.text, step.text);
    setText(this.see, acted ? step.see : "");
    setText(this.next, acted ? (number + 1 < steps.length ? "Next" : "End of the lesson") : "Show it");
    this.spot(acted ? step.look : null);
    if (opened || this.bar.contains(this.bar.ownerDocument.activeElement)) this.next.focus({ preventScroll: true });
  }

  /** @param {import("../play/lesson.js").LessonStep[]} steps */
  fillSteps(steps) {
    if (this.filled === steps) return;
    this.filled = steps;
    this.steps.replaceChildren(...steps.map(({ title }, index) => element("option", { value: index }, `${index + 1} of ${steps.length}: ${title}`)));
  }

  /** Show a part and bring it into view. @param {string | null} look */
  spot(look) {
    this.spotted?.classList.remove("convlab-spot");
    this.spotted = look && this.context.root.querySelector(`.convlab-${CSS.escape(look)}`);
    if (!this.spotted) return;
    this.spotted.classList.add("convlab-spot");
    if (!this.look) return;
    this.look = false;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // A card that stays in sight beside the network: the network is what is scrolled to.
    const aside = getComputedStyle(this.spotted).position === "sticky";
    const target = (aside && this.context.root.querySelector(".convlab-columns")) || this.spotted;
    target.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
  }

  dispose() {
    this.context.root.classList.remove("convlab-in-lesson");
    this.bar.remove();
  }
}
