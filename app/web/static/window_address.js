// @ts-check
// The page in a window of its own: its state is in the window's address.

import { decode } from "./state.js";
import { fitExample } from "./catalog.js";
import { REST } from "./rest.js";
import { mount } from "./mount.js";

/**
 * Show the page. A followed pin and another network are steps, which the browser's Back undoes;
 * going back, or another address, shows that state.
 *
 * @param {HTMLElement} root
 * @param {any} source
 * @param {Window} window
 * @param {any[]} [parts] More parts, see `mount`.
 */
export function showInWindow(root, source, window, parts = []) {
  const { history, location } = window;
  /** @type {Map<string, any>} States of the steps of this visit, with images that no address holds. */
  const states = new Map();
  const newStep = () => `${performance.timeOrigin} ${states.size}`;
  let step = newStep();
  let address = location.href;
  let timer = 0;
  const write = () => history.replaceState(step, "", address);
  const { store, context } = mount(root, source, {
    text: location.hash,
    onAddress(text) {
      clearTimeout(timer);
      const next = new URL(`#${text}`, location.href).href;
      if (!isStep(states.get(step), store.state)) {
        address = next;
        timer = window.setTimeout(write, REST);
        return;
      }
      write();
      [step, address] = [newStep(), next];
      history.pushState(step, "", address);
    },
    link: () => address,
    parts,
  });
  states.set(step, store.state);
  store.subscribe((/** @type {any} */ state) => states.set(step, state)); // after the page's own part
  window.addEventListener("popstate", ({ state: key }) => {
    clearTimeout(timer);
    address = location.href;
    const state = states.get(key) ?? decode(location.hash);
    step = states.has(key) ? key : newStep();
    states.set(step, state);
    store.dispatch({ type: "restore", state });
    fitExample(context);
  });
}

/**
 * Whether a state is a step behind another one: a pin was followed, or another network was chosen.
 *
 * @param {any} before
 * @param {any} after
 */
function isStep(before, after) {
  const isFollowed = after.trail !== before.trail && after.trail[after.trail.length - 1] === before.pin;
  const isOther = before.model !== "" && after.model !== before.model && after.lesson?.step === before.lesson?.step;
  return (before.pin !== null && isFollowed) || isOther;
}
