// @ts-check
// The focus stays where it can be seen: a control that goes away while it has the focus passes it on.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/**
 * Pass the focus on when the control that has it is hidden, disabled or removed.
 *
 * @param {HTMLElement} root
 * @param {(target: any, type: string, handler: (event: any) => void) => void} listen
 * @returns {() => void} To be called after each change of the page.
 */
export function keepFocus(root, listen) {
  /** @type {HTMLElement[]} What has the focus, and what it lies in up to the root. */
  let path = [];
  const check = () => {
    const { activeElement, body } = root.ownerDocument;
    const isLost = activeElement === body || activeElement === path[0];
    if (path.length === 0 || !isLost || isReachable(path[0])) return;
    heirOf(path)?.focus({ preventScroll: true });
  };
  listen(root, "focusin", ({ target }) => { path = pathOf(target, root); });
  listen(root, "focusout", ({ target }) => {
    if (isReachable(target)) path = []; // its user has gone elsewhere
  });
  listen(root, "click", check);
  return check;
}

/**
 * Focus an element, and scroll to it only if nothing of it is in sight.
 *
 * @param {HTMLElement} element
 */
export function focusInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  const { clientHeight } = element.ownerDocument.documentElement;
  element.focus({ preventScroll: bottom > 0 && top < clientHeight });
}

/** @param {HTMLElement} element @param {HTMLElement} root */
function pathOf(element, root) {
  const path = [element];
  for (let at = element; at !== root && at.parentElement; at = at.parentElement) {
    path.push(at.parentElement);
  }
  return path;
}

/** @param {any} element */
function isReachable(element) {
  return element.isConnected && !element.disabled && element.getClientRects().length > 0;
}

/**
 * The control after the one that has gone, else the one before it, as near to it as there is one.
 *
 * @param {HTMLElement[]} path
 * @returns {HTMLElement | undefined}
 */
function heirOf([gone, ...around]) {
  for (const place of around) {
    const controls = /** @type {HTMLElement[]} */ ([...place.querySelectorAll(FOCUSABLE)])
      .filter((control) => control.tabIndex >= 0 && isReachable(control));
    const isAfter = (/** @type {HTMLElement} */ control) =>
      gone.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING;
    const heir = controls.find(isAfter) ?? controls[controls.length - 1];
    if (place.isConnected && heir) return heir;
  }
  return undefined;
}
