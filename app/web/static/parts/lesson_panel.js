// @ts-check
/** The panel of a lesson: where it stands, the words of the step, and how to go on. */

import { createButton } from "./controls.js";
import { element, setText } from "../element.js";

/**
 * @param {any} context
 * @param {any[]} more Elements below the list of steps.
 * @param {{go: (number: number) => void, move: (by: number) => void, end: () => void}} actions
 *   `go` to a step by its number, `move` by half a step.
 */
export function createLessonPanel(context, more, { go, move, end }) {
  const count = element("summary");
  const list = element("ol");
  const contents = element("details", {}, count, list, more);
  const title = element("h2");
  const text = element("p");
  const see = element("p", { class: "convlab-lesson-see" });
  const next = createButton(context, "Show", () => move(1), { "aria-keyshortcuts": "Space ArrowRight PageDown" });
  const back = createButton(context, "Go back", () => move(-1), { "aria-keyshortcuts": "ArrowLeft PageUp" });
  const panel = element("section", { class: "convlab-lesson", "aria-label": "Lesson", hidden: true },
    contents, title, element("div", { class: "convlab-lesson-words", "aria-live": "polite" }, text, see),
    element("footer", {}, back, next, createButton(context, "End", end, { "aria-keyshortcuts": "Escape" })),
    element("p", { class: "convlab-note" }, "Space or → goes on, ← goes back, Esc ends."));
  context.listen(list, "click", (/** @type {Event} */ { target }) => {
    const button = target instanceof Element ? target.closest("button") : null;
    if (button) go(Number(button.dataset.step));
  });
  /** @type {any[]} */
  let listed = [];
  return {
    element: panel,
    next,
    /**
     * @param {import("../play/lesson.js").LessonStep[]} steps
     * @param {number} number
     * @param {boolean} isShown Whether the page has followed the text.
     */
    update(steps, number, isShown) {
      if (listed !== steps) list.replaceChildren(...steps.map(createEntry));
      listed = steps;
      contents.open = false;
      [...list.children].forEach((entry, k) => setCurrent(entry.firstElementChild, k === number));
      setText(count, `Step ${number + 1} of ${steps.length}`);
      setText(title, steps[number].title);
      setText(text, steps[number].text);
      setText(see, isShown ? steps[number].see : "");
      setText(next, !isShown ? "Show" : number + 1 < steps.length ? "Go on" : "Finish");
      back.disabled = number === 0 && !isShown;
      panel.scrollTop = 0;
    },
  };
}

/** @param {import("../play/lesson.js").LessonStep} step @param {number} k */
function createEntry({ title }, k) {
  return element("li", {}, element("button", { type: "button", class: "convlab-lesson-step", "data-step": k },
    element("span", {}, k + 1), element("span", {}, title)));
}

/** @param {any} button @param {boolean} isCurrent */
function setCurrent(button, isCurrent) {
  if (isCurrent) button.setAttribute("aria-current", "step");
  else button.removeAttribute("aria-current");
}
