// @ts-check
/** The reason why something that was asked for did not happen. */

import { element, setText } from "../element.js";

/**
 * @returns {{element: HTMLElement, attempt: (action: () => Promise<any>) => Promise<any>}} `attempt`
 *   returns what an action leads to, or undefined if it fails.
 */
export function createProblem() {
  const text = element("p", { class: "convlab-problem", role: "alert" });
  return {
    element: text,
    async attempt(action) {
      try {
        const found = await action();
        setText(text, "");
        return found;
      } catch (error) {
        setText(text, error instanceof Error ? error.message : String(error));
        return undefined;
      }
    },
  };
}
