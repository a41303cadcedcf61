// @ts-check
/** Lecture mode: prepared steps that drive the page, by buttons or keys. */

import { LESSONS, readLesson } from "../play/lesson.js";
import { createButton } from "./controls.js";
import { createLessonPanel } from "./lesson_panel.js";
import { decode, initialState } from "../state.js";
import { element } from "../element.js";
import { withModel } from "../catalog.js";

const YOURS = "yours";
/** @type {Record<string, number>} */
const KEYS = { " ": 1, ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const TAKES_ALL = "input, select, textarea, [contenteditable], [role='listbox'], [role='application'], [role='grid']";
const TAKES_SPACE = "button, a[href], summary";

/** @param {any} context */
export function createLecture(context) {
  return new Lecture(context);
}

class Lecture {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    /** @type {Record<string, import("../play/lesson.js").LessonStep[]>} */
    this.lessons = { ...LESSONS };
    this.start = createButton(context, "Start lecture", () => this.go("lecture", 0), { title: "Go through the lecture step by step on this page" });
    const file = element("input", { type: "file", accept: "application/json,.json", class: "convlab-unseen", tabIndex: -1, "aria-hidden": "true" });
    context.listen(file, "change", () => this.open(file));
    const open = createButton(context, "Open a lesson file", () => file.click(), { title: "A lesson of your own: a JSON list of steps, each with title, text, see, state and look" });
    this.element = element("div", { class: "convlab-lecture" }, this.start);
    this.panel = createLessonPanel(context, [open, file], {
      go: (number) => this.go(this.current.name, 2 * number),
      move: (by) => this.move(by),
      end: () => this.end(),
    });
    context.frame.append(this.panel.element);
    context.listen(this.panel.element, "keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // the pinned cell stays
      this.end();
    });
    context.listen(context.root.ownerDocument, "keydown", (/** @type {KeyboardEvent} */ event) => this.press(event));
    this.shown = "";
    /** @type {any} The state before the lesson; null for one that an address began. */
    this.before = null;
  }

  /** @param {HTMLInputElement} field */
  async open(field) {
    const file = field.files?.[0];
    if (!file) return;
    try {
      this.lessons[YOURS] = readLesson(await file.text());
      this.go(YOURS, 0);
    } catch (error) {
      this.context.announce(/** @type {Error} */ (error).message);
    }
    field.value = "";
  }

  /** The lesson of the state: `step` is twice its number, and one more once the page has followed its text. */
  get current() {
    const { name, step } = this.context.store.state.lesson ?? { name: "", step: 0 };
    const steps = Object.hasOwn(this.lessons, name) ? this.lessons[name] : [];
    return { name, step, steps, number: Math.floor(step / 2), isShown: step % 2 === 1, isActive: step < 2 * steps.length };
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    const isOutside = !this.context.root.contains(target) && target !== this.context.root.ownerDocument.body;
    if (!this.current.isActive || isOutside || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const isTaken = target.matches(TAKES_ALL) || (event.key === " " && target.matches(TAKES_SPACE));
    if (Object.hasOwn(KEYS, event.key) && !isTaken) this.move(event.key === " " && event.shiftKey ? -1 : KEYS[event.key]);
    else if (event.key === "Escape" && !this.context.store.state.pin) this.end();
    else return;
    event.preventDefault();
  }

  /** @param {number} by Half a step: the text, then the page. */
  move(by) {
    const { name, step, steps } = this.current;
    if (step + by >= 2 * steps.length) this.end();
    else if (step + by >= 0) this.go(name, step + by);
  }

  /** @param {string} name @param {number} step As in the state. */
  go(name, step) {
    const lesson = { name, step };
    if (!this.current.isActive) this.before = this.context.store.state;
    const state = step % 2 === 1 ? this.stateOf(this.lessons[name][(step - 1) / 2]) : null;
    this.context.store.dispatch(state ? { type: "restore", state: { ...state, lesson } } : { type: "lesson", lesson });
  }

  /** The state of a step, with the networks that are there. @param {import("../play/lesson.js").LessonStep} step */
  stateOf({ state: text, look }) {
    const { catalog, store } = this.context;
    const state = decode(text);
    const model = catalog.has(state.model) ? state.model : store.state.model;
    const wanted = state.models.filter((name) => catalog.has(name));
    const models = wanted.length > 0 ? wanted : this.before?.models ?? store.state.models;
    return { ...state, model, models: withModel(models, model), hide: store.state.hide, at: look };
  }

  /** End the lesson, and show what was shown before it. */
  end() {
    const { store } = this.context;
    const { models, model, input, hide, at } = store.state;
    const state = this.before ?? { ...initialState(), models, model, input };
    store.dispatch({ type: "restore", state: { ...state, hide, at, lesson: null } });
  }

  update() {
    const { name, step, steps, number, isShown, isActive } = this.current;
    const key = isActive ? `${name} ${step}` : "";
    if (key === this.shown) return;
    const { root, scrolling } = this.context;
    const hasOpened = this.shown === "";
    this.shown = key;
    const hasFocus = this.panel.element.contains(root.ownerDocument.activeElement);
    this.panel.element.hidden = !isActive;
    root.classList.toggle("convlab-in-lesson", isActive);
    this.start.hidden = isActive;
    root.querySelector(".convlab-spot")?.classList.remove("convlab-spot");
    if (!isActive && hasFocus) this.start.focus({ preventScroll: true });
    if (!isActive) this.before = null;
    if (!isActive) return;
    this.panel.update(steps, number, isShown);
    if (hasOpened || hasFocus) this.panel.next.focus({ preventScroll: true });
    if (!isShown) return;
    root.querySelector(`[data-part="${CSS.escape(steps[number].look)}"]`)?.classList.add("convlab-spot");
    scrolling.to(steps[number].look);
  }

  dispose() {
    this.context.root.classList.remove("convlab-in-lesson");
  }
}
