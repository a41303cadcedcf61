// @ts-check
/** A button that says for a moment what it has done: "Copied", "Saved". */

import { element, setStyle, setText } from "../element.js";

const PAUSE = 1800; // milliseconds

/**
 * Return a button.
 *
 * @param {(text: string) => void} announce Told what was done, for those who do not see the button.
 * @param {string} label What the button does.
 * @param {() => string | Promise<string>} act Returns what was done, in a word; throws a reason.
 * @param {Record<string, any>} [properties] With `what` was copied or saved, for `announce`.
 * @returns {HTMLButtonElement}
 */
export function createAction(announce, label, act, { what = "", ...properties } = {}) {
  const button = element("button", { type: "button", class: "convlab-button", ...properties }, label);
  button.classList.add("convlab-action"); // pictures leave it out
  let timer = 0;
  const show = (/** @type {string} */ text) => {
    setStyle(button, { "min-width": `${button.offsetWidth}px` }); // what stands beside it stays where it is
    setText(button, text);
    clearTimeout(timer);
    timer = setTimeout(() => {
      setText(button, label);
      setStyle(button, { "min-width": "" });
    }, PAUSE);
  };
  button.addEventListener("click", async () => {
    try {
      const done = await act();
      show(`${done} ✓`);
      announce(what ? `${done}: ${what}.` : `${done}.`);
    } catch (error) {
      show("Failed");
      announce(error instanceof Error ? error.message : String(error));
    }
  });
  return button;
}

/**
 * Copy a text.
 *
 * @param {string} text
 * @returns {Promise<string>} "Copied"
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    throw new Error("The browser refused to copy."); // not allowed, or not a secure page
  }
  return "Copied";
}
